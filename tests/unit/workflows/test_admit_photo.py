"""A silent database keeps whoever comes to the door waiting for a while, and nothing else."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from vestibule.domain.errors import DatabaseUnavailableError
from vestibule.workflows import admit_photo
from vestibule.workflows.admit_photo import Doorkeeper


class Clock:
    def now(self) -> datetime:
        return datetime(2026, 11, 25, tzinfo=UTC)


@dataclass
class SilentDatabase:
    """Answers nothing until ``speaks`` is set, and then that it is away."""

    asked: threading.Event
    speaks: threading.Event

    @contextmanager
    def look(self) -> Iterator[None]:
        self.asked.set()
        self.speaks.wait(20)
        raise DatabaseUnavailableError()
        yield


@pytest.fixture
def runtime() -> Iterator[SimpleNamespace]:
    database = SilentDatabase(threading.Event(), threading.Event())
    limits = SimpleNamespace(max_queue_wait_s=20)
    yield SimpleNamespace(database=database, clock=Clock(), limits=limits)
    database.speaks.set()


@pytest.fixture
def doorkeeper(runtime: SimpleNamespace) -> Doorkeeper:
    """While another upload asks the silent database."""
    made = Doorkeeper()

    def first() -> None:
        with pytest.raises(DatabaseUnavailableError):
            made.admit(runtime)

    threading.Thread(target=first, daemon=True).start()
    assert runtime.database.asked.wait(5)
    return made


def test_upload_behind_one_that_waits_is_told_after_a_while(
    doorkeeper: Doorkeeper, runtime: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admit_photo, "PATIENCE_S", 0.2)
    began = time.monotonic()
    with pytest.raises(DatabaseUnavailableError):
        doorkeeper.admit(runtime)
    assert time.monotonic() - began < 3


def test_saying_that_a_photo_has_come_waits_for_nobody(doorkeeper: Doorkeeper) -> None:
    began = time.monotonic()
    doorkeeper.has_come()
    assert time.monotonic() - began < 1
