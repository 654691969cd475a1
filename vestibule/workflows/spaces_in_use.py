"""Which generation answers now, and what belongs to its space: engine, calibration, thresholds."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from vestibule.domain.embedding_space import EmbeddingSpace
from vestibule.domain.index_generation import IndexGeneration
from vestibule.domain.pack_calibration import PackCalibration
from vestibule.ports import FaceEngine
from vestibule.records import generations
from vestibule.records.database import Database
from vestibule.workflows.calibration_in_force import CalibrationInForce

FRESH_FOR_S = 1.0
"""How late a process may notice a switch. Harmless: the former generation is kept complete, and a
result of one that was dropped meanwhile is not stored (``identify_photo.py``)."""


@dataclass(frozen=True, slots=True)
class SpaceInUse:
    """What belongs together: nothing of one space is ever used with another's."""

    engine: FaceEngine
    calibration: PackCalibration
    in_force: CalibrationInForce


OpenSpace = Callable[[EmbeddingSpace], SpaceInUse]
"""Raises SpaceUnavailableError when nothing installed here speaks that space."""


class SpacesInUse:
    """Asks Postgres which generation serves, at most once a second. Safe for several threads."""

    def __init__(self, open_space: OpenSpace, *, fresh_for_s: float = FRESH_FOR_S) -> None:
        self.open = open_space
        self._fresh_for_s = fresh_for_s
        self._lock = threading.Lock()
        self._known: IndexGeneration | None = None
        self._known_until = 0.0

    def serving(self, database: Database) -> IndexGeneration | None:
        """None before the first start made one."""
        with self._lock:
            if self._known is not None and time.monotonic() < self._known_until:
                return self._known
        asked_at = time.monotonic()
        with database.look() as reader:
            found = generations.serving(reader)
        with self._lock:
            self._known, self._known_until = found, asked_at + self._fresh_for_s
        return found

    def look_again(self) -> None:
        """For the process that switched: its next question goes to Postgres."""
        with self._lock:
            self._known_until = 0.0
