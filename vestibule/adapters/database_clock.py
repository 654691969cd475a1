"""One time for all processes: Postgres' clock, carried on by this machine's monotonic one."""

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import text

from vestibule.domain.errors import DatabaseUnavailableError
from vestibule.records.database import Database

_AGAIN_AFTER_S = 60.0
"""Crystals drift by some 50 ppm: 3 ms in this time."""


class DatabaseClock:
    """Leases and expiry compare moments that different machines wrote, so they must agree.

    A wall clock that jumps here does no harm, since it is never asked. While Postgres is away the
    time known last runs on. Safe to call from several threads.
    """

    def __init__(
        self, database: Database, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        """Asks at the first use. That one raises DatabaseUnavailableError."""
        self._database = database
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._known: tuple[datetime, float] | None = None
        self._ask_at = 0.0

    def now(self) -> datetime:
        if self._known is None or self._monotonic() >= self._ask_at:
            self._ask()
        known = self._known
        assert known is not None
        moment, at = known
        return moment + timedelta(seconds=self._monotonic() - at)

    def _ask(self) -> None:
        """One thread asks; the others go on with what is known, if anything is."""
        if not self._lock.acquire(blocking=self._known is None):
            return
        try:
            before = self._monotonic()
            with self._database.look() as transaction:
                moment = transaction.scalar(text("SELECT clock_timestamp()"))
            assert isinstance(moment, datetime)
            after = self._monotonic()
            # Read by the server somewhere between; the middle is wrong by half the way at most.
            self._known = (moment, (before + after) / 2)
            self._ask_at = after + _AGAIN_AFTER_S
        except DatabaseUnavailableError:
            if self._known is None:
                raise
            self._ask_at = self._monotonic() + 1
        finally:
            self._lock.release()
