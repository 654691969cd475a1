"""Who is who in one photo."""

from itertools import permutations
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from vestibule.domain.assignment import assign
from vestibule.domain.decision import Candidate, Decision, Thresholds, decide
from vestibule.domain.ids import CustomerId, TemplateId

LIMITS = Thresholds(match=0.6, review=0.5, target_fpir=0.01, gallery_size=10, space_id="s")


def candidate(customer: int, score: float) -> Candidate:
    return Candidate(CustomerId(UUID(int=customer)), TemplateId(UUID(int=customer + 100)), score)


def test_photo_with_two_faces_of_one_customer_assigns_them_once():
    first, second = assign([[candidate(1, 0.9)], [candidate(1, 0.8)]], LIMITS)

    assert first.decision is Decision.MATCH
    assert second.decision is Decision.UNKNOWN
    assert second.candidate is None
    assert second.best_score == 0.8


def test_face_that_loses_its_best_candidate_gets_its_second_one():
    faces = [[candidate(1, 0.9)], [candidate(1, 0.85), candidate(2, 0.7)]]

    first, second = assign(faces, LIMITS)

    assert first.candidate == candidate(1, 0.9)
    assert second.candidate == candidate(2, 0.7)


def test_score_at_the_threshold_is_a_match_and_at_the_review_threshold_a_review():
    (at_match,) = assign([[candidate(1, 0.6)]], LIMITS)
    (at_review,) = assign([[candidate(1, 0.5)]], LIMITS)
    (under,) = assign([[candidate(1, 0.4999)]], LIMITS)

    assert at_match.decision is Decision.MATCH
    assert at_review.decision is Decision.REVIEW
    assert under.decision is Decision.UNKNOWN


def test_empty_gallery_leaves_every_face_unknown_without_a_score():
    decisions = assign([[], []], LIMITS)

    assert [d.decision for d in decisions] == [Decision.UNKNOWN] * 2
    assert [d.best_score for d in decisions] == [None, None]


def test_no_face_gives_no_decision():
    assert assign([], LIMITS) == []


scores = st.floats(-1, 1, allow_nan=False).map(lambda score: round(score, 3))
photos = st.lists(
    st.dictionaries(st.integers(1, 4), scores, max_size=4).map(
        lambda row: [candidate(customer, score) for customer, score in row.items()]
    ),
    max_size=4,
)


def best_total(faces: list[list[Candidate]]) -> float:
    """By trying every way to give four customers to the faces, some perhaps to nobody."""
    gain = [{c.customer_id.int: max(c.score - LIMITS.review, 0) for c in row} for row in faces]
    slots = [1, 2, 3, 4, *[0] * len(faces)]
    return max(
        sum(gain[face].get(customer, 0) for face, customer in enumerate(order))
        for order in permutations(slots, len(faces))
    )


@given(photos)
def test_assignment_is_exclusive_and_as_good_as_brute_force(faces):
    decisions = assign(faces, LIMITS)

    assigned = [d.candidate for d in decisions if d.candidate]
    assert len({c.customer_id for c in assigned}) == len(assigned)
    total = sum(c.score - LIMITS.review for c in assigned)
    assert abs(total - best_total(faces)) < 1e-6


@given(scores, scores)
def test_decision_never_weakens_when_the_score_rises(one, other):
    order = [Decision.UNKNOWN, Decision.REVIEW, Decision.MATCH]
    low, high = sorted((one, other))

    assert order.index(decide(low, LIMITS)) <= order.index(decide(high, LIMITS))


@given(photos)
def test_every_assigned_candidate_was_offered_for_that_face(faces):
    for row, decision in zip(faces, assign(faces, LIMITS), strict=True):
        assert decision.candidate is None or decision.candidate in row
