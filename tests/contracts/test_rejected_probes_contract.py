"""What every memory of rejected faces promises: in the process, and in a Redis without a disk.

Redis is the real server from the wheel; see ``tests/servers/redis.py`` for its version.
"""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import numpy as np
import pytest

from tests.servers.redis import RedisServer
from vestibule.adapters.redis_rejected_probes import RedisRejectedProbes
from vestibule.adapters.rejected_probes import InProcessRejectedProbes
from vestibule.adapters.sealing import AesGcmSealer
from vestibule.domain.embedding_space import EmbeddingSpace, Metric
from vestibule.domain.ids import CustomerId
from vestibule.ports import RejectedProbe, RejectedProbes

SPACE = EmbeddingSpace("one", "open", Metric.COSINE, 4)
OTHER_SPACE = EmbeddingSpace("two", "dlib", Metric.EUCLIDEAN, 4)
NOW = datetime.now(UTC)  # Redis lets go by its own clock
CLOSING = NOW + timedelta(hours=8)
ADA, BEN = CustomerId(UUID(int=1)), CustomerId(UUID(int=2))


@pytest.fixture(scope="session")
def volatile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with RedisServer(tmp_path_factory.mktemp("volatile"), persistent=False) as server:
        yield server


@pytest.fixture(params=["in-process", "in-redis"])
def memory(request: pytest.FixtureRequest) -> Iterator[RejectedProbes]:
    if request.param == "in-process":
        made: RejectedProbes = InProcessRejectedProbes(capacity=10)
    else:
        server: RedisServer = request.getfixturevalue("volatile")
        server.client().flushall()
        made = RedisRejectedProbes(server.url, AesGcmSealer(bytes(32)), capacity=10)
    yield made
    made.close()


def unit(*values: float) -> np.ndarray:
    vector = np.array(values, np.float32)
    return vector / np.linalg.norm(vector)


def probe(customer=ADA, embedding=None, *, answer_id=None, expires_at=CLOSING) -> RejectedProbe:
    vector = unit(1, 0, 0, 0) if embedding is None else embedding
    return RejectedProbe(answer_id or uuid4(), customer, vector, expires_at)


def alike(memory, *probes, space=SPACE, now=NOW):
    return memory.alike(space, np.stack(probes), now=now)


def test_nothing_was_rejected_at_first(memory):
    assert alike(memory, unit(1, 0, 0, 0)) == [{}]


def test_each_probe_is_told_how_alike_it_is_by_customer(memory):
    memory.remember(SPACE, probe(ADA, unit(1, 0, 0, 0)))
    memory.remember(SPACE, probe(BEN, unit(0, 1, 0, 0)))

    first, second = alike(memory, unit(1, 0, 0, 0), unit(3, 4, 0, 0))

    assert first == pytest.approx({ADA: 1.0, BEN: 0.0}, abs=1e-6)
    assert second == pytest.approx({ADA: 0.6, BEN: 0.8}, abs=1e-6)


def test_of_several_answers_for_a_customer_the_most_alike_counts(memory):
    memory.remember(SPACE, probe(ADA, unit(3, 4, 0, 0)))
    memory.remember(SPACE, probe(ADA, unit(1, 0, 0, 0)))
    memory.remember(SPACE, probe(ADA, unit(0, 1, 0, 0)))

    assert alike(memory, unit(1, 0, 0, 0)) == [pytest.approx({ADA: 1.0}, abs=1e-6)]


def test_spaces_never_meet(memory):
    memory.remember(SPACE, probe())

    assert alike(memory, unit(1, 0, 0, 0), space=OTHER_SPACE) == [{}]


def test_wrong_dimension_is_refused(memory):
    with pytest.raises(ValueError, match="expected"):
        memory.remember(SPACE, probe(ADA, np.ones(3, np.float32)))


def test_answer_that_is_given_again_replaces_itself(memory):
    answer = uuid4()
    memory.remember(SPACE, probe(ADA, unit(1, 0, 0, 0), answer_id=answer))
    memory.remember(SPACE, probe(ADA, unit(0, 1, 0, 0), answer_id=answer))

    assert alike(memory, unit(1, 0, 0, 0)) == [pytest.approx({ADA: 0.0}, abs=1e-6)]


def test_forgotten_answers_and_customers_are_gone_and_others_are_not(memory):
    answer = uuid4()
    memory.remember(SPACE, probe(ADA, answer_id=answer))
    memory.remember(SPACE, probe(BEN))

    memory.forget_answers([answer, uuid4()])
    assert set(alike(memory, unit(1, 0, 0, 0))[0]) == {BEN}
    memory.forget_customer(BEN)
    memory.forget_customer(BEN)
    assert alike(memory, unit(1, 0, 0, 0)) == [{}]


def test_what_has_had_its_time_is_not_found_even_before_it_is_cleared(memory):
    memory.remember(SPACE, probe())

    assert alike(memory, unit(1, 0, 0, 0), now=CLOSING) == [{}]
    assert memory.expire(now=CLOSING) == 1
    assert memory.expire(now=CLOSING) == 0


def test_memory_is_bounded_and_the_oldest_goes_first(memory):
    customers = [CustomerId(UUID(int=n)) for n in range(1, 13)]
    for customer in customers:
        memory.remember(SPACE, probe(customer))

    assert set(alike(memory, unit(1, 0, 0, 0))[0]) == set(customers[2:])


def test_closing_forgets_everything():
    memory = InProcessRejectedProbes()
    memory.remember(SPACE, probe())

    memory.close()
    memory.close()

    assert alike(memory, unit(1, 0, 0, 0)) == [{}]


def test_callers_array_may_change_afterwards(memory):
    embedding = unit(1, 0, 0, 0)
    memory.remember(SPACE, probe(ADA, embedding))
    embedding[:] = unit(0, 1, 0, 0)

    assert alike(memory, unit(1, 0, 0, 0)) == [pytest.approx({ADA: 1.0}, abs=1e-6)]


def test_forgetting_leaves_the_callers_array_alone(memory):
    embedding = unit(1, 0, 0, 0)
    memory.remember(SPACE, probe(ADA, embedding))

    memory.close()

    assert embedding.tolist() == [1, 0, 0, 0]


def test_writers_and_readers_do_not_disturb_each_other(memory):
    faults: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for _ in range(50):
                memory.remember(SPACE, probe(CustomerId(UUID(int=number))))
                alike(memory, unit(1, 0, 0, 0))
                memory.forget_customer(CustomerId(UUID(int=number)))
        except BaseException as fault:  # noqa: BLE001 - handed to the test
            faults.append(fault)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert faults == []
    assert alike(memory, unit(1, 0, 0, 0)) == [{}]
