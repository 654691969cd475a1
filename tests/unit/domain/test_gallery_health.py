"""What does not fit in a gallery."""

from uuid import UUID

import pytest

from vestibule.domain.calibration import ScoreQuantiles
from vestibule.domain.gallery_health import (
    FindingKind,
    HealthScores,
    Resemblance,
    TemplateView,
    best_by_pair,
    duplicates_of,
    health_scores,
    judge_template,
)
from vestibule.domain.ids import CustomerId, TemplateId

SCORES = HealthScores(unlike=0.4, alike=0.6, comparisons=45, expected_pairs=5.0)
CALIBRATION = ScoreQuantiles(
    space_id="s",
    gallery_sizes=(1, 100, 1000),
    target_fpirs=(0.003, 0.01, 0.1),
    thresholds=((0.4, 0.35, 0.2), (0.58, 0.53, 0.45), (0.62, 0.6, 0.53)),
    template_exponent=0.8,
)


def customer(number: int) -> CustomerId:
    return CustomerId(UUID(int=number))


def template(number: int) -> TemplateId:
    return TemplateId(UUID(int=1000 + number))


def view(own: float | None, *others: tuple[int, float], of: int = 1) -> TemplateView:
    return TemplateView(
        template(of),
        customer(of),
        own,
        template(99) if own is not None else None,
        [Resemblance(template(who), customer(who), score) for who, score in others],
    )


def test_face_like_its_others_fits():
    assert judge_template(view(0.7, (2, 0.65)), SCORES) is None
    assert judge_template(view(0.4), SCORES) is None


def test_face_unlike_its_others_is_an_outlier_shown_beside_the_nearest_of_them():
    found = judge_template(view(0.39, (2, 0.5)), SCORES)

    assert found.kind is FindingKind.OUTLIER
    assert (found.other_customer_id, found.other_template_id) == (customer(1), template(99))


def test_face_unlike_its_others_and_like_another_guest_is_nearer_to_them():
    found = judge_template(view(0.2, (2, 0.7)), SCORES)

    assert found.kind is FindingKind.NEARER
    assert (found.other_customer_id, found.other_template_id) == (customer(2), template(2))


def test_lone_face_is_never_a_misfit():
    assert judge_template(view(None, (2, 0.9)), SCORES) is None


def test_pair_is_the_same_from_both_sides():
    (one,) = duplicates_of(view(None, (2, 0.7), of=1), SCORES)
    (other,) = duplicates_of(view(None, (1, 0.7), of=2), SCORES)

    assert one == other


def test_of_several_faces_of_two_guests_the_most_alike_are_shown_once():
    pairs = best_by_pair({}, duplicates_of(view(0.8, (2, 0.7), (3, 0.59)), SCORES))
    pairs = best_by_pair(pairs, duplicates_of(view(0.8, (1, 0.8), of=2), SCORES))

    assert [(pair.score, pair.kind) for pair in pairs.values()] == [(0.8, FindingKind.DUPLICATE)]


@pytest.mark.parametrize(("size", "comparisons"), [(1, 0), (2, 1), (428, 91_378)])
def test_every_pair_of_guests_is_one_comparison(size, comparisons):
    scores = health_scores(CALIBRATION, customers=size, templates=size)

    assert scores.comparisons == comparisons


def test_expected_chance_pairs_stay_the_same_and_so_the_score_rises_with_the_gallery():
    small = health_scores(CALIBRATION, customers=400, templates=400)
    large = health_scores(CALIBRATION, customers=10_000, templates=10_000)

    assert small.expected_pairs == pytest.approx(large.expected_pairs) == pytest.approx(5)
    assert small.alike < large.alike
    assert small.unlike == large.unlike


def test_more_faces_a_guest_ask_for_more_likeness():
    one = health_scores(CALIBRATION, customers=100, templates=100)
    five = health_scores(CALIBRATION, customers=100, templates=500)

    assert five.alike > one.alike


def test_empty_gallery_has_scores_too():
    assert health_scores(CALIBRATION, customers=0, templates=0).expected_pairs == 0
