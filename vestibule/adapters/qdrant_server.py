"""A Qdrant server or cluster: the vector index of the distributed mode."""

import re
import threading
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import httpx
from qdrant_client import QdrantClient, models
from qdrant_client.common.client_exceptions import QdrantException
from qdrant_client.http.exceptions import ApiException, ResponseHandlingException

from vestibule.adapters.trusted_authorities import client_context
from vestibule.domain.embedding_space import EmbeddingSpace, Metric
from vestibule.domain.errors import IndexUnavailableError, StartUpError
from vestibule.domain.faces import Embeddings
from vestibule.domain.ids import CustomerId, TemplateId
from vestibule.domain.index_generation import IndexFiles, IndexGeneration
from vestibule.ports import IndexEntry, Neighbour

ALIAS = "vestibule-serving"
"""Names the collection that answers, for the engine's own tools; the record is in Postgres."""
OVERSAMPLING = 3.0
"""As in the embedded index: docs/adr/0005."""
_OURS = re.compile(r"[0-9a-z]{16}-\d+")
_EVERY_VENUE = "every"
_PAYLOAD_INDEXES = ("venues", "basis")
_BATCH = 500
_PROBES_A_REQUEST = 64
_PAGE = 5_000
_FEWEST_CANDIDATES = 16
_MISSING = 404
_EXISTS = 409
_DISTANCES = {Metric.COSINE: models.Distance.COSINE, Metric.EUCLIDEAN: models.Distance.EUCLID}


