"""Whose face a new photo looks like, by scores."""

from vestibule.domain.calibration import ScoreQuantiles
from vestibule.domain.quality import Fault
from vestibule.domain.quality.identity import check_other_customers, check_own_templates

QUANTILES = ScoreQuantiles(
    space_id="space",
    gallery_sizes=(1, 10, 100),
    target_fpirs=(0.003, 0.01, 0.1),
    thresholds=((0.4, 0.35, 0.2), (0.5, 0.45, 0.34), (0.56, 0.53, 0.45)),
    template_exponent=0.8,
)


def own(score: float | None, templates: int = 1) -> list[bool]:
    checks = check_own_templates(QUANTILES, best_score=score, templates=templates)
    assert all(check.fault is Fault.OTHER_PERSON for check in checks)
    return [check.passed for check in checks]


def other(score: float | None, customers: int) -> list[bool]:
    checks = check_other_customers(
        QUANTILES, best_score=score, customers=customers, templates=customers
    )
    assert all(check.fault is Fault.RESEMBLES_OTHER for check in checks)
    return [check.passed for check in checks]


def test_a_face_unlike_the_customers_own_is_another_person() -> None:
    assert own(0.34) == [False]
    assert own(0.36) == [True]


def test_several_templates_ask_for_more_likeness() -> None:
    assert own(0.36, templates=8) == [False]


def test_a_first_template_has_nothing_to_be_unlike() -> None:
    assert own(None, templates=0) == []


def test_a_face_like_another_customer_is_named() -> None:
    assert other(0.41, customers=1) == [False]
    assert other(0.39, customers=1) == [True]


def test_a_larger_gallery_asks_for_more_likeness_before_it_speaks() -> None:
    assert other(0.45, customers=1) == [False]
    assert other(0.45, customers=100) == [True]


def test_where_nobody_else_is_enrolled_nobody_is_resembled() -> None:
    assert other(None, customers=0) == []
