"""Collections of points, each a shard of Qdrant's engine in a folder of its own."""

import json
import shutil
import threading
from pathlib import Path
from typing import Any

import qdrant_edge as edge
from qdrant_client import models

_DISTANCES = {"Cosine": edge.Distance.Cosine, "Euclid": edge.Distance.Euclid}
_SETTLE_AFTER, _SETTLE_AFTER_SHARE = 5_000, 0.25
"""New points, and their share of all, with which they are put in order: that copies what there is,
so a large collection must not do it as often."""


class MissingError(Exception):
    """There is no such collection."""


class ExistsError(Exception):
    """There is one of that name already."""


class Collections:
    """Safe to use from several threads. Acknowledged writes survive a kill: they are flushed."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._lock = threading.RLock()
        self._shards: dict[str, edge.EdgeShard] = {}
        self._made: dict[str, models.CreateCollection] = {}
        self._unsettled: dict[str, int] = {}
        for path in sorted(folder.glob("*/create.json")):
            name = path.parent.name
            self._made[name] = models.CreateCollection.model_validate_json(path.read_text())
            self._shards[name] = edge.EdgeShard.load(
                str(path.parent / "shard"), _config(self._made[name])
            )
            self._shards[name].optimize()

    def names(self) -> list[str]:
        with self._lock:
            return sorted(self._made)

    def made_as(self, name: str) -> models.CreateCollection:
        with self._lock:
            if name not in self._made:
                raise MissingError(name)
            return self._made[name]

    def create(self, name: str, wanted: models.CreateCollection) -> None:
        with self._lock:
            if name in self._made:
                raise ExistsError(name)
            folder = self._folder / name
            shutil.rmtree(folder, ignore_errors=True)
            (folder / "shard").mkdir(parents=True)
            self._shards[name] = edge.EdgeShard.create(str(folder / "shard"), _config(wanted))
            self._shards[name].flush()
            (folder / "create.json").write_text(wanted.model_dump_json())
            self._made[name] = wanted

    def drop(self, name: str) -> bool:
        with self._lock:
            if self._made.pop(name, None) is None:
                return False
            (self._folder / name / "create.json").unlink()
            self._shards.pop(name).close()
            shutil.rmtree(self._folder / name)
            return True

    def upsert(self, name: str, points: list[models.PointStruct]) -> None:
        with self._lock:
            dimension = _vectors(self.made_as(name)).size
            for point in points:
                if not isinstance(point.vector, list) or len(point.vector) != dimension:
                    raise ValueError(f"Vector dimension error: expected dim: {dimension}")
            made = [edge.Point(_uuid(p.id), p.vector, p.payload or {}) for p in points]
            self._update(name, edge.UpdateOperation.upsert_points(made), len(made))

    def delete(self, name: str, ids: list[Any]) -> None:
        with self._lock:
            self.made_as(name)
            operation = edge.UpdateOperation.delete_points([_uuid(one) for one in ids])
            self._update(name, operation, len(ids))

    def index(self, name: str, field: str) -> None:
        with self._lock:
            self.made_as(name)
            self._shards[name].update(
                edge.UpdateOperation.create_field_index(field, edge.PayloadSchemaType.Keyword)
            )

    def count(self, name: str) -> int:
        with self._lock:
            self.made_as(name)
            return int(self._shards[name].count(edge.CountRequest()))

    def retrieve(self, name: str, ids: list[Any]) -> list[dict[str, Any]]:
        with self._lock:
            self.made_as(name)
            wanted = [_uuid(one) for one in ids]
            points = self._shards[name].retrieve(wanted, with_payload=False, with_vector=False)
        return [{"id": str(point.id), "payload": None} for point in points]

    def scroll(self, name: str, wanted: models.ScrollRequest) -> dict[str, Any]:
        with self._lock:
            self.made_as(name)
            points, after = self._shards[name].scroll(
                edge.ScrollRequest(
                    offset=None if wanted.offset is None else _uuid(wanted.offset),
                    limit=wanted.limit or 10,
                    with_payload=bool(wanted.with_payload),
                    with_vector=bool(wanted.with_vector),
                )
            )
        found = [{"id": str(point.id), "payload": point.payload or None} for point in points]
        return {"points": found, "next_page_offset": None if after is None else str(after)}

    def query(self, name: str, wanted: list[models.QueryRequest]) -> list[dict[str, Any]]:
        with self._lock:
            self.made_as(name)
            requests = [_request(one) for one in wanted]
            found = self._shards[name].query_batch(edge.QueryBatchRequest(requests))
        return [
            {
                "points": [
                    {
                        "id": str(point.id),
                        "version": point.version,
                        "score": point.score,
                        "payload": point.payload,
                    }
                    for point in points
                ]
            }
            for points in found
        ]

    def _update(self, name: str, operation: edge.UpdateOperation, count: int) -> None:
        shard = self._shards[name]
        shard.update(operation)
        self._unsettled[name] = self._unsettled.get(name, 0) + count
        enough = max(_SETTLE_AFTER, _SETTLE_AFTER_SHARE * shard.count(edge.CountRequest()))
        if self._unsettled[name] >= enough:
            shard.optimize()
            self._unsettled[name] = 0
        shard.flush()


def _request(wanted: models.QueryRequest) -> edge.QueryRequest:
    params = wanted.params.quantization if wanted.params else None
    quantization = edge.QuantizationSearchParams(
        rescore=params.rescore if params else None,
        oversampling=params.oversampling if params else None,
    )
    nearest = (
        wanted.query.nearest if isinstance(wanted.query, models.NearestQuery) else wanted.query
    )
    if not isinstance(nearest, list):
        raise ValueError("only a plain vector is asked for here")
    return edge.QueryRequest(
        limit=wanted.limit or 10,
        query=edge.Query.Nearest(nearest),
        with_payload=wanted.with_payload or False,
        filter=_filter(wanted.filter),
        params=edge.SearchParams(quantization=quantization),
    )


def _filter(wanted: models.Filter | None) -> edge.Filter | None:
    if wanted is None:
        return None
    assert isinstance(wanted.must, list)
    conditions = []
    for condition in wanted.must:
        assert isinstance(condition, models.FieldCondition)
        assert isinstance(condition.match, models.MatchAny)
        match = edge.MatchAny([str(one) for one in condition.match.any])
        conditions.append(edge.FieldCondition(condition.key, match=match))
    return edge.Filter(must=conditions)


def _vectors(wanted: models.CreateCollection) -> models.VectorParams:
    assert isinstance(wanted.vectors, models.VectorParams)
    return wanted.vectors


def _config(wanted: models.CreateCollection) -> edge.EdgeConfig:
    vectors = _vectors(wanted)
    quantization = None
    if wanted.quantization_config is not None:
        quantization = edge.ScalarQuantizationConfig(
            type=edge.ScalarType.Int8, quantile=0.99, memory=edge.Memory.Pinned
        )
    hnsw = wanted.hnsw_config
    return edge.EdgeConfig(
        vectors=edge.EdgeVectorParams(
            size=vectors.size,
            distance=_DISTANCES[vectors.distance.value],
            on_disk=vectors.on_disk,
            quantization_config=quantization,
        ),
        hnsw_config=edge.HnswIndexConfig(
            m=hnsw.m if hnsw and hnsw.m is not None else 16, ef_construct=4, full_scan_threshold=10
        ),
        optimizers=edge.EdgeOptimizersConfig(
            indexing_threshold=1_000, default_segment_number=8, max_segment_size=40_000
        ),
    )


def _uuid(point_id: Any) -> Any:
    return json.loads(json.dumps(point_id, default=str))
