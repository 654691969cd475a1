"""The watchlist by the clock: unanswered proposals close, and each night everybody is looked at."""

from datetime import date
from uuid import UUID

import structlog

from vestibule.workflows.propose_watchlist import (
    due_customers,
    expire_unanswered,
    propose_for,
    tonight_of,
)
from vestibule.workflows.runtime import Runtime

CUSTOMERS_A_ROUND = 25
"""Each waits for the lock of a file; the round also sends lost jobs again, and may not be late."""
log = structlog.get_logger(__name__)


class WatchlistRound:
    """Once a night, when the last has ended, and once at a start: running twice proposes once."""

    def __init__(self) -> None:
        self._night: date | None = None
        self._owed: list[UUID] = []

    def round(self, runtime: Runtime) -> None:
        expired = expire_unanswered(runtime)
        tonight = tonight_of(runtime)
        if tonight != self._night:
            self._owed = due_customers(runtime)
            self._night = tonight
        now, self._owed = self._owed[:CUSTOMERS_A_ROUND], self._owed[CUSTOMERS_A_ROUND:]
        proposed = 0
        for customer_id in now:
            proposed += len(propose_for(runtime, customer_id, reason="nightly").proposed)
        if expired or proposed:
            log.info("watchlist.round", expired=expired, proposed=proposed)
