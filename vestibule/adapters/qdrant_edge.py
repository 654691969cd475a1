"""Qdrant's engine inside this process: the vector index of the embedded mode."""

import fcntl
import os
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from uuid import UUID

import numpy as np
import qdrant_edge as edge
import structlog

from vestibule.adapters.file_scan import scan
from vestibule.domain.embedding_space import EmbeddingSpace, Metric
from vestibule.domain.errors import DataDirInUseError, StorageFullError
from vestibule.domain.faces import Embeddings
from vestibule.domain.ids import CustomerId, TemplateId
from vestibule.domain.index_generation import IndexFiles, IndexGeneration
from vestibule.ports import IndexEntry, Neighbour

_SETTLE_AFTER_WRITES = 5_000  # a scan of so many float vectors is short, and settling is dear
_BATCH = 1_000
_PAGE = 5_000
_EVERY_VENUE = "every"
_FEWEST_CANDIDATES = 16
_STRETCH = 8
"""Numbers of a vector that no other vector has in a row: 32 bytes."""
OVERSAMPLING = 3.0
"""int8 finds so many times as many as asked for, float32 ranks and scores them: docs/adr/0005."""
_DISTANCES = {Metric.COSINE: edge.Distance.Cosine, Metric.EUCLIDEAN: edge.Distance.Euclid}
_INDEX_VENUES = edge.UpdateOperation.create_field_index("venues", edge.PayloadSchemaType.Keyword)
# Without it a search of one venue reads every payload: 15 instead of 2.4 ms at 50k x 512.
_ANEW = ".anew"
"""Ends the name of a shard that is being written in the place of another."""
_PointId = int | UUID | str
_log = structlog.get_logger(__name__)


