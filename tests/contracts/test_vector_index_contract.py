"""What every vector index promises, and how near the fast one comes to the exact one."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest

from tests.contracts.index_samples import (
    COSINE,
    EUCLIDEAN,
    GENERATIONS,
    some_entries,
    some_probes,
)
from tests.contracts.local_qdrant import local_client
from tests.servers.qdrant_stand_in import QdrantStandIn
from vestibule.adapters.exact_index import ExactIndex
from vestibule.adapters.qdrant_edge import QdrantEdgeIndex
from vestibule.adapters.qdrant_server import QdrantServerIndex
from vestibule.domain.ids import TemplateId
from vestibule.domain.index_generation import IndexGeneration
from vestibule.ports import IndexEntry, VectorIndex


def test_entries_of_other_generations_are_removed_for_good(
    index: VectorIndex, tmp_path: Path
) -> None:
    index.upsert(COSINE, some_entries(COSINE, 5))
    index.upsert(EUCLIDEAN, some_entries(EUCLIDEAN, 5))
    for _ in range(2):
        index.keep_only([COSINE])
    assert len(index.template_ids(COSINE)) == 5
    assert index.template_ids(EUCLIDEAN) == set()
    assert not list(tmp_path.glob(f"index/{EUCLIDEAN.name}"))
    index.upsert(EUCLIDEAN, some_entries(EUCLIDEAN, 2))
    assert len(index.template_ids(EUCLIDEAN)) == 2


@pytest.fixture(scope="module")
def stand_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QdrantStandIn]:
    """It is not a Qdrant server: what it proves is the adapter's way over HTTP."""
    with QdrantStandIn(tmp_path_factory.mktemp("stand-in")) as server:
        yield server


