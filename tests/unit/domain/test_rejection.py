"""Which customers a face may not be taken for, after somebody said "not them"."""

from uuid import UUID

from hypothesis import assume, given
from hypothesis import strategies as st

from vestibule.domain.assignment import assign
from vestibule.domain.calibration import ScoreQuantiles
from vestibule.domain.decision import Candidate, Decision, Thresholds
from vestibule.domain.ids import CustomerId, TemplateId
from vestibule.domain.rejection import (
    RejectedPair,
    SamePersonScores,
    rejected_for,
    same_person_scores,
    without_rejected,
)

LIMITS = Thresholds(match=0.6, review=0.5, target_fpir=0.01, gallery_size=10, space_id="s")
SAME = SamePersonScores(likely=0.5, surely=0.65)
STRENGTH = [Decision.UNKNOWN, Decision.REVIEW, Decision.MATCH]
BOX = (100.0, 100.0, 200.0, 220.0)

scores = st.sampled_from([0.4999, 0.5, 0.6, 0.65, 0.9]) | st.floats(-1, 1)
rows = st.dictionaries(st.integers(1, 5), scores, max_size=5)
photos = st.lists(rows, min_size=1, max_size=5)


def customer(number: int) -> CustomerId:
    return CustomerId(UUID(int=number))


def candidates(row: dict[int, float]) -> list[Candidate]:
    return [Candidate(customer(n), TemplateId(UUID(int=n + 100)), s) for n, s in row.items()]


def filtered(row: dict[int, float], *, never=frozenset(), alike=None) -> list[Candidate]:
    return without_rejected(
        candidates(row),
        never={customer(number) for number in never},
        alike={customer(number): score for number, score in (alike or {}).items()},
        same_person=SAME,
    )


@given(photos, st.lists(st.sets(st.integers(1, 5)), min_size=5, max_size=5))
def test_answered_pair_never_matches_again_whatever_the_scores(faces, answered):
    offered = [filtered(row, never=said) for row, said in zip(faces, answered, strict=False)]

    for decision, said in zip(assign(offered, LIMITS), answered, strict=False):
        assert decision.candidate is None or decision.candidate.customer_id.int not in said


@given(photos, st.data())
def test_face_that_is_surely_the_answered_one_never_matches_that_customer(faces, data):
    who = data.draw(st.integers(1, 5))
    alike = data.draw(st.floats(SAME.surely, 1))

    decisions = assign([filtered(row, alike={who: alike}) for row in faces], LIMITS)

    assert all(d.candidate is None or d.candidate.customer_id != customer(who) for d in decisions)


@given(rows, st.integers(1, 5), st.floats(SAME.likely, 1))
def test_face_more_alike_to_the_answered_one_than_to_the_customer_is_not_theirs(row, who, alike):
    assume(row.get(who, 1) <= alike)

    assert customer(who) not in {c.customer_id for c in filtered(row, alike={who: alike})}


def test_guest_who_resembles_the_answered_face_less_than_their_own_is_still_recognised():
    assert filtered({1: 0.63}, alike={1: 0.6}) == candidates({1: 0.63})


def test_face_that_hardly_resembles_the_answered_one_keeps_the_customer():
    assert filtered({1: 0.4}, alike={1: 0.49}) == candidates({1: 0.4})


@given(photos, st.lists(st.sets(st.integers(1, 5)), min_size=5, max_size=5))
def test_candidates_that_are_left_are_unchanged(faces, answered):
    for row, said in zip(faces, answered, strict=False):
        assert filtered(row, never=said) == [
            c for c in candidates(row) if c.customer_id.int not in said
        ]


@given(rows, st.integers(1, 5))
def test_decision_of_a_lone_face_only_weakens_by_an_answer(row, who):
    (before,) = assign([candidates(row)], LIMITS)
    (after,) = assign([filtered(row, never={who})], LIMITS)

    assert STRENGTH.index(after.decision) <= STRENGTH.index(before.decision)


def test_pair_is_of_that_face_and_not_of_its_neighbours():
    pairs = [RejectedPair(BOX, customer(1)), RejectedPair((300, 100, 400, 220), customer(2))]

    assert rejected_for((104, 98, 203, 222), pairs) == {customer(1)}
    assert rejected_for((205, 100, 298, 220), pairs) == set()


def test_same_person_needs_more_than_a_match_in_the_smallest_gallery():
    calibration = ScoreQuantiles(
        space_id="s",
        gallery_sizes=(1, 100),
        target_fpirs=(0.003, 0.01),
        thresholds=((0.4, 0.35), (0.56, 0.53)),
    )

    same_person = same_person_scores(calibration)

    smallest = calibration.threshold(target_fpir=0.01, gallery_size=1)
    assert smallest < same_person.likely < same_person.surely <= 1