class QdrantEdgeIndex:
    """One shard a generation under ``folder``; one process at a time may hold the folder.

    There is no write-ahead log, so that nothing of an erased person stays in one. What a kill
    loses are up to ``_SETTLE_AFTER_WRITES`` upserts, which ``template_ids`` then does not list;
    a finished ``delete`` is on the disk. An unreadable shard is removed and begins empty.
    """

    def __init__(
        self,
        folder: Path,
        *,
        oversampling: float = OVERSAMPLING,
        has_room: Callable[[], bool] = lambda: True,
    ) -> None:
        """Raises DataDirInUseError when another process holds ``folder``.

        Without room nothing more is taken in: the engine maps its files into memory, and a write
        that finds no page left there ends the process.
        """
        self._params = edge.SearchParams(
            quantization=edge.QuantizationSearchParams(rescore=True, oversampling=oversampling)
        )
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder, self._has_room = folder, has_room
        self._held: int | None = _hold(folder)
        self._shards: dict[str, edge.EdgeShard] = {}
        self._unsettled: dict[str, int] = {}
        # One lock for all: the engine keeps Python's own lock through every call anyway.
        self._lock = threading.Lock()

    def upsert(self, generation: IndexGeneration, entries: Sequence[IndexEntry]) -> None:
        for entry in entries:
            if entry.embedding.shape != (generation.space.dimension,):
                raise ValueError(
                    f"expected ({generation.space.dimension},), got {entry.embedding.shape}"
                )
        for batch in _batches(entries):
            if not self._has_room():
                raise StorageFullError(what="index")
            with self._lock:
                shard = self._opened(generation) or self._created(generation)
                shard.update(edge.UpdateOperation.upsert_points([_point(e) for e in batch]))
                self._unsettled[generation.name] = self._unsettled.get(generation.name, 0) + len(
                    batch
                )
                if self._unsettled[generation.name] >= _SETTLE_AFTER_WRITES:
                    self._settle(generation)

    def search(
        self,
        generation: IndexGeneration,
        probes: Embeddings,
        *,
        limit: int,
        venue_id: UUID | None = None,
    ) -> list[list[Neighbour]]:
        if probes.ndim != 2 or probes.shape[1] != generation.space.dimension:
            raise ValueError(f"expected (n, {generation.space.dimension}), got {probes.shape}")
        queries = [
            edge.QueryRequest(
                limit=max(limit, _FEWEST_CANDIDATES),  # rescoring three candidates finds too few
                query=edge.Query.Nearest(probe.tolist()),
                with_payload=["customer_id"],
                filter=None if venue_id is None else _held_for(venue_id),
                params=self._params,
            )
            for probe in probes
        ]
        with self._lock:
            shard = self._opened(generation)
            if shard is None or not queries:
                return [[] for _ in queries]
            found = shard.query_batch(edge.QueryBatchRequest(queries))
        return [
            [_neighbour(generation.space, point) for point in points[:limit]] for points in found
        ]

    def delete(self, generation: IndexGeneration, template_ids: Iterable[TemplateId]) -> None:
        """No search finds them when this returns, and no file of the shard holds them."""
        with self._lock:
            shard = self._opened(generation)
            if shard is None:
                return
            found: list[_PointId] = list(_held_of(shard, list(template_ids)))
            if found:
                shard.update(edge.UpdateOperation.delete_points(found))
                self._settle(generation)

    def template_ids(self, generation: IndexGeneration) -> set[TemplateId]:
        with self._lock:
            shard = self._opened(generation)
            return set() if shard is None else set(_scroll(shard))

    def template_ids_after(
        self, generation: IndexGeneration, after: TemplateId | None, *, limit: int
    ) -> list[TemplateId]:
        with self._lock:
            shard = self._opened(generation)
            if shard is None:
                return []
            # What it is to begin with is in the answer too.
            asked = edge.ScrollRequest(
                offset=after, limit=limit + 1, with_payload=False, with_vector=False
            )
            page, _ = shard.scroll(asked)
        return [found for point in page if (found := _template_id(point.id)) != after][:limit]

    def holding(
        self, generation: IndexGeneration, template_ids: Iterable[TemplateId]
    ) -> set[TemplateId]:
        with self._lock:
            shard = self._opened(generation)
            return set() if shard is None else set(_held_of(shard, list(template_ids)))

    def prints(
        self, generation: IndexGeneration, template_ids: Iterable[TemplateId]
    ) -> list[bytes]:
        """Ids as bytes and as text, and two stretches of each vector as it is stored, unless
        somebody else has the same: one photo that was enrolled for two people."""
        wanted = list(template_ids)
        ids = [*(one.bytes for one in wanted), *(str(one).encode() for one in wanted)]
        with self._lock:
            shard = self._opened(generation)
            if shard is None or not wanted:
                return ids
            asked: list[_PointId] = list(wanted)
            points = shard.retrieve(asked, with_payload=False, with_vector=True)
            alone = [point for point in points if _is_alone(shard, point, set(wanted))]
        return [*ids, *(part for point in alone for part in _stretches(point))]

    def look_for(self, prints: Sequence[bytes]) -> IndexFiles | None:
        """A segment that is rewritten meanwhile goes, and what was written instead is read."""
        found = scan(self._folder, prints)
        return IndexFiles(files=found.files, size_bytes=found.size_bytes, traces=found.hits)

    def scrub(self, generation: IndexGeneration, prints: Sequence[bytes]) -> None:
        """What a kill left of upserts stands in a segment that knows of no such point: no delete
        reaches it. So the points that there are go into a new shard, in the old one's place."""
        path = self._folder / generation.name
        with self._lock:
            shard = self._opened(generation)
            if shard is None or not scan(path, prints).hits:
                return
            fresh = path.with_name(f"{path.name}{_ANEW}")
            shutil.rmtree(fresh, ignore_errors=True)
            _copy(shard, fresh, generation.space)
            self._shards.pop(generation.name).close()
            # Killed here there is none, and the start fills it from Postgres.
            shutil.rmtree(path)
            fresh.rename(path)
            self._opened(generation)

    def keep_only(self, generations: Iterable[IndexGeneration]) -> None:
        """The folders of other generations are gone from the disk when this returns."""
        kept = {generation.name for generation in generations}
        with self._lock:
            for other in self._shards.keys() - kept:
                self._shards.pop(other).close()
                self._unsettled.pop(other, None)
            for path in self._folder.iterdir():
                if path.is_dir() and path.name not in kept:
                    shutil.rmtree(path)

    def serve(self, generation: IndexGeneration) -> None:
        """One process holds the folder, so nobody looks at it from outside."""

    def close(self) -> None:
        """Write everything and let go of the folder. Safe to run twice."""
        with self._lock:
            for shard in self._shards.values():
                shard.flush()
                shard.close()
            self._shards.clear()
            if self._held is not None:
                os.close(self._held)
                self._held = None

    # ── shards ──────────────────────────────────────────────────────────────────────────────
    def _opened(self, generation: IndexGeneration) -> edge.EdgeShard | None:
        """The generation's shard, loaded when it is first asked for, or None if there is none."""
        if self._held is None:
            raise RuntimeError("the index is closed")
        path = self._folder / generation.name
        if generation.name not in self._shards and path.exists():
            shard = _load(path, generation.space, self._params)
            if shard is None:
                return None
            self._shards[generation.name] = shard
            self._settle(generation)
        return self._shards.get(generation.name)

    def _created(self, generation: IndexGeneration) -> edge.EdgeShard:
        path = self._folder / generation.name
        path.mkdir(mode=0o700)
        shard = self._shards[generation.name] = edge.EdgeShard.create(
            str(path), _config(generation.space)
        )
        shard.update(_INDEX_VENUES)
        return shard

    def _settle(self, generation: IndexGeneration) -> None:
        """Quantize what is new, rewrite the segments that hold deleted points, write it out.

        The order counts: the files of a rewritten segment go away with the flush after it.
        """
        shard = self._shards[generation.name]
        shard.optimize()
        shard.flush()
        self._unsettled[generation.name] = 0