class QdrantServerIndex:
    """One collection a generation, named by it. Safe to call from several threads.

    Nothing is asked at construction. A server that does not answer, or refuses, raises
    IndexUnavailableError after ``timeout_s``. Writes return when they can be searched; with
    replicas, when a majority of them has them, and searches ask a majority too.
    """

    def __init__(
        self,
        url: str,
        *,
        api_key: str | None = None,
        shards: int = 1,
        replicas: int = 1,
        timeout_s: int = 10,
        client: QdrantClient | None = None,
    ) -> None:
        """``client`` is for another transport than HTTP to ``url``."""
        self._client = client or open_client(url, api_key, timeout_s)
        self._shards, self._replicas = shards, replicas
        self._known: set[str] = set()
        self._making = threading.Lock()

    # ── the port ────────────────────────────────────────────────────────────────────────────
    def upsert(self, generation: IndexGeneration, entries: Sequence[IndexEntry]) -> None:
        for entry in entries:
            if entry.embedding.shape != (generation.space.dimension,):
                raise ValueError(
                    f"expected ({generation.space.dimension},), got {entry.embedding.shape}"
                )
        if not entries:
            return
        self._make_sure_of(generation)
        for start in range(0, len(entries), _BATCH):
            points = [_point(entry) for entry in entries[start : start + _BATCH]]
            try:
                self._write_points(generation, points)
            except _GoneError:  # dropped by another process since it was looked for
                self._known.discard(generation.name)
                self._make_sure_of(generation)
                self._write_points(generation, points)

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
        found: list[list[Neighbour]] = []
        for start in range(0, len(probes), _PROBES_A_REQUEST):
            part = probes[start : start + _PROBES_A_REQUEST]
            found += self._ask(generation, part, limit=limit, venue_id=venue_id)
        return found

    def delete(self, generation: IndexGeneration, template_ids: Iterable[TemplateId]) -> None:
        ids: list[Any] = [str(template_id) for template_id in template_ids]
        if not ids:
            return
        try:
            with _server_errors():
                self._client.delete(
                    generation.name,
                    points_selector=models.PointIdsList(points=ids),
                    wait=True,
                    ordering=models.WriteOrdering.STRONG,
                )
        except _GoneError:
            return

    def template_ids(self, generation: IndexGeneration) -> set[TemplateId]:
        try:
            return set(self._scrolled(generation))
        except _GoneError:
            return set()

    def template_ids_after(
        self, generation: IndexGeneration, after: TemplateId | None, *, limit: int
    ) -> list[TemplateId]:
        try:
            # What it is to begin with is in the answer too.
            page, _ = self._page(generation, None if after is None else str(after), limit + 1)
        except _GoneError:
            return []
        return [found for found in page if found != after][:limit]

    def holding(
        self, generation: IndexGeneration, template_ids: Iterable[TemplateId]
    ) -> set[TemplateId]:
        wanted, found = list(template_ids), set()
        for start in range(0, len(wanted), _PAGE):
            ids: list[Any] = [str(one) for one in wanted[start : start + _PAGE]]
            try:
                with _server_errors():
                    points = self._client.retrieve(
                        generation.name,
                        ids=ids,
                        with_payload=False,
                        with_vectors=False,
                        consistency=self._read_consistency,
                    )
            except _GoneError:
                return set()
            found |= {TemplateId(UUID(str(point.id))) for point in points}
        return found

    def prints(
        self,
        generation: IndexGeneration,  # noqa: ARG002 - nothing of it is in a file of ours
        template_ids: Iterable[TemplateId],  # noqa: ARG002 - as above
    ) -> list[bytes]:
        return []

    def look_for(
        self,
        prints: Sequence[bytes],  # noqa: ARG002 - as above
    ) -> IndexFiles | None:
        """Its files are the server's, which vacuums a segment when enough of it was deleted."""
        return None

    def scrub(self, generation: IndexGeneration, prints: Sequence[bytes]) -> None:
        """Its files are the server's."""

    def keep_only(self, generations: Iterable[IndexGeneration]) -> None:
        """Drop our other collections. What is not named like one of ours is left alone."""
        kept = {generation.name for generation in generations}
        with _server_errors():
            there = [found.name for found in self._client.get_collections().collections]
            for name in there:
                if _OURS.fullmatch(name) and name not in kept:
                    self._client.delete_collection(name)
                    self._known.discard(name)

    def close(self) -> None:
        self._client.close()

    # ── for whoever runs it ─────────────────────────────────────────────────────────────────
    def is_ready(self) -> bool:
        try:
            with _server_errors():
                self._client.get_collections()
        except IndexUnavailableError:
            return False
        return True

    def serve(self, generation: IndexGeneration) -> None:
        """Let the alias name this generation's collection, at once. Safe to run twice."""
        self._make_sure_of(generation)
        create = models.CreateAlias(collection_name=generation.name, alias_name=ALIAS)
        with _server_errors():
            there = {alias.alias_name for alias in self._client.get_aliases().aliases}
            remove = models.DeleteAliasOperation(delete_alias=models.DeleteAlias(alias_name=ALIAS))
            self._client.update_collection_aliases(
                [
                    *([remove] if ALIAS in there else []),
                    models.CreateAliasOperation(create_alias=create),
                ]
            )

    # ── collections ─────────────────────────────────────────────────────────────────────────
    def _make_sure_of(self, generation: IndexGeneration) -> None:
        """The collection is there and of this space. Safe when several processes make it."""
        with self._making:
            if generation.name in self._known:
                return
            with _server_errors():
                if not self._client.collection_exists(generation.name):
                    self._create(generation)
                made = self._client.get_collection(generation.name).config.params.vectors
            _require_space(generation, made)
            self._known.add(generation.name)

    def _create(self, generation: IndexGeneration) -> None:
        try:
            self._client.create_collection(
                generation.name,
                vectors_config=_vectors(generation.space),
                shard_number=self._shards,
                replication_factor=self._replicas,
                write_consistency_factor=self._replicas // 2 + 1,
                hnsw_config=_HNSW,
                quantization_config=_INT8,
                optimizers_config=models.OptimizersConfigDiff(indexing_threshold=1_000),
            )
        except ApiException as error:
            if getattr(error, "status_code", None) not in (_EXISTS, 400):
                raise
            if not self._client.collection_exists(generation.name):
                raise
        for field in _PAYLOAD_INDEXES:
            self._client.create_payload_index(
                generation.name, field, models.PayloadSchemaType.KEYWORD, wait=True
            )

    # ── points ──────────────────────────────────────────────────────────────────────────────
    def _write_points(
        self, generation: IndexGeneration, points: Sequence[models.PointStruct]
    ) -> None:
        with _server_errors():
            self._client.upsert(
                generation.name, points=points, wait=True, ordering=models.WriteOrdering.STRONG
            )

    def _ask(
        self, generation: IndexGeneration, probes: Embeddings, *, limit: int, venue_id: UUID | None
    ) -> list[list[Neighbour]]:
        held_for = None if venue_id is None else _held_for(venue_id)
        requests = [
            models.QueryRequest(
                query=probe.tolist(),
                limit=max(limit, _FEWEST_CANDIDATES),
                filter=held_for,
                params=_PARAMS,
                with_payload=["customer_id"],
            )
            for probe in probes
        ]
        try:
            with _server_errors():
                answers = self._client.query_batch_points(
                    generation.name,
                    requests=requests,
                    consistency=self._read_consistency,
                )
        except _GoneError:
            return [[] for _ in probes]
        return [
            [_neighbour(generation.space, point) for point in answer.points[:limit]]
            for answer in answers
        ]

    @property
    def _read_consistency(self) -> models.ReadConsistencyType | None:
        return models.ReadConsistencyType.MAJORITY if self._replicas > 1 else None

    def _scrolled(self, generation: IndexGeneration) -> Iterator[TemplateId]:
        offset: Any = None
        while True:
            page, offset = self._page(generation, offset, _PAGE)
            yield from page
            if offset is None:
                return

    def _page(
        self, generation: IndexGeneration, offset: Any, limit: int
    ) -> tuple[list[TemplateId], Any]:
        """From ``offset`` on, in the order of ids, and where the next one begins."""
        with _server_errors():
            page, after = self._client.scroll(
                generation.name,
                limit=limit,
                offset=offset,
                with_payload=False,
                with_vectors=False,
                consistency=self._read_consistency,
            )
        return [TemplateId(UUID(str(point.id))) for point in page], after


