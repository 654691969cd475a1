"""Requests that share a run: each gets its own answer, and nobody waits for nothing."""

import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
import pytest

from vestibule.adapters.onnx_engine.batching import (
    Batching,
    BatchLimits,
    EngineClosedError,
    MicroBatcher,
    Tensor,
)

PATIENCE_S = 20


class FakeNetwork:
    """Doubles and negates; remembers its runs. Can be held, and fails over what it is told to."""

    def __init__(self, *, takes_s: float = 0.0, poison: float | None = None) -> None:
        self.runs: list[list[float]] = []
        self.most_at_once = 0
        self.may_go = threading.Event()
        self.may_go.set()
        self.has_begun = threading.Event()
        self._takes_s = takes_s
        self._poison = poison
        self._at_once = 0
        self._lock = threading.Lock()

    def __call__(self, rows: Tensor) -> list[Tensor]:
        with self._lock:
            self.runs.append(rows.reshape(len(rows), -1)[:, 0].tolist())
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        self.has_begun.set()
        assert self.may_go.wait(PATIENCE_S)
        time.sleep(self._takes_s)
        with self._lock:
            self._at_once -= 1
        if self._poison is not None and (rows == self._poison).any():
            raise ValueError("poisoned")
        return [2 * rows, -rows]


def row(value: float, *, rows: int = 1, width: int = 3) -> Tensor:
    return np.full((rows, width), value, np.float32)


def batcher_of(
    network: Callable[[Tensor], list[Tensor]], batching: Batching | None = None, **limits: float
) -> MicroBatcher:
    return MicroBatcher(
        network,
        name="fake",
        limits=BatchLimits(**{"wait_s": 0.0, **limits}),  # type: ignore[arg-type]  # ints are floats
        batching=batching or Batching(),
        failures=(ValueError,),
    )


def until(condition: Callable[[], bool]) -> None:
    give_up_at = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < give_up_at, "it never came true"
        time.sleep(0.001)


def in_line(batcher: MicroBatcher) -> int:
    return len(batcher._line)


def held_back(
    network: FakeNetwork, batcher: MicroBatcher, pool: ThreadPoolExecutor, requests: list[Tensor]
) -> tuple[Future[list[Tensor]], list[Future[list[Tensor]]]]:
    """One request in its run, which waits, and the others in line behind it, in this order."""
    network.may_go.clear()
    first = pool.submit(batcher, row(99, width=9))
    assert network.has_begun.wait(PATIENCE_S)
    behind = []
    for number, rows in enumerate(requests, start=1):
        behind.append(pool.submit(batcher, rows))
        until(lambda wanted=number: in_line(batcher) + len(batcher._outside) == wanted)
    return first, behind


@pytest.fixture
def pool() -> ThreadPoolExecutor:
    with ThreadPoolExecutor(64) as threads:
        yield threads


def test_what_waits_behind_a_run_goes_together_in_the_next(pool) -> None:
    network = FakeNetwork()
    batcher = batcher_of(network)
    first, behind = held_back(network, batcher, pool, [row(1), row(2, rows=2), row(3)])
    network.may_go.set()

    assert [future.result(PATIENCE_S)[0][0, 0] for future in behind] == [2, 4, 6]
    assert first.result(PATIENCE_S)[1][0, 0] == -99
    assert network.runs == [[99], [1, 2, 2, 3]]


def test_each_request_gets_all_of_its_own_rows_and_outputs(pool) -> None:
    network = FakeNetwork()
    batcher = batcher_of(network)
    requests = [np.random.default_rng(n).random((n + 1, 3), np.float32) for n in range(5)]
    _, behind = held_back(network, batcher, pool, requests)
    network.may_go.set()

    for rows, future in zip(requests, behind, strict=True):
        doubled, negated = future.result(PATIENCE_S)
        assert np.array_equal(doubled, 2 * rows)
        assert np.array_equal(negated, -rows)


def test_only_rows_of_one_shape_share_a_run_and_the_oldest_leads(pool) -> None:
    network = FakeNetwork()
    batcher = batcher_of(network)
    requests = [row(1, width=4), row(2, width=5), row(3, width=4), row(4, width=5)]
    _, behind = held_back(network, batcher, pool, requests)
    network.may_go.set()

    assert [future.result(PATIENCE_S)[0][0, 0] for future in behind] == [2, 4, 6, 8]
    assert network.runs[1:] == [[1, 3], [2, 4]]


