"""Which of a customer's templates are searched when there are more than are allowed.

Kept are those that together stand for all of them best: greedily, the one is added that raises most
the sum, over all templates, of the score with the nearest kept one (facility location). On lfw-dev
that misses half as often as keeping the first, the latest, the sharpest, or those that differ most
from each other: what differs most is the odd photo out. The figures are in docs/adr/0011.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from vestibule.domain.embedding_space import Metric
from vestibule.domain.faces import Embeddings
from vestibule.domain.ids import TemplateId
from vestibule.domain.quality import ENROLMENT_LIMITS
from vestibule.domain.similarity import scores_between

_NEAR_DUPLICATE_SHARE = 1 / 6
_NOT_MEASURED = 4.0
_LEAST_TURN = 0.1
_TIE = 1e-6
"""Coverages closer than this are equal: rounding must not decide whose face is kept."""


@dataclass(frozen=True, slots=True)
class SelectableTemplate:
    """``quality`` as ``enrolment_margin`` gives it; ``is_pinned``: a person wants it searched."""

    id: TemplateId
    embedding: Embeddings
    quality: float
    created_at: datetime
    is_pinned: bool = False


def enrolment_margin(measured: Mapping[str, float]) -> float:
    """How far a face is inside the limits of enrolment: 1 at a limit, more is better.

    The worst of its measures decides. Among faces that passed the gate it hardly tells which one
    recognises best (rank correlation under .13 on lfw-dev), so it only settles what is alike
    otherwise, and is never shown. ``measured`` has the names of ``FaceQuality``; what was not
    measured does not count.
    """
    limits, margins = ENROLMENT_LIMITS, [_NOT_MEASURED]
    if "eye_distance_px" in measured:
        margins.append(measured["eye_distance_px"] / limits.eye_distance_px)
    if "sharpness" in measured:
        margins.append(measured["sharpness"] / limits.sharpness)
    if "turn" in measured:
        margins.append(limits.turn / max(measured["turn"], _LEAST_TURN))
    return float(min(margins))


def near_duplicate_score(same_person: float) -> float:
    """From here on two templates are as good as the same photo.

    ``same_person`` is the score that says two faces are likely one person; what is meant lies at
    five sixths of the way from there to identity. With `open` .922, which 1 % of the pairs of one
    person on lfw-dev reach.
    """
    return 1 - (1 - same_person) * _NEAR_DUPLICATE_SHARE


def select_templates(
    templates: Sequence[SelectableTemplate], metric: Metric, *, cap: int, near_duplicate: float
) -> set[TemplateId]:
    """The ids to keep, at most ``cap`` or as many as are pinned.

    Depends on the templates alone, not on their order. Pinned ones are kept. Of near duplicates
    the better in quality is kept, so the best of all is never lost to a worse one like it.
    """
    if not templates:
        return set()
    ranked = sorted(templates, key=_rank)
    scores = scores_between(metric, *[np.stack([t.embedding for t in ranked])] * 2)
    different = _without_near_duplicates(ranked, scores, near_duplicate)
    kept = [i for i in different if ranked[i].is_pinned] or different[:1]
    while len(kept) < min(cap, len(different)):
        kept.append(_next_best(different, kept, scores))
    return {ranked[i].id for i in kept}


def _rank(template: SelectableTemplate) -> tuple[bool, float, datetime, str]:
    """Pinned first, then the better, then the older: what is on file gives way to better only."""
    return not template.is_pinned, -template.quality, template.created_at, str(template.id)


def _without_near_duplicates(
    ranked: Sequence[SelectableTemplate], scores: NDArray[np.float32], near_duplicate: float
) -> list[int]:
    different: list[int] = []
    for index, template in enumerate(ranked):
        is_new = all(scores[index, other] < near_duplicate for other in different)
        if template.is_pinned or is_new:
            different.append(index)
    return different


def _next_best(different: Sequence[int], kept: Sequence[int], scores: NDArray[np.float32]) -> int:
    """The template that raises the coverage most; the first by rank of equal ones."""
    nearest = scores[np.ix_(different, kept)].max(axis=1)
    best, best_coverage = -1, -np.inf
    for index in different:
        if index in kept:
            continue
        coverage = float(np.maximum(nearest, scores[different, index]).sum())
        if coverage > best_coverage + _TIE:
            best, best_coverage = index, coverage
    return best