def open_client(url: str, api_key: str | None = None, timeout_s: int = 10) -> QdrantClient:
    """As the index speaks to a server: over HTTP, and asking nothing yet."""
    with warnings.catch_warnings():
        # A key over plain HTTP: within a private network that is the operator's choice.
        warnings.simplefilter("ignore", UserWarning)
        return QdrantClient(
            url=url,
            api_key=api_key,
            timeout=timeout_s,
            prefer_grpc=False,
            check_compatibility=False,
            trust_env=False,
            # Without the environment httpx knows no authority of the operator's own.
            verify=client_context() if url.startswith("https://") else True,
        )


# ── what collections are made of ────────────────────────────────────────────────────────────
_INT8 = models.ScalarQuantization(
    scalar=models.ScalarQuantizationConfig(
        type=models.ScalarType.INT8, quantile=0.99, always_ram=True
    )
)
# No graph, as in the embedded index: a scan of int8 vectors misses nobody. docs/adr/0019.
# The vectors as they are lie on the disk: of them, only those that are rescored are read.
_HNSW = models.HnswConfigDiff(m=0)
_PARAMS = models.SearchParams(
    quantization=models.QuantizationSearchParams(rescore=True, oversampling=OVERSAMPLING)
)


def _vectors(space: EmbeddingSpace) -> models.VectorParams:
    return models.VectorParams(
        size=space.dimension, distance=_DISTANCES[space.metric], on_disk=True
    )


def _require_space(generation: IndexGeneration, made: object) -> None:
    wanted = _vectors(generation.space)
    if not isinstance(made, models.VectorParams) or (made.size, made.distance) != (
        wanted.size,
        wanted.distance,
    ):
        raise StartUpError(
            f"The collection {generation.name} is not one of this embedding space. Somebody else "
            "made it: remove it, and `vestibule rebuild-index` fills a right one.",
            reason="foreign_collection",
            collection=generation.name,
        )


def _point(entry: IndexEntry) -> models.PointStruct:
    venues = entry.venue_ids
    return models.PointStruct(
        id=str(entry.template_id),
        vector=entry.embedding.tolist(),
        payload={
            "customer_id": str(entry.customer_id),
            "basis": entry.basis,
            "venues": [_EVERY_VENUE] if venues is None else sorted(map(str, venues)),
        },
    )


def _held_for(venue_id: UUID) -> models.Filter:
    wanted = models.MatchAny(any=[_EVERY_VENUE, str(venue_id)])
    return models.Filter(must=[models.FieldCondition(key="venues", match=wanted)])


def _neighbour(space: EmbeddingSpace, point: models.ScoredPoint) -> Neighbour:
    score = point.score if space.metric is Metric.COSINE else 1.0 - point.score
    payload = point.payload or {}
    return Neighbour(
        TemplateId(UUID(str(point.id))), CustomerId(UUID(payload["customer_id"])), float(score)
    )


# ── errors ──────────────────────────────────────────────────────────────────────────────────
class _GoneError(Exception):
    """The collection is not there."""


@contextmanager
def _server_errors() -> Iterator[None]:
    """A missing collection is ``_GoneError``; everything else is IndexUnavailableError."""
    try:
        yield
    except ApiException as error:
        status = getattr(error, "status_code", None)
        if status == _MISSING:
            raise _GoneError from error
        raise IndexUnavailableError(status=status) from error
    except (ResponseHandlingException, QdrantException, httpx.HTTPError) as error:
        raise IndexUnavailableError(reason=type(error).__name__) from error