def test_a_full_run_leaves_the_rest_in_their_order(pool) -> None:
    network = FakeNetwork()
    batcher = batcher_of(network, max_rows=4)
    requests = [row(1, rows=2), row(2), row(3, rows=2), row(4), row(5, rows=9)]
    _, behind = held_back(network, batcher, pool, requests)
    network.may_go.set()
    for future in behind:
        future.result(PATIENCE_S)

    assert network.runs[1:] == [[1, 1, 2], [3, 3, 4], [5] * 9]


def test_input_of_a_shared_run_stays_within_its_bytes(pool) -> None:
    network = FakeNetwork()
    batcher = batcher_of(network, max_bytes=2 * row(1).nbytes)
    _, behind = held_back(network, batcher, pool, [row(1), row(2), row(3)])
    network.may_go.set()
    for future in behind:
        future.result(PATIENCE_S)

    assert network.runs[1:] == [[1, 2], [3]]


def test_a_lone_request_does_not_wait() -> None:
    waits: list[float] = []
    batching = Batching(on_wait=lambda _name, seconds: waits.append(seconds))
    batcher = batcher_of(FakeNetwork(), batching, wait_s=PATIENCE_S)
    for _ in range(20):
        batcher(row(1))

    assert len(waits) == 20
    assert max(waits) < PATIENCE_S / 4


def test_while_somebody_is_in_the_engine_a_request_waits_for_company(pool) -> None:
    detector, embedder = FakeNetwork(), FakeNetwork()
    batching = Batching()
    detect = batcher_of(detector, batching)
    embed = batcher_of(embedder, batching, wait_s=PATIENCE_S)
    detector.may_go.clear()
    busy = pool.submit(detect, row(1))
    assert detector.has_begun.wait(PATIENCE_S)
    one = pool.submit(embed, row(2))
    until(lambda: in_line(embed) == 1)
    other = pool.submit(embed, row(3))
    until(lambda: in_line(embed) == 2)
    assert embedder.runs == []
    detector.may_go.set()

    assert one.result(PATIENCE_S)[0][0, 0] == 4
    assert other.result(PATIENCE_S)[0][0, 0] == 6
    assert embedder.runs == [[2, 3]]
    busy.result(PATIENCE_S)


def test_waiting_for_company_ends_as_soon_as_all_have_joined(pool) -> None:
    network = FakeNetwork()
    batcher = batcher_of(network, Batching(), wait_s=PATIENCE_S)
    _, behind = held_back(network, batcher, pool, [row(1), row(2)])
    network.may_go.set()
    started = time.monotonic()
    for future in behind:
        future.result(PATIENCE_S)

    assert time.monotonic() - started < PATIENCE_S / 4


def test_waiting_for_company_ends_after_its_time(pool) -> None:
    detector, embedder = FakeNetwork(), FakeNetwork()
    batching = Batching()
    detect, embed = batcher_of(detector, batching), batcher_of(embedder, batching, wait_s=0.05)
    detector.may_go.clear()
    busy = pool.submit(detect, row(1))
    assert detector.has_begun.wait(PATIENCE_S)
    started = time.monotonic()
    embed(row(2))

    assert 0.04 < time.monotonic() - started < PATIENCE_S
    detector.may_go.set()
    busy.result(PATIENCE_S)


def test_one_bad_request_does_not_fail_the_others(pool) -> None:
    network = FakeNetwork(poison=666)
    batcher = batcher_of(network)
    _, behind = held_back(network, batcher, pool, [row(1), row(666), row(2), row(3)])
    network.may_go.set()

    assert behind[0].result(PATIENCE_S)[0][0, 0] == 2
    with pytest.raises(ValueError, match="poisoned"):
        behind[1].result(PATIENCE_S)
    assert [future.result(PATIENCE_S)[0][0, 0] for future in behind[2:]] == [4, 6]
    assert network.runs[1:] == [[1, 666, 2, 3], [1], [666], [2], [3]]
    assert batcher(row(7))[0][0, 0] == 14


