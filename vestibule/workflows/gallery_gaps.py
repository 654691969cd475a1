"""Files that lack something: looked for at each look while the gallery is small, else kept."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from vestibule.domain.errors import DatabaseUnavailableError
from vestibule.records import gallery_health
from vestibule.records.customers import CustomerOverview
from vestibule.records.database import Database
from vestibule.records.gallery_health import Gap, GapFound

SOUGHT_ANEW_BELOW = 10_000
"""Customers. From there on a page would wait for the look through all their files."""
FRESH_FOR_S = 60.0
Found = Mapping[Gap, GapFound]


@dataclass(frozen=True, slots=True)
class GapPage:
    """``total`` may be a minute behind; the items are as they are now."""

    items: list[CustomerOverview]
    total: int


class GalleryGaps:
    """Of each space, as last found. Safe for several threads.

    What is older than ``FRESH_FOR_S`` is shown once more while a thread looks anew.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known: dict[str, tuple[float, Found]] = {}
        self._looking = threading.Lock()

    def of(self, database: Database, space_id: str, *, old_before: datetime) -> Found:
        until, known = self._known.get(space_id, (0.0, None))
        if known is None:
            return self._look(database, space_id, old_before)
        if self._clock() >= until and self._looking.acquire(blocking=False):
            threading.Thread(
                target=self._look_beside, args=(database, space_id, old_before), daemon=True
            ).start()
        return known

    def page(
        self,
        database: Database,
        space_id: str,
        gap: Gap,
        *,
        old_before: datetime,
        offset: int,
        limit: int,
    ) -> GapPage:
        found = self.of(database, space_id, old_before=old_before)[gap]
        if found.customers == 0:
            return GapPage([], 0)
        with database.look() as transaction:
            items = gallery_health.customers_with_gap(
                transaction,
                gap,
                space_id=space_id,
                old_before=old_before,
                offset=offset,
                limit=limit,
                among=found.who,
            )
        return GapPage(items, found.customers)

    def _look(self, database: Database, space_id: str, old_before: datetime) -> Found:
        with database.look() as transaction:
            found = gallery_health.find_gaps(transaction, space_id=space_id, old_before=old_before)
        if found.customers >= SOUGHT_ANEW_BELOW:
            self._known[space_id] = (self._clock() + FRESH_FOR_S, found.by_gap)
        else:
            self._known.pop(space_id, None)
        return found.by_gap

    def _look_beside(self, database: Database, space_id: str, old_before: datetime) -> None:
        try:
            self._look(database, space_id, old_before)
        except DatabaseUnavailableError:
            self._known.pop(space_id, None)  # whoever looks next is told
        finally:
            self._looking.release()
