"""Joins what concurrent jobs ask of one network into one run.

Nobody works in the background. The caller whose request is oldest leads: it takes along those
behind it whose rows have the same shape, runs the network once for all of them, and wakes them. A
caller who is alone in the engine leads at once and waits for nobody.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import structlog
from numpy.typing import NDArray

from vestibule.domain.errors import TransientError

Tensor = NDArray[np.float32]
Run = Callable[[Tensor], list[Tensor]]
"""All outputs of a network for a batch; the first axis of each counts the batch's rows."""

log = structlog.get_logger(__name__)


class EngineClosedError(TransientError):
    """The engine closed while a request waited for its turn; the job is done again."""

    code = "engine_closed"


class _UnevenOutputsError(ValueError):
    """The outputs do not have a row for each row of the batch, so they cannot be shared out."""


@dataclass(frozen=True, slots=True)
class BatchLimits:
    """``max_rows`` and ``max_bytes``: of the input of one run that is shared; one request alone
    may be larger. ``wait_s``: at most, and only for others that are in the engine.

    ``runs_at_once``: of one network; one for a GPU, inside which a second one only queues.
    ``max_waiting``: requests in line; further callers wait outside it, first come first served.
    """

    max_rows: int = 64
    max_bytes: int = 128 * 2**20
    wait_s: float = 0.002
    runs_at_once: int = 1
    max_waiting: int = 64