def test_an_unforeseen_error_reaches_its_leader_and_leaves_nobody_waiting(pool) -> None:
    def breaks_when_shared(rows: Tensor) -> list[Tensor]:
        if len(rows) > 1:
            raise KeyError("a fault of ours")
        return network(rows)

    network = FakeNetwork()
    batcher = batcher_of(breaks_when_shared)
    _, behind = held_back(network, batcher, pool, [row(1), row(2)])
    network.may_go.set()

    with pytest.raises(KeyError):
        behind[0].result(PATIENCE_S)
    assert behind[1].result(PATIENCE_S)[0][0, 0] == 4


def test_a_network_that_does_not_answer_row_by_row_is_never_shared_again(pool) -> None:
    network = FakeNetwork()

    def flattened(rows: Tensor) -> list[Tensor]:
        return [output.reshape(-1, 1) for output in network(rows)]

    batcher = batcher_of(flattened)
    _, behind = held_back(network, batcher, pool, [row(1), row(2)])
    network.may_go.set()

    assert [future.result(PATIENCE_S)[0].tolist() for future in behind] == [[[2]] * 3, [[4]] * 3]
    network.has_begun.clear()
    _, behind = held_back(network, batcher, pool, [row(3), row(4)])
    network.may_go.set()
    for future in behind:
        future.result(PATIENCE_S)
    assert network.runs[-2:] == [[3], [4]]


def test_line_is_bounded_and_those_outside_come_in_by_their_arrival(pool) -> None:
    network = FakeNetwork()
    batcher = batcher_of(network, max_waiting=2, max_rows=1)
    _, behind = held_back(network, batcher, pool, [row(n) for n in range(1, 7)])
    assert in_line(batcher) == 2
    network.may_go.set()
    for future in behind:
        future.result(PATIENCE_S)

    assert network.runs[1:] == [[1], [2], [3], [4], [5], [6]]


def test_closing_wakes_who_waits_and_lets_the_run_end(pool) -> None:
    network = FakeNetwork()
    batching = Batching()
    batcher = batcher_of(network, batching, max_waiting=2)
    first, behind = held_back(network, batcher, pool, [row(n) for n in range(4)])
    batching.close()

    for future in behind:
        with pytest.raises(EngineClosedError):
            future.result(PATIENCE_S)
    assert not first.done()
    network.may_go.set()
    assert first.result(PATIENCE_S)[0][0, 0] == 198
    with pytest.raises(EngineClosedError):
        batcher(row(1))


@pytest.mark.parametrize("runs_at_once", [1, 2, 3])
def test_no_more_runs_at_once_than_allowed(pool, runs_at_once: int) -> None:
    network = FakeNetwork(takes_s=0.005)
    batcher = batcher_of(network, runs_at_once=runs_at_once, max_rows=2)
    for future in [pool.submit(batcher, row(n)) for n in range(40)]:
        future.result(PATIENCE_S)

    assert network.most_at_once <= runs_at_once


@pytest.mark.parametrize("seed", range(12))
def test_under_any_traffic_every_request_gets_its_own_answer(seed: int) -> None:
    """Random shapes, sizes, pauses, limits and poison from many threads; nobody hangs."""
    chance = random.Random(seed)
    network = FakeNetwork(takes_s=chance.choice([0, 0, 0.001]), poison=666)
    batching = Batching()
    batcher = batcher_of(
        network,
        batching,
        max_rows=chance.choice([1, 4, 16]),
        wait_s=chance.choice([0, 0.002, 0.02]),
        runs_at_once=chance.choice([1, 2, 4]),
        max_waiting=chance.choice([1, 3, 64]),
    )

    def caller(number: int) -> None:
        own = random.Random(f"{seed}/{number}")
        for step in range(15):
            rows = own.randint(1, 3)
            sent = np.full((rows, own.choice([3, 4])), 1000 * number + step, np.float32)
            is_poisoned = own.random() < 0.05
            if is_poisoned:
                sent[-1, -1] = 666
                with pytest.raises(ValueError, match="poisoned"):
                    batcher(sent)
            else:
                doubled, negated = batcher(sent)
                assert np.array_equal(doubled, 2 * sent)
                assert np.array_equal(negated, -sent)
            if own.random() < 0.3:
                time.sleep(own.random() / 500)

    with ThreadPoolExecutor(24) as threads:
        for future in [threads.submit(caller, number) for number in range(1, 25)]:
            future.result(60)
    assert batching.traffic.callers == 0
    assert in_line(batcher) == len(batcher._outside) == batcher._runs == 0
