"""What "not them" means for the next search: which customers a face may not be taken for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vestibule.domain.calibration import Calibration
from vestibule.domain.decision import Candidate
from vestibule.domain.faces import Box, overlap
from vestibule.domain.ids import CustomerId

SAME_FACE_OVERLAP = 0.5
"""Two boxes in the same photo are one face from here on: the detector repeats itself exactly, and
neighbours in a crowd overlap far less."""


@dataclass(frozen=True, slots=True)
class RejectedPair:
    """A face of one photo that a person said is not this customer. No pixel, no embedding."""

    box_xyxy_px: Box
    customer_id: CustomerId


@dataclass(frozen=True, slots=True)
class SamePersonScores:
    """From which score on two faces are one person, likely and as good as surely.

    On lfw-dev (gallery of 400, faces that were wrongly taken for a guest, 2,589 later photos of
    them that would be taken for that guest again) the two together stop 96 % of those; what they
    cost the guests themselves is in docs/adr/0011.
    """

    likely: float
    surely: float


def same_person_scores(calibration: Calibration) -> SamePersonScores:
    """Exceeded by 1 in 10,000 and 1 in a million pairs of different people in this space."""
    return SamePersonScores(
        likely=calibration.threshold(target_fpir=1e-4, gallery_size=1),
        surely=calibration.threshold(target_fpir=1e-6, gallery_size=1),
    )


def rejected_for(box_xyxy_px: Box, pairs: Sequence[RejectedPair]) -> set[CustomerId]:
    """The customers that this face of the same photo was said not to be."""
    return {
        pair.customer_id
        for pair in pairs
        if overlap(pair.box_xyxy_px, box_xyxy_px) >= SAME_FACE_OVERLAP
    }


def without_rejected(
    candidates: Sequence[Candidate],
    *,
    never: set[CustomerId],
    alike: Mapping[CustomerId, float],
    same_person: SamePersonScores,
) -> list[Candidate]:
    """The candidates that are left for one face.

    ``never`` are left out whatever their score. ``alike[customer]`` is how alike this face is to
    one that was answered "not them" for that customer: from ``surely`` on the customer is left
    out whatever their score, from ``likely`` on unless the face is more alike to the customer.
    Only takes candidates away, so no other customer's pair gains a score.
    """
    return [
        candidate
        for candidate in candidates
        if candidate.customer_id not in never
        and not _is_answered(candidate, alike.get(candidate.customer_id), same_person)
    ]


def _is_answered(candidate: Candidate, alike: float | None, same_person: SamePersonScores) -> bool:
    if alike is None or alike < same_person.likely:
        return False
    return alike >= same_person.surely or alike >= candidate.score