class Traffic:
    """The callers inside all networks of one engine, so that nobody waits for no one."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.callers = 0
        self.is_closed = False

    def close(self) -> None:
        """Wake everybody in line with EngineClosedError; runs that go on are let end."""
        with self.changed:
            self.is_closed = True
            self.changed.notify_all()


@dataclass(frozen=True, slots=True)
class Batching:
    """What the networks of one engine share. Without ``limits`` every request runs by itself.

    ``on_rows`` is called after each run with the network's name and its rows; ``on_wait`` in the
    thread of each caller with the name and the seconds until its run began.
    """

    limits: BatchLimits | None = None
    traffic: Traffic = field(default_factory=Traffic)
    on_rows: Callable[[str, int], None] = lambda _name, _rows: None
    on_wait: Callable[[str, float], None] = lambda _name, _seconds: None

    def close(self) -> None:
        self.traffic.close()


@dataclass(eq=False, slots=True)
class _Request:
    rows: Tensor
    arrived_at: float = field(default_factory=time.monotonic)
    began_at: float = 0.0
    is_alone: bool = False
    """After a shared run failed, each of its requests stands for itself."""
    outputs: list[Tensor] | None = None

    def goes_with(self, other: "_Request") -> bool:
        same = self.rows.shape[1:] == other.rows.shape[1:]
        return same and not (self.is_alone or other.is_alone)


class MicroBatcher:
    """A network behind a line of requests. Safe to call from any number of threads."""

    def __init__(
        self,
        run: Run,
        *,
        name: str,
        limits: BatchLimits,
        batching: Batching,
        failures: tuple[type[Exception], ...],
    ) -> None:
        """``failures`` are what ``run`` raises for a batch that it cannot do as a whole."""
        self._run = run
        self._name = name
        self._limits = limits
        self._traffic = batching.traffic
        self._on_wait = batching.on_wait
        self._failures: tuple[type[Exception], ...] = (*failures, _UnevenOutputsError)
        self._changed = batching.traffic.changed
        self._outside: deque[_Request] = deque()
        self._line: deque[_Request] = deque()
        self._runs = 0
        self._can_share = True

    def __call__(self, rows: Tensor) -> list[Tensor]:
        """The outputs for these rows, as if they had been run alone.

        Raises what the network raises for these very rows, or EngineClosedError.
        """
        request = _Request(rows)
        self._enter(request)
        try:
            while request.outputs is None:
                batch = self._await_turn(request)
                if batch:
                    self._lead(batch)
        finally:
            self._leave(request)
        self._on_wait(self._name, request.began_at - request.arrived_at)
        return request.outputs

    # ── in line ─────────────────────────────────────────────────────────────────────────────
    def _enter(self, request: _Request) -> None:
        """Into the line as soon as it has room, in the order of arrival."""

        def is_admitted() -> bool:
            is_first = self._outside[0] is request
            return is_first and len(self._line) < self._limits.max_waiting

        with self._changed:
            self._outside.append(request)
            try:
                self._changed.wait_for(lambda: self._traffic.is_closed or is_admitted())
                if self._traffic.is_closed:
                    raise EngineClosedError()
            finally:
                self._outside.remove(request)
                self._changed.notify_all()
            self._line.append(request)
            self._traffic.callers += 1

    def _leave(self, request: _Request) -> None:
        with self._changed:
            if request in self._line:
                self._line.remove(request)
            self._traffic.callers -= 1
            self._changed.notify_all()

    def _await_turn(self, request: _Request) -> list[_Request]:
        """Whom to run, once the request leads; nobody, once another leader has answered it."""

        def leads() -> bool:
            has_turn = self._runs < self._limits.runs_at_once
            return has_turn and bool(self._line) and self._line[0] is request

        def is_sent_away() -> bool:
            return self._traffic.is_closed and request in self._line

        with self._changed:
            self._changed.wait_for(lambda: request.outputs is not None or is_sent_away() or leads())
            if request.outputs is not None:
                return []
            if is_sent_away():
                raise EngineClosedError()
            self._await_company(request)
            if not leads():  # somebody whose shared run failed has gone before
                return []
            batch = self._companions(request)
            self._line = deque(other for other in self._line if other not in batch)
            self._runs += 1
            began_at = time.monotonic()
            for one in batch:
                one.began_at = began_at
            self._changed.notify_all()
            return batch

    def _await_company(self, leader: _Request) -> None:
        """Until all who are in the engine have joined or the run is full, at most ``wait_s``."""
        deadline = leader.arrived_at + self._limits.wait_s
        while self._can_share and not leader.is_alone and not self._traffic.is_closed:
            here = [one for one in self._line if leader.goes_with(one)]
            left_s = deadline - time.monotonic()
            is_full = sum(len(one.rows) for one in here) >= self._limits.max_rows
            if is_full or left_s <= 0 or self._traffic.callers <= len(here):
                return
            self._changed.wait(left_s)

    def _companions(self, leader: _Request) -> list[_Request]:
        """The leader and, oldest first, those that fit into its run."""
        batch, rows = [leader], len(leader.rows)
        row_bytes = leader.rows.nbytes / max(rows, 1)
        most = min(self._limits.max_rows, self._limits.max_bytes / max(row_bytes, 1))
        for other in self._line:
            if other is leader or not self._can_share or not leader.goes_with(other):
                continue
            rows += len(other.rows)
            if rows > most:
                break
            batch.append(other)
        return batch

    # ── a run ───────────────────────────────────────────────────────────────────────────────
    def _lead(self, batch: list[_Request]) -> None:
        """Answer all of the batch; if that fails as a whole, each of them goes by itself."""
        shares = None
        try:
            shares = self._shares(batch)
        except self._failures as error:
            if len(batch) == 1:
                raise
            log.warning("batch.failed", model=self._name, requests=len(batch), error=str(error))
        finally:
            with self._changed:
                self._runs -= 1
                for one, share in zip(batch, shares or (), strict=False):
                    one.outputs = share
                if shares is None:
                    self._put_back(batch)
                self._changed.notify_all()

    def _shares(self, batch: list[_Request]) -> list[list[Tensor]]:
        if len(batch) == 1:
            return [self._run(batch[0].rows)]
        ends = np.cumsum([len(one.rows) for one in batch])
        outputs = self._run(np.concatenate([one.rows for one in batch]))
        if any(output.shape[:1] != (ends[-1],) for output in outputs):
            self._can_share = False
            raise _UnevenOutputsError(f"{self._name} does not answer row by row")
        parts = [np.split(output, ends[:-1]) for output in outputs]
        return [list(share) for share in zip(*parts, strict=True)]

    def _put_back(self, batch: list[_Request]) -> None:
        """To the head of the line, in the order in which they stood there."""
        for one in reversed(batch):
            one.is_alone = True
            self._line.appendleft(one)
