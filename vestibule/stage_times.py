"""How long each stage of a photo takes: in the metrics for all, and in a photo's own result.

A stage is named once, where its work is done; who collects need not be passed along, because the
collection belongs to the thread that does the job.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Literal, get_args

from vestibule import tracing
from vestibule.telemetry import BATCH_ROWS, BATCH_WAIT_SECONDS, STAGE_SECONDS

Stage = Literal[
    "queue_wait",
    "decode",
    "detect",
    "assess",
    "embed",
    "search",
    "decide",
    "store",
    "wait_in_batch",
]
"""In the order of a photo. ``wait_in_batch`` is part of ``detect`` and ``embed``, not beside it."""

STAGES: tuple[Stage, ...] = get_args(Stage)


@dataclass(slots=True)
class _Photo:
    """``done`` holds seconds, ``begun`` the clock's reading at which open stages began."""

    done: dict[Stage, float] = field(default_factory=dict)
    begun: dict[Stage, float] = field(default_factory=dict)


_collecting: ContextVar[_Photo | None] = ContextVar("stages", default=None)


@contextmanager
def collected() -> Iterator[None]:
    """Collect what this thread measures from here on; ``timings_ms`` reads it."""
    token = _collecting.set(_Photo())
    try:
        yield
    finally:
        _collecting.reset(token)


@contextmanager
def stage(name: Stage) -> Iterator[None]:
    """Measure a stage that ends well; what an error cut short would only blur the figures."""
    photo = _collecting.get()
    started = time.perf_counter()
    if photo is not None:
        photo.begun[name] = started
    try:
        with tracing.span_within(name):
            yield
    finally:
        if photo is not None:
            del photo.begun[name]
    observe(name, time.perf_counter() - started)


def observe(name: Stage, seconds: float) -> None:
    """Record a duration that was measured elsewhere. Twice in one photo adds up."""
    STAGE_SECONDS.labels(name).observe(seconds)
    add(name, seconds)


def add(name: Stage, seconds: float) -> None:
    """To the photo's own times alone, where another metric counts it already."""
    photo = _collecting.get()
    if photo is not None:
        photo.done[name] = photo.done.get(name, 0.0) + seconds


def observe_batch(model: str, rows: int) -> None:
    """One run of ``model`` with so many rows."""
    BATCH_ROWS.labels(model).observe(rows)


def observe_wait_in_batch(model: str, seconds: float) -> None:
    """How long the caller waited for others to join its run, or for its turn."""
    BATCH_WAIT_SECONDS.labels(model).observe(seconds)
    add("wait_in_batch", seconds)


def timings_ms() -> dict[str, float]:
    """What was collected so far, in milliseconds; an open stage with the part that is over."""
    photo = _collecting.get()
    if photo is None:
        return {}
    now = time.perf_counter()
    open_stages = {name: now - begun for name, begun in photo.begun.items()}
    return {name: round(1000 * s, 1) for name, s in (photo.done | open_stages).items()}
