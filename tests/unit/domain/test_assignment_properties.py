"""Assignment against brute force: up to five faces and five customers, with ties."""

import dataclasses
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from vestibule.domain.assignment import assign
from vestibule.domain.decision import Candidate, Decision, Thresholds
from vestibule.domain.ids import CustomerId, TemplateId

LIMITS = Thresholds(match=0.6, review=0.5, target_fpir=0.01, gallery_size=10, space_id="s")
STRENGTH = [Decision.UNKNOWN, Decision.REVIEW, Decision.MATCH]
CUSTOMERS = range(1, 6)

# Few values, so that ties and scores exactly at a threshold are common, and any value.
scores = st.sampled_from([0.2, 0.4999, 0.5, 0.55, 0.6, 0.7, 0.7, 0.9]) | st.floats(-1, 1)
Photo = list[list[Candidate]]
photos = st.lists(
    st.dictionaries(st.sampled_from(CUSTOMERS), scores, max_size=5).map(
        lambda row: [_candidate(customer, score) for customer, score in row.items()]
    ),
    max_size=5,
)


def _candidate(customer: int, score: float) -> Candidate:
    return Candidate(CustomerId(UUID(int=customer)), TemplateId(UUID(int=customer + 100)), score)


def _gain(row: list[Candidate]) -> dict[int, float]:
    return {c.customer_id.int: c.score - LIMITS.review for c in row if c.score >= LIMITS.review}


def _ways(faces: Photo) -> list[tuple[int, ...]]:
    """Every way to give the faces a customer each that they may have, or nobody (0)."""
    ways: list[tuple[int, ...]] = [()]
    for row in faces:
        offered = [0, *_gain(row)]
        ways = [(*way, c) for way in ways for c in offered if c == 0 or c not in way]
    return ways


def _best_total(faces: Photo) -> float:
    gains = [_gain(row) for row in faces]
    return max(
        sum(gain.get(customer, 0.0) for gain, customer in zip(gains, way, strict=True))
        for way in _ways(faces)
    )


def _total(faces: Photo) -> float:
    return sum(d.candidate.score - LIMITS.review for d in assign(faces, LIMITS) if d.candidate)


@given(photos)
def test_no_other_assignment_of_the_photo_has_a_larger_total(faces):
    assert abs(_total(faces) - _best_total(faces)) < 1e-6


@given(photos)
def test_no_customer_is_assigned_twice_and_none_under_the_review_threshold(faces):
    given_to = [d.candidate for d in assign(faces, LIMITS) if d.candidate]

    assert len({c.customer_id for c in given_to}) == len(given_to)
    assert all(c.score >= LIMITS.review for c in given_to)


@given(photos)
def test_face_without_a_customer_could_not_have_had_a_free_one(faces):
    decisions = assign(faces, LIMITS)
    taken = {d.candidate.customer_id for d in decisions if d.candidate}

    for row, decision in zip(faces, decisions, strict=True):
        if decision.candidate is None:
            free = [c for c in row if c.score >= LIMITS.review and c.customer_id not in taken]
            assert free == []


@given(photos, st.data())
def test_assigned_pair_stays_assigned_and_never_weakens_when_its_score_rises(faces, data):
    before = assign(faces, LIMITS)
    assigned = [face for face, decision in enumerate(before) if decision.candidate]
    if not assigned:
        return
    face = data.draw(st.sampled_from(assigned))
    candidate = before[face].candidate
    raised = dataclasses.replace(candidate, score=candidate.score + data.draw(st.floats(0.001, 1)))
    changed = [list(row) for row in faces]
    changed[face] = [raised if c == candidate else c for c in changed[face]]

    after = assign(changed, LIMITS)[face]

    assert after.candidate == raised
    assert STRENGTH.index(after.decision) >= STRENGTH.index(before[face].decision)


@given(photos, st.permutations(range(5)))
def test_order_of_candidates_changes_no_total(faces, order):
    shuffled = [[row[i] for i in order if i < len(row)] for row in faces]

    assert abs(_total(shuffled) - _total(faces)) < 1e-6


@given(photos, st.sampled_from(CUSTOMERS), scores)
def test_candidate_added_for_one_face_never_strengthens_another_customers_pairs(
    faces, customer, score
):
    """What is gained by one customer's score is that customer's: nobody else's total rises."""
    if not faces or any(c.customer_id.int == customer for row in faces for c in row):
        return
    added = [[*faces[0], _candidate(customer, score)], *faces[1:]]

    def total_of_others(decisions):
        others = [d.candidate for d in decisions if d.candidate]
        return sum(c.score - LIMITS.review for c in others if c.customer_id.int != customer)

    before, after = assign(faces, LIMITS), assign(added, LIMITS)

    assert total_of_others(after) <= total_of_others(before) + 1e-6
