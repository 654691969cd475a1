"""Two generations are asked about the same faces: do they give the same answers?"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Agreement(StrEnum):
    """Of one face. SAME: both named one customer. NOBODY: neither found anybody alike enough."""

    SAME = "same"
    NOBODY = "nobody"
    ONLY_OLD = "only_old"
    ONLY_NEW = "only_new"
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True)
class ShadowAnswer:
    """Whom the serving generation and the new one name for a face of ``customer_id``; None:
    nobody reaches the threshold. Each face is compared with all others but itself."""

    customer_id: UUID
    old: UUID | None
    new: UUID | None

    @property
    def agreement(self) -> Agreement:
        if self.old == self.new:
            return Agreement.NOBODY if self.old is None else Agreement.SAME
        if self.new is None:
            return Agreement.ONLY_OLD
        return Agreement.ONLY_NEW if self.old is None else Agreement.DIFFERENT


@dataclass(frozen=True, slots=True)
class ShadowComparison:
    """``agree_low`` and ``agree_high`` bound the share of equal answers among all faces (95 %).

    ``right_old`` and ``right_new`` count the answers that name the face's own customer, of
    ``findable`` faces whose customer has another one.
    """

    faces: int
    counts: dict[Agreement, int]
    agree_low: float
    agree_high: float
    findable: int
    right_old: int
    right_new: int

    @property
    def agreeing(self) -> int:
        return self.counts[Agreement.SAME] + self.counts[Agreement.NOBODY]


def compare_answers(
    answers: Iterable[ShadowAnswer], *, with_another_face: frozenset[UUID]
) -> ShadowComparison:
    """``with_another_face`` are the customers who can be found by a second face of theirs."""
    given = list(answers)
    counts = {kind: sum(a.agreement is kind for a in given) for kind in Agreement}
    agreeing = counts[Agreement.SAME] + counts[Agreement.NOBODY]
    low, high = wilson_interval(agreeing, len(given))
    findable = [a for a in given if a.customer_id in with_another_face]
    return ShadowComparison(
        faces=len(given),
        counts=counts,
        agree_low=low,
        agree_high=high,
        findable=len(findable),
        right_old=sum(a.old == a.customer_id for a in findable),
        right_new=sum(a.new == a.customer_id for a in findable),
    )


def wilson_interval(hits: int, tries: int) -> tuple[float, float]:
    """95 % bounds of a share (Wilson 1927); (0, 1) for no tries."""
    if tries == 0:
        return 0.0, 1.0
    z = 1.959964
    share, spread = hits / tries, z * z / tries
    centre = (share + spread / 2) / (1 + spread)
    half = z / (1 + spread) * math.sqrt(share * (1 - share) / tries + spread / (4 * tries))
    return max(0.0, centre - half), min(1.0, centre + half)