@pytest.fixture(
    params=["exact", "qdrant-edge", "server adapter on qdrant-client's local engine", "stand-in"]
)
def index(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[VectorIndex]:
    made: VectorIndex
    match request.param:
        case "exact":
            made = ExactIndex()
        case "qdrant-edge":
            made = QdrantEdgeIndex(tmp_path / "index")
        case "stand-in":
            server = request.getfixturevalue("stand_in")
            made = QdrantServerIndex(server.url, api_key=server.api_key)
            made.keep_only([])
        case _:
            made = QdrantServerIndex("", client=local_client())
    yield made
    made.close()


# ── the contract ────────────────────────────────────────────────────────────────────────────
@GENERATIONS
def test_unknown_generation_is_empty(index: VectorIndex, generation: IndexGeneration) -> None:
    assert index.search(generation, some_probes(generation, 2), limit=5) == [[], []]
    assert index.template_ids(generation) == set()
    index.delete(generation, [TemplateId(uuid4())])


@GENERATIONS
def test_no_probe_gives_no_answer(index: VectorIndex, generation: IndexGeneration) -> None:
    index.upsert(generation, some_entries(generation, 3))
    assert (
        index.search(generation, np.empty((0, generation.space.dimension), np.float32), limit=5)
        == []
    )


@GENERATIONS
def test_written_template_is_its_own_nearest_with_the_highest_score(
    index: VectorIndex, generation: IndexGeneration
) -> None:
    entries = some_entries(generation, 40)
    index.upsert(generation, entries)
    answers = index.search(generation, np.stack([e.embedding for e in entries]), limit=1)
    for entry, [best] in zip(entries, answers, strict=True):
        assert (best.template_id, best.customer_id) == (entry.template_id, entry.customer_id)
        assert best.score == pytest.approx(1.0, abs=1e-5)


@GENERATIONS
def test_answers_are_limited_and_best_first(
    index: VectorIndex, generation: IndexGeneration
) -> None:
    index.upsert(generation, some_entries(generation, 50))
    for neighbours in index.search(generation, some_probes(generation, 4), limit=7):
        scores = [n.score for n in neighbours]
        assert len(scores) == 7
        assert scores == sorted(scores, reverse=True)


def test_cosine_score_ignores_length(index: VectorIndex) -> None:
    [entry] = some_entries(COSINE, 1)
    index.upsert(COSINE, [entry])
    [[found]] = index.search(COSINE, -3.0 * entry.embedding[None], limit=1)
    assert found.score == pytest.approx(-1.0, abs=1e-5)


def test_euclidean_score_is_one_minus_the_distance(index: VectorIndex) -> None:
    [entry] = some_entries(EUCLIDEAN, 1)
    index.upsert(EUCLIDEAN, [entry])
    probe = entry.embedding.copy()
    probe[0] += 2.5
    [[found]] = index.search(EUCLIDEAN, probe[None], limit=1)
    assert found.score == pytest.approx(1.0 - 2.5, abs=1e-4)


@GENERATIONS
def test_second_write_of_a_template_replaces_it(
    index: VectorIndex, generation: IndexGeneration
) -> None:
    old, new = some_entries(generation, 2)
    index.upsert(generation, [old])
    index.upsert(generation, [IndexEntry(old.template_id, new.customer_id, new.embedding)])
    [found] = index.search(generation, new.embedding[None], limit=5)
    assert [(n.template_id, n.customer_id) for n in found] == [(old.template_id, new.customer_id)]
    assert found[0].score == pytest.approx(1.0, abs=1e-5)


@GENERATIONS
def test_deleted_template_is_not_found_and_deleting_twice_is_safe(
    index: VectorIndex, generation: IndexGeneration
) -> None:
    entries = some_entries(generation, 30)
    index.upsert(generation, entries)
    for _ in range(2):
        index.delete(generation, [entries[3].template_id, entries[4].template_id])
    gone = {entries[3].template_id, entries[4].template_id}
    assert index.template_ids(generation) == {e.template_id for e in entries} - gone
    [found] = index.search(generation, entries[3].embedding[None], limit=30)
    assert len(found) == 28
    assert gone.isdisjoint(n.template_id for n in found)


def test_generations_never_meet(index: VectorIndex) -> None:
    twin = IndexGeneration(2, COSINE.space)
    entries = some_entries(COSINE, 5)
    index.upsert(COSINE, entries)
    assert index.search(twin, some_probes(COSINE, 1), limit=5) == [[]]
    index.delete(twin, [e.template_id for e in entries])
    assert len(index.template_ids(COSINE)) == 5


@GENERATIONS
def test_wrong_dimension_is_refused_and_nothing_is_written(
    index: VectorIndex, generation: IndexGeneration
) -> None:
    [good] = some_entries(generation, 1)
    bad = IndexEntry(TemplateId(uuid4()), good.customer_id, good.embedding[:-1])
    with pytest.raises(ValueError, match="expected"):
        index.upsert(generation, [good, bad])
    assert index.template_ids(generation) == set()
    with pytest.raises(ValueError, match="expected"):
        index.search(generation, np.zeros((1, generation.space.dimension + 1), np.float32), limit=1)


@GENERATIONS
def test_no_write_of_concurrent_threads_is_lost(
    index: VectorIndex, generation: IndexGeneration
) -> None:
    entries = some_entries(generation, 2_400)
    failures: list[BaseException] = []

    def write_and_look(part: list[IndexEntry]) -> None:
        try:
            for start in range(0, len(part), 50):
                batch = part[start : start + 50]
                index.upsert(generation, batch)
                [found] = index.search(generation, batch[0].embedding[None], limit=1)
                assert found[0].template_id == batch[0].template_id
                if start % 300 == 0:
                    index.delete(generation, [batch[1].template_id])
        except BaseException as error:  # noqa: BLE001 - a thread's failure must reach the test
            failures.append(error)

    threads = [threading.Thread(target=write_and_look, args=(entries[i::4],)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(index.template_ids(generation)) == 2_400 - 8


@GENERATIONS
def test_basis_for_another_venue_makes_no_candidate(
    index: VectorIndex, generation: IndexGeneration
) -> None:
    here, elsewhere = uuid4(), uuid4()
    everywhere, both, other = some_entries(generation, 3)
    index.upsert(
        generation,
        [
            everywhere,
            replace(both, venue_ids=frozenset({here, elsewhere})),
            replace(other, venue_ids=frozenset({elsewhere})),
        ],
    )
    [found] = index.search(generation, other.embedding[None], limit=5, venue_id=here)
    assert {n.template_id for n in found} == {everywhere.template_id, both.template_id}
    [all_of_them] = index.search(generation, other.embedding[None], limit=5)
    assert len(all_of_them) == 3


@GENERATIONS
def test_second_write_changes_the_venues(index: VectorIndex, generation: IndexGeneration) -> None:
    here, elsewhere = uuid4(), uuid4()
    [entry] = some_entries(generation, 1)
    index.upsert(generation, [replace(entry, venue_ids=frozenset({elsewhere}))])
    index.upsert(generation, [replace(entry, venue_ids=frozenset({here}))])
    probe = entry.embedding[None]
    assert len(index.search(generation, probe, limit=5, venue_id=here)[0]) == 1
    assert index.search(generation, probe, limit=5, venue_id=elsewhere) == [[]]


@GENERATIONS
def test_pages_of_ids_hold_each_once_in_their_order(
    index: VectorIndex, generation: IndexGeneration
) -> None:
    entries = some_entries(generation, 53)
    index.upsert(generation, entries)
    found: list[TemplateId] = []
    while page := index.template_ids_after(generation, found[-1] if found else None, limit=10):
        assert len(page) == 10 or len(found) == 50
        found += page
    assert found == sorted(entry.template_id for entry in entries)


def test_a_page_begins_behind_an_id_that_is_not_there(index: VectorIndex) -> None:
    ids = sorted(entry.template_id for entry in some_entries(COSINE, 5))
    index.upsert(COSINE, some_entries(COSINE, 5))
    index.delete(COSINE, [ids[2]])
    assert index.template_ids_after(COSINE, ids[2], limit=9) == ids[3:]
    assert index.template_ids_after(COSINE, ids[4], limit=9) == []
    assert index.template_ids_after(EUCLIDEAN, None, limit=9) == []


@GENERATIONS
def test_it_says_which_of_some_ids_it_holds(
    index: VectorIndex, generation: IndexGeneration
) -> None:
    here, gone, never = [entry.template_id for entry in some_entries(generation, 3)]
    assert index.holding(generation, [here]) == set()
    index.upsert(generation, some_entries(generation, 3)[:2])
    index.delete(generation, [gone])
    assert index.holding(generation, [here, gone, never]) == {here}
    assert index.holding(generation, []) == set()