def _config(space: EmbeddingSpace) -> edge.EdgeConfig:
    return edge.EdgeConfig(
        vectors=edge.EdgeVectorParams(
            size=space.dimension,
            distance=_DISTANCES[space.metric],
            quantization_config=edge.ScalarQuantizationConfig(
                type=edge.ScalarType.Int8, quantile=0.99, memory=edge.Memory.Pinned
            ),
        ),
        # No graph: a scan of int8 vectors is exact enough and quick at these sizes.
        hnsw_config=edge.HnswIndexConfig(m=0, ef_construct=4, full_scan_threshold=10),
        optimizers=edge.EdgeOptimizersConfig(
            indexing_threshold=1_000,  # kB; a larger segment is quantized
            # Small segments keep each rewrite short, since everything waits for it.
            default_segment_number=8,
            max_segment_size=40_000,  # kB
            deleted_threshold=0.0,  # one deleted point is reason enough to rewrite its segment
            vacuum_min_vector_number=1,
        ),
        wal_enabled=False,
    )


def _load(path: Path, space: EmbeddingSpace, params: edge.SearchParams) -> edge.EdgeShard | None:
    """The shard at ``path``, or None when it cannot be read, in which case it is removed.

    Removed and not kept aside: a copy would hold faces that no erasure reaches.
    """
    try:
        shard = edge.EdgeShard.load(str(path), _config(space))
        shard.update(_INDEX_VENUES)  # nothing where it is there already
        _probe(shard, space, params)
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    # The engine raises Exception itself for a bad file, and its panics are BaseExceptions.
    except BaseException as error:  # noqa: BLE001 - see above; nothing narrower exists
        _log.error("vector_index.shard_unreadable", shard=path.name, error=str(error))
        shutil.rmtree(path)
        return None
    return shard


