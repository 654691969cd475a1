"""What every vector index promises, and how near the fast one comes to the exact one."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID, uuid4

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vestibule.adapters.exact_index import ExactIndex
from vestibule.adapters.qdrant_edge import QdrantEdgeIndex
from vestibule.domain.embedding_space import EmbeddingSpace, Metric
from vestibule.domain.errors import DataDirInUseError
from vestibule.domain.faces import Embeddings
from vestibule.domain.ids import CustomerId, TemplateId
from vestibule.ports import IndexEntry, VectorIndex

COSINE = EmbeddingSpace("c05e" * 4, "cosine-pack", Metric.COSINE, 32)
EUCLIDEAN = EmbeddingSpace("e0c1" * 4, "euclidean-pack", Metric.EUCLIDEAN, 16)
SPACES = pytest.mark.parametrize("space", [COSINE, EUCLIDEAN], ids=lambda space: space.metric)


def some_entries(space: EmbeddingSpace, count: int, *, seed: int = 0) -> list[IndexEntry]:
    """Like a gallery: people are clusters, a template is its person's centre and some noise."""
    random = np.random.default_rng(seed)
    centres = random.standard_normal((max(1, count // 3), space.dimension))
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    people = [CustomerId(UUID(bytes=random.bytes(16))) for _ in centres]
    chosen = random.integers(len(centres), size=count)
    noise = random.normal(scale=0.05, size=(count, space.dimension))
    embeddings = (centres[chosen] + noise).astype(np.float32)
    return [
        IndexEntry(TemplateId(UUID(bytes=random.bytes(16))), people[person], embedding)
        for person, embedding in zip(chosen, embeddings, strict=True)
    ]


def some_probes(space: EmbeddingSpace, count: int, *, seed: int = 1) -> Embeddings:
    entries = some_entries(space, 3 * count, seed=0)[:count]
    noise = np.random.default_rng(seed).normal(scale=0.05, size=(count, space.dimension))
    return (np.stack([e.embedding for e in entries]) + noise).astype(np.float32)


def test_entries_of_other_spaces_are_removed_for_good(index: VectorIndex, tmp_path: Path) -> None:
    index.upsert(COSINE, some_entries(COSINE, 5))
    index.upsert(EUCLIDEAN, some_entries(EUCLIDEAN, 5))
    for _ in range(2):
        index.keep_only(COSINE)
    assert len(index.template_ids(COSINE)) == 5
    assert index.template_ids(EUCLIDEAN) == set()
    assert not list(tmp_path.glob(f"index/{EUCLIDEAN.id}"))
    index.upsert(EUCLIDEAN, some_entries(EUCLIDEAN, 2))
    assert len(index.template_ids(EUCLIDEAN)) == 2


def test_a_space_left_by_another_run_is_removed(tmp_path: Path) -> None:
    before = QdrantEdgeIndex(tmp_path / "index")
    before.upsert(EUCLIDEAN, some_entries(EUCLIDEAN, 5))
    before.close()
    index = QdrantEdgeIndex(tmp_path / "index")
    index.keep_only(COSINE)
    assert not list(tmp_path.glob(f"index/{EUCLIDEAN.id}"))
    index.close()


@pytest.fixture(params=["exact", "qdrant-edge"])
def index(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[VectorIndex]:
    made: VectorIndex = (
        ExactIndex() if request.param == "exact" else QdrantEdgeIndex(tmp_path / "index")
    )
    yield made
    made.close()


@pytest.fixture
def edge(tmp_path: Path) -> Iterator[QdrantEdgeIndex]:
    made = QdrantEdgeIndex(tmp_path / "edge")
    yield made
    made.close()


# ── the contract ────────────────────────────────────────────────────────────────────────────
@SPACES
def test_unknown_space_is_empty(index: VectorIndex, space: EmbeddingSpace) -> None:
    assert index.search(space, some_probes(space, 2), limit=5) == [[], []]
    assert index.template_ids(space) == set()
    index.delete(space, [TemplateId(uuid4())])


@SPACES
def test_no_probe_gives_no_answer(index: VectorIndex, space: EmbeddingSpace) -> None:
    index.upsert(space, some_entries(space, 3))
    assert index.search(space, np.empty((0, space.dimension), np.float32), limit=5) == []


@SPACES
def test_written_template_is_its_own_nearest_with_the_highest_score(
    index: VectorIndex, space: EmbeddingSpace
) -> None:
    entries = some_entries(space, 40)
    index.upsert(space, entries)
    answers = index.search(space, np.stack([e.embedding for e in entries]), limit=1)
    for entry, [best] in zip(entries, answers, strict=True):
        assert (best.template_id, best.customer_id) == (entry.template_id, entry.customer_id)
        assert best.score == pytest.approx(1.0, abs=1e-5)


@SPACES
def test_answers_are_limited_and_best_first(index: VectorIndex, space: EmbeddingSpace) -> None:
    index.upsert(space, some_entries(space, 50))
    for neighbours in index.search(space, some_probes(space, 4), limit=7):
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


@SPACES
def test_second_write_of_a_template_replaces_it(index: VectorIndex, space: EmbeddingSpace) -> None:
    old, new = some_entries(space, 2)
    index.upsert(space, [old])
    index.upsert(space, [IndexEntry(old.template_id, new.customer_id, new.embedding)])
    [found] = index.search(space, new.embedding[None], limit=5)
    assert [(n.template_id, n.customer_id) for n in found] == [(old.template_id, new.customer_id)]
    assert found[0].score == pytest.approx(1.0, abs=1e-5)


@SPACES
def test_deleted_template_is_not_found_and_deleting_twice_is_safe(
    index: VectorIndex, space: EmbeddingSpace
) -> None:
    entries = some_entries(space, 30)
    index.upsert(space, entries)
    for _ in range(2):
        index.delete(space, [entries[3].template_id, entries[4].template_id])
    gone = {entries[3].template_id, entries[4].template_id}
    assert index.template_ids(space) == {e.template_id for e in entries} - gone
    [found] = index.search(space, entries[3].embedding[None], limit=30)
    assert len(found) == 28
    assert gone.isdisjoint(n.template_id for n in found)


def test_spaces_never_meet(index: VectorIndex) -> None:
    twin = EmbeddingSpace("7a17" * 4, "twin", Metric.COSINE, COSINE.dimension)
    entries = some_entries(COSINE, 5)
    index.upsert(COSINE, entries)
    assert index.search(twin, some_probes(COSINE, 1), limit=5) == [[]]
    index.delete(twin, [e.template_id for e in entries])
    assert len(index.template_ids(COSINE)) == 5


@SPACES
def test_wrong_dimension_is_refused_and_nothing_is_written(
    index: VectorIndex, space: EmbeddingSpace
) -> None:
    [good] = some_entries(space, 1)
    bad = IndexEntry(TemplateId(uuid4()), good.customer_id, good.embedding[:-1])
    with pytest.raises(ValueError, match="expected"):
        index.upsert(space, [good, bad])
    assert index.template_ids(space) == set()
    with pytest.raises(ValueError, match="expected"):
        index.search(space, np.zeros((1, space.dimension + 1), np.float32), limit=1)


@SPACES
def test_no_write_of_concurrent_threads_is_lost(index: VectorIndex, space: EmbeddingSpace) -> None:
    entries = some_entries(space, 2_400)
    failures: list[BaseException] = []

    def write_and_look(part: list[IndexEntry]) -> None:
        try:
            for start in range(0, len(part), 50):
                batch = part[start : start + 50]
                index.upsert(space, batch)
                [found] = index.search(space, batch[0].embedding[None], limit=1)
                assert found[0].template_id == batch[0].template_id
                if start % 300 == 0:
                    index.delete(space, [batch[1].template_id])
        except BaseException as error:  # noqa: BLE001 - a thread's failure must reach the test
            failures.append(error)

    threads = [threading.Thread(target=write_and_look, args=(entries[i::4],)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(index.template_ids(space)) == 2_400 - 8


# ── Qdrant's engine against the oracle ──────────────────────────────────────────────────────
def assert_agrees_with_oracle(
    fast: VectorIndex, oracle: VectorIndex, space: EmbeddingSpace, probes: Embeddings
) -> None:
    found = fast.search(space, probes, limit=10)
    expected = oracle.search(space, probes, limit=10)
    for ours, theirs in zip(found, expected, strict=True):
        assert [n.score for n in ours] == pytest.approx([n.score for n in theirs], abs=1e-4)
        # Templates whose scores are equal to float32 may stand in either order.
        places = {n.template_id: n.score for n in theirs[:-1]}
        for template_id, score in places.items():
            if score > theirs[-1].score + 1e-5:
                assert template_id in {n.template_id for n in ours}


@SPACES
@pytest.mark.parametrize("count", [1, 7, 999, 1_000, 5_500, 11_000])
def test_ranking_and_scores_are_those_of_the_oracle(
    edge: QdrantEdgeIndex, space: EmbeddingSpace, count: int
) -> None:
    oracle = ExactIndex()
    entries = some_entries(space, count)
    for start in range(0, count, 400):
        for each in (edge, oracle):
            each.upsert(space, entries[start : start + 400])
    assert_agrees_with_oracle(edge, oracle, space, some_probes(space, 20))


steps = st.lists(
    st.tuples(st.sampled_from(["upsert", "delete", "reopen"]), st.integers(0, 30)), max_size=25
)


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=steps)
def test_any_history_leaves_the_same_templates_as_in_the_oracle(
    tmp_path: Path, steps: list[tuple[str, int]]
) -> None:
    folder = tmp_path / uuid4().hex
    oracle, fast = ExactIndex(), QdrantEdgeIndex(folder)
    pool = some_entries(COSINE, 31)
    for step, which in steps:
        if step == "upsert":
            for each in (oracle, fast):
                each.upsert(COSINE, pool[which : which + 4])
        elif step == "delete":
            for each in (oracle, fast):
                each.delete(COSINE, [pool[which].template_id])
        else:
            fast.close()
            fast = QdrantEdgeIndex(folder)
    assert fast.template_ids(COSINE) == oracle.template_ids(COSINE)
    assert_agrees_with_oracle(fast, oracle, COSINE, some_probes(COSINE, 3))
    fast.close()


# ── Qdrant's engine and its files ───────────────────────────────────────────────────────────
def bytes_on_disk(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


@pytest.mark.parametrize("count", [10, 3_000])
def test_deleted_template_is_in_no_file(tmp_path: Path, edge: QdrantEdgeIndex, count: int) -> None:
    entries = some_entries(EUCLIDEAN, count)
    edge.upsert(EUCLIDEAN, entries)
    edge._settle(EUCLIDEAN)
    trace = entries[5].embedding[2:8].tobytes()
    assert trace in bytes_on_disk(tmp_path)
    edge.delete(EUCLIDEAN, [entries[5].template_id])
    assert trace not in bytes_on_disk(tmp_path)
    assert entries[5].template_id.bytes not in bytes_on_disk(tmp_path)


def test_closed_index_keeps_its_templates(tmp_path: Path) -> None:
    entries = some_entries(COSINE, 30)
    first = QdrantEdgeIndex(tmp_path / "kept")
    first.upsert(COSINE, entries)
    first.close()
    second = QdrantEdgeIndex(tmp_path / "kept")
    assert second.template_ids(COSINE) == {e.template_id for e in entries}
    second.close()


def test_folder_has_one_holder(tmp_path: Path, edge: QdrantEdgeIndex) -> None:
    with pytest.raises(DataDirInUseError):
        QdrantEdgeIndex(tmp_path / "edge")
    edge.close()
    QdrantEdgeIndex(tmp_path / "edge").close()


def damage_config(shard: Path) -> None:
    (shard / "edge_config.json").write_text("{")


def cut_quantized_vectors(shard: Path) -> None:
    [file] = shard.rglob("quantized.data")
    os.truncate(file, file.stat().st_size // 2)


def fill_payloads_with_noise(shard: Path) -> None:
    for file in shard.rglob("payload_storage/tracker.dat"):
        file.write_bytes(os.urandom(file.stat().st_size))


@pytest.mark.parametrize("damage", [damage_config, cut_quantized_vectors, fill_payloads_with_noise])
def test_damaged_shard_begins_empty_and_can_be_filled_again(
    tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    entries = some_entries(COSINE, 10_000)  # enough for a quantized segment
    first = QdrantEdgeIndex(tmp_path / "damaged")
    first.upsert(COSINE, entries)
    first.close()
    damage(tmp_path / "damaged" / COSINE.id)
    second = QdrantEdgeIndex(tmp_path / "damaged")
    assert second.template_ids(COSINE) == set()
    second.upsert(COSINE, entries[:5])
    assert len(second.template_ids(COSINE)) == 5
    second.close()


def test_shard_of_another_dimension_begins_empty(tmp_path: Path) -> None:
    first = QdrantEdgeIndex(tmp_path / "changed")
    first.upsert(COSINE, some_entries(COSINE, 5))
    first.close()
    wider = EmbeddingSpace(COSINE.id, COSINE.pack, COSINE.metric, COSINE.dimension * 2)
    second = QdrantEdgeIndex(tmp_path / "changed")
    assert second.template_ids(wider) == set()
    second.close()


WRITER = """
import sys
from pathlib import Path
from uuid import UUID
import numpy as np
from vestibule.adapters.qdrant_edge import QdrantEdgeIndex
from vestibule.domain.embedding_space import EmbeddingSpace, Metric
from vestibule.ports import IndexEntry
space = EmbeddingSpace("k111" * 4, "killed", Metric.EUCLIDEAN, 16)
index = QdrantEdgeIndex(Path(sys.argv[1]))
for i in range(int(sys.argv[2]), 10_000_000, 50):
    index.upsert(space, [
        IndexEntry(UUID(int=j + 1), UUID(int=j + 1),
                   np.random.default_rng(j).standard_normal(16).astype(np.float32))
        for j in range(i, i + 50)
    ])
    if i % 500 == 0:
        index.delete(space, [UUID(int=i + 1)])
        sys.stdout.write(f"{i}\\n")
        sys.stdout.flush()
"""


@pytest.mark.parametrize("pause_s", [0.02, 0.1, 0.3])
def test_killed_writer_leaves_whole_templates_and_no_deleted_one(
    tmp_path: Path, pause_s: float
) -> None:
    space = EmbeddingSpace("k111" * 4, "killed", Metric.EUCLIDEAN, 16)
    settled = 0
    for _ in range(3):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path / "killed"), str(settled)],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert writer.stdout is not None
        settled = int(writer.stdout.readline())
        time.sleep(pause_s)
        writer.send_signal(signal.SIGKILL)
        rest, _ = writer.communicate()
        settled = max([settled, *(int(line) for line in rest.split())])
    index = QdrantEdgeIndex(tmp_path / "killed")
    found = {template_id.int - 1 for template_id in index.template_ids(space)}
    assert found >= {i for i in range(settled) if i % 500 != 0}
    assert not any(i % 500 == 0 for i in found if i <= settled)
    sample = sorted(found)[:: max(1, len(found) // 50)]
    probes = np.stack([np.random.default_rng(i).standard_normal(16) for i in sample])
    for i, [best] in zip(
        sample, index.search(space, probes.astype(np.float32), limit=1), strict=True
    ):
        assert best.template_id.int - 1 == i
        assert best.score == pytest.approx(1.0, abs=1e-5)
    index.close()
