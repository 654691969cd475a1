"""Every request of the server adapter, held to Qdrant's published interface.

This is no test of a server. What answers is the stand-in; what is looked at is what was sent: the
operation, its parameters, and each field of its body, at every depth.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.contracts.index_samples import COSINE, EUCLIDEAN, some_entries, some_probes
from tests.servers.qdrant_stand_in import QdrantStandIn
from tests.servers.qdrant_stand_in.published import Operation, operation_at
from tests.servers.qdrant_stand_in.shapes import ShapeError
from vestibule.adapters.qdrant_server import ALIAS, QdrantServerIndex, open_client
from vestibule.domain.errors import StartUpError
from vestibule.domain.index_generation import IndexGeneration

SHARDS, REPLICAS = 6, 3
MAJORITY = 2
KEY = QdrantStandIn.api_key


@dataclass(frozen=True, slots=True)
class Exchange:
    operation: Operation
    request: httpx.Request
    answer: bytes

    @property
    def body(self) -> Any:
        return json.loads(self.request.content)

    @property
    def parameters(self) -> dict[str, str]:
        return dict(self.request.url.params)


@pytest.fixture(scope="module")
def stand_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QdrantStandIn]:
    with QdrantStandIn(tmp_path_factory.mktemp("stand-in")) as server:
        yield server


@pytest.fixture
def sent() -> list[Exchange]:
    return []


@pytest.fixture
def index(stand_in: QdrantStandIn, sent: list[Exchange]) -> Iterator[QdrantServerIndex]:
    client = open_client(stand_in.url, KEY)

    def note(request: httpx.Request, send: Any) -> httpx.Response:
        answer: httpx.Response = send(request)
        operation = operation_at(request.method, request.url.path)
        sent.append(Exchange(operation, request, answer.read()))
        return answer

    client.http.client.add_middleware(note)
    made = QdrantServerIndex("", shards=SHARDS, replicas=REPLICAS, client=client)
    made.keep_only([])
    sent.clear()
    yield made
    made.close()


def named(sent: Sequence[Exchange], operation: str) -> list[Exchange]:
    return [exchange for exchange in sent if exchange.operation.name == operation]


def use_everything(index: QdrantServerIndex) -> None:
    for generation in (COSINE, EUCLIDEAN):
        entries = some_entries(generation, 1_100)
        entries[0] = replace(entries[0], venue_ids=frozenset({uuid4(), uuid4()}))
        index.upsert(generation, entries)
        index.search(generation, some_probes(generation, 70), limit=5)
        index.search(generation, some_probes(generation, 2), limit=64, venue_id=uuid4())
        index.delete(generation, [entry.template_id for entry in entries[:3]])
        index.template_ids(generation)
        index.template_ids_after(generation, entries[9].template_id, limit=10)
        index.holding(generation, [entry.template_id for entry in entries])
        index.serve(generation)
    assert index.is_ready()
    index.keep_only([COSINE])


# ── everything that is sent ─────────────────────────────────────────────────────────────────
def test_all_that_is_sent_is_in_the_published_interface(
    index: QdrantServerIndex, sent: list[Exchange]
) -> None:
    use_everything(index)
    for exchange in sent:
        exchange.operation.check_parameters(exchange.request.url.params.multi_items())
        exchange.operation.check_body(exchange.request.content)
        assert exchange.request.headers["api-key"] == KEY
    assert {exchange.operation.name for exchange in sent} == {
        "collection_exists",
        "create_collection",
        "create_field_index",
        "delete_collection",
        "delete_points",
        "get_collection",
        "get_collections",
        "get_collections_aliases",
        "get_points",
        "query_batch_points",
        "scroll_points",
        "update_aliases",
        "upsert_points",
    }


def test_what_the_stand_in_answers_is_of_the_published_shapes_too(
    index: QdrantServerIndex, sent: list[Exchange]
) -> None:
    use_everything(index)
    for exchange in sent:
        exchange.operation.check_answer(exchange.answer)


@pytest.mark.parametrize(
    ("method", "path", "parameters", "body"),
    [
        ("PATCH", "/collections/x/points", {}, b"{}"),
        ("PUT", "/collection/x", {}, b"{}"),
        ("PUT", "/collections/x", {"wait": "true"}, b'{"vectors": {"size": 4, "distance": "Dot"}}'),
        ("PUT", "/collections/x/points", {"ordering": "strongest"}, b'{"points": []}'),
        ("POST", "/collections/x/points/scroll", {"consistency": "most"}, b"{}"),
        ("PUT", "/collections/x", {}, b'{"vectors": {"size": 4, "distance": "Manhatten"}}'),
        ("PUT", "/collections/x", {}, b'{"vectors": {"size": 4, "distance": "Dot"}, "shards": 2}'),
        (
            "PUT",
            "/collections/x",
            {},
            b'{"vectors": {"size": 4, "distance": "Dot"}, "hnsw_config": {"links": 0}}',
        ),
        (
            "POST",
            "/collections/x/points/query/batch",
            {},
            b'{"searches": [{"query": [1.0], "params": {"quantization": {"rescored": true}}}]}',
        ),
        ("GET", "/collections", {}, b"{}"),
    ],
)
def test_what_is_not_in_it_is_refused(
    method: str, path: str, parameters: dict[str, str], body: bytes
) -> None:
    with pytest.raises(ShapeError):
        operation = operation_at(method, path)
        operation.check_parameters(parameters.items())
        operation.check_body(body)


# ── what is asked for ───────────────────────────────────────────────────────────────────────
def test_a_generation_is_a_collection_of_its_own_with_what_the_settings_say(
    index: QdrantServerIndex, sent: list[Exchange]
) -> None:
    twin = IndexGeneration(2, COSINE.space)
    for generation in (COSINE, twin):
        index.upsert(generation, some_entries(generation, 1))
    made = named(sent, "create_collection")
    assert [exchange.request.url.path for exchange in made] == [
        f"/collections/{COSINE.name}",
        f"/collections/{twin.name}",
    ]
    assert made[0].body == {
        "vectors": {"size": 32, "distance": "Cosine", "on_disk": True},
        "shard_number": SHARDS,
        "replication_factor": REPLICAS,
        "write_consistency_factor": MAJORITY,
        "hnsw_config": {"m": 0},
        "optimizers_config": {"indexing_threshold": 1_000},
        "quantization_config": {"scalar": {"type": "int8", "quantile": 0.99, "always_ram": True}},
    }


def test_venue_and_basis_are_indexed_before_the_first_point_comes(
    index: QdrantServerIndex, sent: list[Exchange]
) -> None:
    index.upsert(COSINE, some_entries(COSINE, 1))
    indexed = named(sent, "create_field_index")
    assert [exchange.body["field_name"] for exchange in indexed] == ["venues", "basis"]
    assert {exchange.body["field_schema"] for exchange in indexed} == {"keyword"}
    assert {exchange.parameters["wait"] for exchange in indexed} == {"true"}
    names = [exchange.operation.name for exchange in sent]
    assert max(i for i, name in enumerate(names) if name == "create_field_index") < names.index(
        "upsert_points"
    )


def test_writes_and_removals_go_through_each_shards_leader_and_are_waited_for(
    index: QdrantServerIndex, sent: list[Exchange]
) -> None:
    [entry] = some_entries(COSINE, 1)
    index.upsert(COSINE, [entry])
    index.delete(COSINE, [entry.template_id])
    written, removed = named(sent, "upsert_points"), named(sent, "delete_points")
    for exchange in (*written, *removed):
        assert exchange.parameters == {"wait": "true", "ordering": "strong"}
    assert removed[0].body == {"points": [str(entry.template_id)]}
    assert written[0].body["points"][0]["payload"] == {
        "customer_id": str(entry.customer_id),
        "basis": entry.basis,
        "venues": ["every"],
    }


def test_all_faces_of_a_photo_are_asked_in_one_request_and_rescored(
    index: QdrantServerIndex, sent: list[Exchange]
) -> None:
    index.upsert(COSINE, some_entries(COSINE, 20))
    venue_id = uuid4()
    index.search(COSINE, some_probes(COSINE, 6), limit=64, venue_id=venue_id)
    [asked] = named(sent, "query_batch_points")
    assert asked.parameters == {"consistency": "majority"}
    assert len(asked.body["searches"]) == 6
    first = {name: value for name, value in asked.body["searches"][0].items() if name != "query"}
    assert first == {
        "limit": 64,
        "with_payload": ["customer_id"],
        "params": {"quantization": {"rescore": True, "oversampling": 3.0}},
        "filter": {"must": [{"key": "venues", "match": {"any": ["every", str(venue_id)]}}]},
    }


def test_the_alias_is_moved_in_one_request(index: QdrantServerIndex, sent: list[Exchange]) -> None:
    index.serve(COSINE)
    index.serve(EUCLIDEAN)
    first, second = (exchange.body["actions"] for exchange in named(sent, "update_aliases"))
    made = {"create_alias": {"collection_name": EUCLIDEAN.name, "alias_name": ALIAS}}
    assert second == [{"delete_alias": {"alias_name": ALIAS}}, made]
    assert first[-1]["create_alias"]["collection_name"] == COSINE.name


def test_one_copy_asks_for_no_majority(stand_in: QdrantStandIn, sent: list[Exchange]) -> None:
    client = open_client(stand_in.url, KEY)

    def note(request: httpx.Request, send: Any) -> Any:
        sent.append(Exchange(operation_at(request.method, request.url.path), request, b""))
        return send(request)

    client.http.client.add_middleware(note)
    alone = QdrantServerIndex("", client=client)
    alone.keep_only([])
    alone.upsert(COSINE, some_entries(COSINE, 1))
    alone.search(COSINE, some_probes(COSINE, 1), limit=1)
    alone.close()
    assert named(sent, "query_batch_points")[0].parameters == {}
    [made] = named(sent, "create_collection")
    assert made.body["write_consistency_factor"] == made.body["replication_factor"] == 1


def test_a_collection_of_another_space_is_not_taken_for_ours(
    index: QdrantServerIndex, stand_in: QdrantStandIn
) -> None:
    foreign = replace(COSINE, space=replace(COSINE.space, dimension=8))
    assert foreign.name == COSINE.name
    index.upsert(COSINE, some_entries(COSINE, 1))
    other = QdrantServerIndex(stand_in.url, api_key=KEY)
    with pytest.raises(StartUpError):
        other.upsert(foreign, some_entries(foreign, 1))
    other.close()
