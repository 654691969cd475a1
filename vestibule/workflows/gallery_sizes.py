"""How large the gallery is, for thresholds and pages: counted each time while that is quick."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

from vestibule.records import gallery
from vestibule.records.database import Transaction
from vestibule.records.gallery import GallerySize

COUNTED_ANEW_BELOW = 20_000
"""Templates. From there on a photo would wait for the count, and a minute changes no threshold."""
FRESH_FOR_S = 60.0
Counted = TypeVar("Counted")


class GallerySizes:
    """Of each space, as last counted. Safe for several threads.

    When a count of a large gallery is due, one thread counts and the others go by the last one.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._sizes: dict[str, tuple[float, GallerySize]] = {}
        self._elsewhere: dict[str, tuple[float, int]] = {}
        self._counting = threading.Lock()

    def of(self, transaction: Transaction, space_id: str) -> GallerySize:
        def count() -> GallerySize:
            counted = gallery.size(transaction, space_id)
            if counted.templates < COUNTED_ANEW_BELOW:
                self._sizes.pop(space_id, None)
            else:
                self._sizes[space_id] = (self._clock() + FRESH_FOR_S, counted)
            return counted

        return self._as_known(self._sizes.get(space_id), count)

    def elsewhere(self, transaction: Transaction, space_id: str) -> int:
        """Guests whose faces are in other spaces only; kept as long as a large size of it is."""

        def count() -> int:
            counted = gallery.customers_elsewhere(transaction, space_id)
            if space_id in self._sizes:
                self._elsewhere[space_id] = (self._clock() + FRESH_FOR_S, counted)
            else:
                self._elsewhere.pop(space_id, None)
            return counted

        return self._as_known(self._elsewhere.get(space_id), count)

    def _as_known(
        self, kept: tuple[float, Counted] | None, count: Callable[[], Counted]
    ) -> Counted:
        if kept is None:
            return count()
        until, known = kept
        if self._clock() < until or not self._counting.acquire(blocking=False):
            return known
        try:
            return count()
        finally:
            self._counting.release()
