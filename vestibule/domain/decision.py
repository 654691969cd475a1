"""What the scores of one photo mean, decided at a threshold that is recorded with the answer."""

from dataclasses import dataclass
from enum import StrEnum

from vestibule.domain.ids import CustomerId, TemplateId
from vestibule.domain.quality import UnusableReason


class Decision(StrEnum):
    """MATCH: at or over the threshold. REVIEW: in the band under it, a person looks.

    UNKNOWN: nobody comes near. UNUSABLE: the face was not compared.
    """

    MATCH = "MATCH"
    REVIEW = "REVIEW"
    UNKNOWN = "UNKNOWN"
    UNUSABLE = "UNUSABLE"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The scores from which a candidate is a match, or worth a look, at one gallery size.

    ``target_fpir`` is the share of faces of unknown people that may come out as a match;
    ``gallery_size`` the number of searchable customers when the decision was made.
    """

    match: float
    review: float
    target_fpir: float
    gallery_size: int
    space_id: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A customer that search returned for one face, with the best score of their templates."""

    customer_id: CustomerId
    template_id: TemplateId
    score: float


@dataclass(frozen=True, slots=True)
class FaceDecision:
    """The answer for one face. ``candidate`` is set for MATCH and REVIEW only.

    ``best_score`` is the best candidate's score even when it decided nothing (None when the
    gallery is empty or the face was unusable); ``reason`` is set for UNUSABLE only.
    """

    decision: Decision
    candidate: Candidate | None = None
    best_score: float | None = None
    reason: UnusableReason | None = None


def decide(score: float, thresholds: Thresholds) -> Decision:
    """Monotone in the score: a higher score never gives a weaker decision."""
    if score >= thresholds.match:
        return Decision.MATCH
    if score >= thresholds.review:
        return Decision.REVIEW
    return Decision.UNKNOWN
