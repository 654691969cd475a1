"""What is wrong in a gallery: faces that do not fit their file, and files that are one person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from vestibule.domain.calibration import Calibration
from vestibule.domain.ids import CustomerId, TemplateId

EXPECTED_CHANCE_PAIRS = 5.0
"""So many pairs of different people may look like one person by chance, whatever the size.

On lfw-dev, 60 people enrolled twice among 400: 97 % of them are found with 4 chance pairs beside
them; among 1,000, 94 % with 5.
"""
_STRANGER_SHARE = 0.003


class FindingKind(StrEnum):
    """Part of the public contract, in lower case."""

    OUTLIER = "OUTLIER"
    NEARER = "NEARER"
    DUPLICATE = "DUPLICATE"
    WRONG_MATCHES = "WRONG_MATCHES"
    POOR = "POOR"
    OVERRIDDEN = "OVERRIDDEN"


@dataclass(frozen=True, slots=True)
class HealthScores:
    """``unlike``: under it two faces of one file look like two people. ``alike``: from it on two
    files look like one person, at this gallery's size.

    Under ``unlike`` (reached by 3 in 1,000 pairs of different people) lie 0.4 % of the faces of
    lfw-dev with their nearest of two others of the same person, and 99.6 % of strangers put there.
    """

    unlike: float
    alike: float
    comparisons: int
    expected_pairs: float


def health_scores(calibration: Calibration, *, customers: int, templates: int) -> HealthScores:
    """For a gallery of this size: the more pairs there are, the more alike two must be."""
    size = calibration.effective_gallery_size(customers=customers, templates=templates)
    share = min(2 * EXPECTED_CHANCE_PAIRS / max(customers, 1), 0.1)
    return HealthScores(
        unlike=calibration.threshold(target_fpir=_STRANGER_SHARE, gallery_size=1),
        alike=calibration.threshold(target_fpir=share, gallery_size=max(size, 1)),
        comparisons=customers * (customers - 1) // 2,
        expected_pairs=share * customers / 2,
    )


@dataclass(frozen=True, slots=True)
class Resemblance:
    """A template of another customer."""

    template_id: TemplateId
    customer_id: CustomerId
    score: float


@dataclass(frozen=True, slots=True)
class TemplateView:
    """A template with what it is like. ``own_score``: the nearest other of its customer's, None if
    it is alone on the file. ``others``: templates of other customers, the most alike first."""

    template_id: TemplateId
    customer_id: CustomerId
    own_score: float | None
    own_nearest: TemplateId | None
    others: Sequence[Resemblance]


@dataclass(frozen=True, slots=True)
class Finding:
    kind: FindingKind
    customer_id: CustomerId
    template_id: TemplateId
    other_customer_id: CustomerId | None = None
    other_template_id: TemplateId | None = None
    score: float | None = None
    own_score: float | None = None
    count: int | None = None


def judge_template(view: TemplateView, scores: HealthScores) -> Finding | None:
    """Whether a face does not fit its file: it looks like another guest, or like nobody on it."""
    if view.own_score is None or view.own_score >= scores.unlike:
        return None
    nearest = view.others[0] if view.others else None
    if nearest is not None and nearest.score >= max(scores.alike, view.own_score):
        return Finding(
            FindingKind.NEARER,
            view.customer_id,
            view.template_id,
            other_customer_id=nearest.customer_id,
            other_template_id=nearest.template_id,
            score=nearest.score,
            own_score=view.own_score,
        )
    return Finding(
        FindingKind.OUTLIER,
        view.customer_id,
        view.template_id,
        other_customer_id=view.customer_id,
        other_template_id=view.own_nearest,
        own_score=view.own_score,
    )


def duplicates_of(view: TemplateView, scores: HealthScores) -> list[Finding]:
    """Other customers that this one looks like; each pair in the order of the customers' ids."""
    found = []
    for other in view.others:
        if other.score < scores.alike:
            continue
        one, two = (view.customer_id, view.template_id), (other.customer_id, other.template_id)
        (first, its), (second, theirs) = sorted((one, two))
        found.append(
            Finding(
                FindingKind.DUPLICATE,
                first,
                its,
                other_customer_id=second,
                other_template_id=theirs,
                score=other.score,
            )
        )
    return found


def best_by_pair(
    duplicates: Mapping[tuple[CustomerId, CustomerId], Finding], found: Sequence[Finding]
) -> dict[tuple[CustomerId, CustomerId], Finding]:
    """One finding a pair of customers: the two faces that are most alike."""
    best = dict(duplicates)
    for finding in found:
        assert finding.other_customer_id is not None
        pair = (finding.customer_id, finding.other_customer_id)
        known = best.get(pair)
        if known is None or (finding.score or 0) > (known.score or 0):
            best[pair] = finding
    return best
