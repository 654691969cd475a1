"""From measured non-mated scores to the threshold for a gallery's size."""

from typing import Protocol


class Calibration(Protocol):
    """What a pack knows of the scores that different people reach in its space."""

    @property
    def space_id(self) -> str: ...

    def threshold(self, *, target_fpir: float, gallery_size: int) -> float:
        """The score at which a face of an unknown person matches anyone with ``target_fpir``.

        ``gallery_size`` counts searchable customers, 0 treated as 1. Never falls when the
        gallery grows, never rises when ``target_fpir`` does.
        """
        ...