def _copy(shard: edge.EdgeShard, into: Path, space: EmbeddingSpace) -> None:
    into.mkdir(mode=0o700)
    copied = edge.EdgeShard.create(str(into), _config(space))
    copied.update(_INDEX_VENUES)
    offset: _PointId | None = None
    while True:
        page, offset = shard.scroll(
            edge.ScrollRequest(offset=offset, limit=_BATCH, with_payload=True, with_vector=True)
        )
        points = [edge.Point(p.id, p.vector, p.payload) for p in page if p.vector is not None]
        copied.update(edge.UpdateOperation.upsert_points(points))
        if offset is None:
            break
    copied.optimize()
    copied.flush()
    copied.close()


def _probe(shard: edge.EdgeShard, space: EmbeddingSpace, params: edge.SearchParams) -> None:
    """Touch vectors, quantized vectors and payloads once, so that damage shows now."""
    nearest = edge.Query.Nearest([0.1] * space.dimension)
    shard.query(edge.QueryRequest(limit=10, query=nearest, with_payload=True, params=params))
    shard.scroll(edge.ScrollRequest(limit=_PAGE, with_payload=True, with_vector=True))


def _scroll(shard: edge.EdgeShard) -> Iterator[TemplateId]:
    offset: _PointId | None = None
    while True:
        page, offset = shard.scroll(
            edge.ScrollRequest(offset=offset, limit=_PAGE, with_payload=False, with_vector=False)
        )
        yield from (_template_id(point.id) for point in page)
        if offset is None:
            return


def _held_of(shard: edge.EdgeShard, wanted: Sequence[TemplateId]) -> Iterator[TemplateId]:
    asked: list[_PointId] = list(wanted)
    for point in shard.retrieve(asked, with_payload=False, with_vector=False):
        yield _template_id(point.id)


# ── points ──────────────────────────────────────────────────────────────────────────────────
def _point(entry: IndexEntry) -> edge.Point:
    payload = {
        "customer_id": str(entry.customer_id),
        "basis": entry.basis,
        "venues": [_EVERY_VENUE] if entry.venue_ids is None else sorted(map(str, entry.venue_ids)),
    }
    return edge.Point(entry.template_id, entry.embedding.tolist(), payload)


def _is_alone(shard: edge.EdgeShard, point: edge.Record, wanted: set[TemplateId]) -> bool:
    vector = np.asarray(point.vector, np.float32)
    nearest = edge.Query.Nearest(vector.tolist())
    asked = edge.QueryRequest(limit=len(wanted) + 1, query=nearest, with_vector=True)
    return not any(
        np.array_equal(np.asarray(found.vector, np.float32), vector)
        for found in shard.query(asked)
        if _template_id(found.id) not in wanted
    )


def _stretches(point: edge.Record) -> Iterator[bytes]:
    """Of the vector as the engine keeps it, which is not always as it was given."""
    vector = np.asarray(point.vector, np.float32)
    for begin in (0, len(vector) // 2):
        stretch = vector[begin : begin + _STRETCH]
        if np.count_nonzero(stretch) == _STRETCH:  # zeros stand everywhere
            yield stretch.tobytes()


def _held_for(venue_id: UUID) -> edge.Filter:
    wanted = edge.MatchAny([_EVERY_VENUE, str(venue_id)])
    return edge.Filter(must=[edge.FieldCondition("venues", match=wanted)])


def _neighbour(space: EmbeddingSpace, point: edge.ScoredPoint) -> Neighbour:
    score = point.score if space.metric is Metric.COSINE else 1.0 - point.score
    payload = point.payload or {}
    return Neighbour(_template_id(point.id), CustomerId(UUID(payload["customer_id"])), float(score))


def _template_id(point_id: _PointId) -> TemplateId:
    return TemplateId(point_id if isinstance(point_id, UUID) else UUID(str(point_id)))


def _batches(entries: Sequence[IndexEntry]) -> Iterator[Sequence[IndexEntry]]:
    for start in range(0, len(entries), _BATCH):
        yield entries[start : start + _BATCH]


def _hold(folder: Path) -> int:
    descriptor = os.open(folder / "index.lock", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise DataDirInUseError(
            f"Another Vestibule uses the index in {folder}.", path=str(folder)
        ) from error
    return descriptor
