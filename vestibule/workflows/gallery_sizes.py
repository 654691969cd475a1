"""How large the gallery is, for thresholds: counted for every photo while that is quick."""

import threading
import time
from collections.abc import Callable

from vestibule.records import gallery
from vestibule.records.database import Transaction
from vestibule.records.gallery import GallerySize

COUNTED_ANEW_BELOW = 20_000
"""Templates. From there on a photo would wait for the count, and a minute changes no threshold."""
FRESH_FOR_S = 60.0


class GallerySizes:
    """Of each space, as last counted. Safe for several threads.

    When a count of a large gallery is due, one thread counts and the others go by the last one.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known: dict[str, tuple[float, GallerySize]] = {}
        self._counting = threading.Lock()

    def of(self, transaction: Transaction, space_id: str) -> GallerySize:
        until, known = self._known.get(space_id, (0.0, None))
        if known is None:
            return self._count(transaction, space_id)
        if self._clock() < until or not self._counting.acquire(blocking=False):
            return known
        try:
            return self._count(transaction, space_id)
        finally:
            self._counting.release()

    def _count(self, transaction: Transaction, space_id: str) -> GallerySize:
        counted = gallery.size(transaction, space_id)
        if counted.templates >= COUNTED_ANEW_BELOW:
            self._known[space_id] = (self._clock() + FRESH_FOR_S, counted)
        else:
            self._known.pop(space_id, None)
        return counted
