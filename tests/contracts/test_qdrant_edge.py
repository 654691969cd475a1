"""Qdrant's engine in the process: as exact as the oracle, and what its files hold."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest
import qdrant_edge as edge_engine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.contracts.index_samples import (
    COSINE,
    EUCLIDEAN,
    GENERATIONS,
    assert_agrees_with_oracle,
    some_entries,
    some_probes,
)
from vestibule.adapters.exact_index import ExactIndex
from vestibule.adapters.qdrant_edge import QdrantEdgeIndex
from vestibule.domain.embedding_space import EmbeddingSpace, Metric
from vestibule.domain.errors import DataDirInUseError
from vestibule.domain.ids import CustomerId
from vestibule.domain.index_generation import IndexGeneration


@pytest.fixture
def edge(tmp_path: Path) -> Iterator[QdrantEdgeIndex]:
    made = QdrantEdgeIndex(tmp_path / "edge")
    yield made
    made.close()


# ── Qdrant's engine against the oracle ──────────────────────────────────────────────────────
@GENERATIONS
@pytest.mark.parametrize("count", [1, 7, 999, 1_000, 5_500, 11_000])
def test_ranking_and_scores_are_those_of_the_oracle(
    edge: QdrantEdgeIndex, generation: IndexGeneration, count: int
) -> None:
    oracle = ExactIndex()
    entries = some_entries(generation, count)
    for start in range(0, count, 400):
        for each in (edge, oracle):
            each.upsert(generation, entries[start : start + 400])
    assert_agrees_with_oracle(edge, oracle, generation, some_probes(generation, 20))


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


def test_venues_are_indexed_also_in_a_shard_that_was_made_without(tmp_path: Path) -> None:
    first = QdrantEdgeIndex(tmp_path / "index")
    first.upsert(COSINE, some_entries(COSINE, 30))
    shard = first._shards[COSINE.name]
    assert set(shard.info().payload_schema) == {"venues"}
    shard.update(edge_engine.UpdateOperation.delete_field_index("venues"))
    first.close()
    second = QdrantEdgeIndex(tmp_path / "index")
    second.search(COSINE, some_probes(COSINE, 1), limit=1, venue_id=uuid4())
    assert set(second._shards[COSINE.name].info().payload_schema) == {"venues"}
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
    damage(tmp_path / "damaged" / COSINE.name)
    second = QdrantEdgeIndex(tmp_path / "damaged")
    assert second.template_ids(COSINE) == set()
    second.upsert(COSINE, entries[:5])
    assert len(second.template_ids(COSINE)) == 5
    second.close()


def test_shard_of_another_dimension_begins_empty(tmp_path: Path) -> None:
    first = QdrantEdgeIndex(tmp_path / "changed")
    first.upsert(COSINE, some_entries(COSINE, 5))
    first.close()
    wider = IndexGeneration(1, replace(COSINE.space, dimension=2 * COSINE.space.dimension))
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
from vestibule.domain.index_generation import IndexGeneration
from vestibule.ports import IndexEntry
generation = IndexGeneration(1, EmbeddingSpace("k111" * 4, "killed", Metric.EUCLIDEAN, 16))
index = QdrantEdgeIndex(Path(sys.argv[1]))
for i in range(int(sys.argv[2]), 10_000_000, 50):
    index.upsert(generation, [
        IndexEntry(UUID(int=j + 1), UUID(int=j + 1),
                   np.random.default_rng(j).standard_normal(16).astype(np.float32))
        for j in range(i, i + 50)
    ])
    if i % 500 == 0:
        index.delete(generation, [UUID(int=i + 1)])
        sys.stdout.write(f"{i}\\n")
        sys.stdout.flush()
"""


