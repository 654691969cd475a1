"""Who is who in one photo: the best overall assignment, each customer at most once."""

from collections.abc import Sequence

import numpy as np
from scipy.optimize import linear_sum_assignment

from vestibule.domain.decision import Candidate, Decision, FaceDecision, Thresholds, decide

Candidates = Sequence[Candidate]


def assign(
    candidates_by_face: Sequence[Candidates], thresholds: Thresholds | Sequence[Thresholds]
) -> list[FaceDecision]:
    """Decide every usable face of a photo together.

    ``candidates_by_face[i]`` holds face i's candidates, one per customer, in any order;
    ``thresholds`` are one for all faces, or one a face (its light band's). Among pairs at or over
    the face's review threshold, the assignment with the largest total of ``score - review`` is
    taken (Kuhn-Munkres), so a face that loses its best candidate to a better claim may still get
    its second one. Returns one decision per face, in order.
    """
    if isinstance(thresholds, Thresholds):
        thresholds = [thresholds] * len(candidates_by_face)
    assigned = _assigned_candidates(candidates_by_face, [own.review for own in thresholds])
    return [
        _decision(candidate, candidates, own)
        for candidate, candidates, own in zip(assigned, candidates_by_face, thresholds, strict=True)
    ]


def _assigned_candidates(
    candidates_by_face: Sequence[Candidates], floors: Sequence[float]
) -> list[Candidate | None]:
    """``floors[i]`` is the review threshold of face i."""
    customers = sorted(
        {
            candidate.customer_id
            for candidates, floor in zip(candidates_by_face, floors, strict=True)
            for candidate in candidates
            if candidate.score >= floor
        }
    )
    if not customers:
        return [None] * len(candidates_by_face)
    column = {customer: index for index, customer in enumerate(customers)}
    # A pair outside the band gains nothing, exactly like leaving the face unassigned.
    gain = np.zeros((len(candidates_by_face), len(customers)))
    chosen: dict[tuple[int, int], Candidate] = {}
    for row, candidates in enumerate(candidates_by_face):
        floor = floors[row]
        for candidate in candidates:
            if candidate.score >= floor:
                cell = (row, column[candidate.customer_id])
                # The small constant lets a pair exactly at the threshold beat no pair at all.
                gain[cell] = candidate.score - floor + 1e-9
                chosen[cell] = candidate
    result: list[Candidate | None] = [None] * len(candidates_by_face)
    rows, columns = linear_sum_assignment(gain, maximize=True)
    for face, customer in zip(rows.tolist(), columns.tolist(), strict=True):
        result[face] = chosen.get((face, customer))
    return result


def _decision(
    candidate: Candidate | None, candidates: Candidates, thresholds: Thresholds
) -> FaceDecision:
    best_score = max((c.score for c in candidates), default=None)
    if candidate is None:
        return FaceDecision(Decision.UNKNOWN, best_score=best_score)
    return FaceDecision(
        decide(candidate.score, thresholds), candidate=candidate, best_score=best_score
    )