@pytest.mark.parametrize("pause_s", [0.02, 0.1, 0.3])
def test_killed_writer_leaves_whole_templates_and_no_deleted_one(
    tmp_path: Path, pause_s: float
) -> None:
    generation = IndexGeneration(1, EmbeddingSpace("k111" * 4, "killed", Metric.EUCLIDEAN, 16))
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
    found = {template_id.int - 1 for template_id in index.template_ids(generation)}
    assert found >= {i for i in range(settled) if i % 500 != 0}
    assert not any(i % 500 == 0 for i in found if i <= settled)
    sample = sorted(found)[:: max(1, len(found) // 50)]
    probes = np.stack([np.random.default_rng(i).standard_normal(16) for i in sample])
    for i, [best] in zip(
        sample, index.search(generation, probes.astype(np.float32), limit=1), strict=True
    ):
        assert best.template_id.int - 1 == i
        assert best.score == pytest.approx(1.0, abs=1e-5)
    index.close()


def test_a_generation_left_by_another_run_is_removed(tmp_path: Path) -> None:
    before = QdrantEdgeIndex(tmp_path / "index")
    before.upsert(EUCLIDEAN, some_entries(EUCLIDEAN, 5))
    before.close()
    index = QdrantEdgeIndex(tmp_path / "index")
    index.keep_only([COSINE])
    assert not list(tmp_path.glob(f"index/{EUCLIDEAN.name}"))
    index.close()


# ── nothing of who was erased in its files ──────────────────────────────────────────────────
def quantized_row(folder: Path, embedding: np.ndarray) -> bytes:
    """The int8 copy of a vector as it stands in the files: the row that goes along with it most."""
    best, found = 0.0, b""
    centred = embedding - embedding.mean()
    width = len(embedding) + 4  # each row begins with its offset
    for path in folder.rglob("quantized.data"):
        stored = np.frombuffer(path.read_bytes(), np.uint8)
        rows = stored[: len(stored) // width * width].reshape(-1, width)[:, 4:].astype(np.float32)
        rows -= rows.mean(1, keepdims=True)
        alike = rows @ centred / (np.linalg.norm(rows, axis=1) * np.linalg.norm(centred) + 1e-9)
        if alike.max() > best:
            best, at = float(alike.max()), int(alike.argmax())
            found = stored[at * width + 4 : (at + 1) * width].tobytes()
    assert best > 0.95, best
    return found


@pytest.mark.parametrize("metric", Metric)
@pytest.mark.duty("GDPR 17")
def test_art_17_no_file_holds_a_deleted_vector_its_int8_copy_or_its_ids(
    edge: QdrantEdgeIndex, tmp_path: Path, metric: Metric
) -> None:
    generation = IndexGeneration(1, EmbeddingSpace("q" * 16, "test", metric, 128))
    entries = some_entries(generation, 5_000)
    gone = entries[2_500] = replace(entries[2_500], customer_id=CustomerId(uuid4()))
    edge.upsert(generation, entries)  # so many that it quantizes them by itself
    prints = edge.prints(generation, [gone.template_id])
    prints += [str(gone.customer_id).encode(), quantized_row(tmp_path, gone.embedding)]
    before = edge.look_for(prints)
    assert before is not None and before.traces >= len(prints) - 1  # ids stand as bytes or as text
    # Written over and back, as after a second consent: another segment holds it then.
    other = replace(gone, embedding=some_entries(generation, 1)[0].embedding)
    for entry in (other, gone):
        edge.upsert(generation, [entry])
    prints += edge.prints(generation, [gone.template_id])

    edge.delete(generation, [gone.template_id])
    after = edge.look_for(prints)
    assert after is not None and after.traces == 0 and after.files > 10
    assert len(edge.template_ids(generation)) == 4_999


def test_scrubbing_keeps_everybody_else(edge: QdrantEdgeIndex) -> None:
    oracle, entries = ExactIndex(), some_entries(COSINE, 1_500)
    for each in (edge, oracle):
        each.upsert(COSINE, entries)
    edge.scrub(COSINE, [entries[7].template_id.bytes])  # as if it had been left by a kill
    assert_agrees_with_oracle(edge, oracle, COSINE, some_probes(COSINE, 5))
    edge.delete(COSINE, [entries[7].template_id])
    found = edge.look_for([entries[7].template_id.bytes])
    assert found is not None and found.traces == 0
