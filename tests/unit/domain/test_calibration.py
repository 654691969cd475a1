"""Thresholds from measured quantiles: what must hold for any table, size and target."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vestibule.domain.calibration import HIGHEST_SCORE, ScoreQuantiles, thresholds_for

SIZES = (1, 10, 100, 1000)
TARGETS = (0.01, 0.1, 0.3)
MEASURED = ScoreQuantiles(
    space_id="space",
    gallery_sizes=SIZES,
    target_fpirs=TARGETS,
    thresholds=((0.35, 0.20, 0.1), (0.45, 0.34, 0.27), (0.53, 0.45, 0.40), (0.60, 0.53, 0.485)),
    template_exponent=0.8,
)

targets = st.floats(1e-7, 0.999)
sizes = st.integers(0, 10**8)


@st.composite
def tables(draw: st.DrawFn) -> ScoreQuantiles:
    """Any table that never falls with the size and never rises with the target."""
    rises = st.floats(0, 0.2, allow_subnormal=False)
    rows: list[tuple[float, ...]] = []
    for _ in SIZES:
        falling = draw(st.tuples(rises, rises, rises))
        row = [sum(falling[index:]) - 0.5 for index in range(3)]
        if rows:
            row = [max(new, old) for new, old in zip(row, rows[-1], strict=True)]
        rows.append(tuple(row))
    return ScoreQuantiles("space", SIZES, TARGETS, tuple(rows), draw(st.floats(0, 1)))


@given(tables(), targets, sizes, sizes)
def test_threshold_never_falls_as_the_gallery_grows(
    table: ScoreQuantiles, target: float, one: int, other: int
) -> None:
    small, large = sorted((one, other))
    before = table.threshold(target_fpir=target, gallery_size=small)
    after = table.threshold(target_fpir=target, gallery_size=large)
    assert after >= before - 1e-12


@given(tables(), targets, targets, sizes)
def test_threshold_never_rises_with_the_target(
    table: ScoreQuantiles, one: float, other: float, size: int
) -> None:
    strict, loose = sorted((one, other))
    assert (
        table.threshold(target_fpir=strict, gallery_size=size)
        >= table.threshold(target_fpir=loose, gallery_size=size) - 1e-12
    )


@given(tables(), targets)
def test_an_empty_gallery_counts_as_one(table: ScoreQuantiles, target: float) -> None:
    assert table.threshold(target_fpir=target, gallery_size=0) == table.threshold(
        target_fpir=target, gallery_size=1
    )


def test_measured_cells_come_back_as_they_were_measured() -> None:
    for size, row in zip(SIZES, MEASURED.thresholds, strict=True):
        for target, score in zip(TARGETS, row, strict=True):
            assert MEASURED.threshold(target_fpir=target, gallery_size=size) == pytest.approx(score)


def test_between_two_sizes_the_threshold_is_interpolated_in_the_logarithm() -> None:
    middle = MEASURED.threshold(target_fpir=0.01, gallery_size=round(math.sqrt(10 * 1000)))
    assert middle == pytest.approx(0.53)
    assert MEASURED.threshold(target_fpir=0.01, gallery_size=32) == pytest.approx(0.4904, abs=1e-4)


def test_beyond_the_measured_sizes_the_last_decade_is_continued() -> None:
    assert MEASURED.threshold(target_fpir=0.01, gallery_size=10_000) == pytest.approx(0.67)
    assert MEASURED.is_extrapolated(target_fpir=0.01, gallery_size=10_000)
    assert not MEASURED.is_extrapolated(target_fpir=0.01, gallery_size=1000)


def test_a_stricter_target_than_measured_counts_as_a_larger_gallery() -> None:
    assert MEASURED.threshold(target_fpir=0.001, gallery_size=10) == pytest.approx(
        MEASURED.threshold(target_fpir=0.01, gallery_size=100)
    )
    assert MEASURED.is_extrapolated(target_fpir=0.001, gallery_size=10)


def test_no_threshold_is_over_the_highest_score() -> None:
    assert MEASURED.threshold(target_fpir=1e-9, gallery_size=10**9) == HIGHEST_SCORE


@pytest.mark.parametrize("target", [0.0, 1.0, -0.1, 1.5, math.nan])
def test_an_impossible_target_is_refused(target: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        MEASURED.threshold(target_fpir=target, gallery_size=10)


@pytest.mark.parametrize(
    ("sizes", "targets", "rows"),
    [
        ((1, 10), (0.01,), ((0.5,), (0.4,))),
        ((1,), (0.01, 0.1), ((0.4, 0.5),)),
        ((10, 1), (0.01,), ((0.4,), (0.5,))),
        ((5, 10), (0.01,), ((0.4,), (0.5,))),
        ((1, 10), (0.1, 0.01), ((0.5, 0.4), (0.6, 0.5))),
        ((1, 10), (0.01,), ((0.4,),)),
        ((1,), (0.01,), ((math.nan,),)),
        ((), (), ()),
    ],
)
def test_a_table_that_cannot_be_a_measurement_is_refused(
    sizes: tuple[int, ...], targets: tuple[float, ...], rows: tuple[tuple[float, ...], ...]
) -> None:
    with pytest.raises(ValueError):
        ScoreQuantiles("space", sizes, targets, rows)


@given(tables(), st.integers(0, 10**6), st.integers(0, 10**7))
def test_templates_count_between_one_and_as_many_customers(
    table: ScoreQuantiles, customers: int, templates: int
) -> None:
    size = table.effective_gallery_size(customers=customers, templates=templates)
    assert size >= customers
    assert size <= max(customers, templates)


def test_five_templates_a_customer_count_as_five_to_the_measured_exponent() -> None:
    assert MEASURED.effective_gallery_size(customers=100, templates=500) == math.ceil(100 * 5**0.8)


def test_both_thresholds_are_sized_for_the_gallery_and_name_it() -> None:
    thresholds = thresholds_for(MEASURED, target_fpir=0.01, review_fpir=0.1, gallery_size=100)
    assert thresholds.match == pytest.approx(0.53)
    assert thresholds.review == pytest.approx(0.45)
    assert (thresholds.target_fpir, thresholds.gallery_size) == (0.01, 100)
    assert thresholds.space_id == "space"


def test_several_templates_a_customer_raise_both_thresholds() -> None:
    one = thresholds_for(
        MEASURED, target_fpir=0.01, review_fpir=0.1, gallery_size=100, templates=100
    )
    five = thresholds_for(
        MEASURED, target_fpir=0.01, review_fpir=0.1, gallery_size=100, templates=500
    )
    assert five.match > one.match
    assert five.review > one.review
    assert five.gallery_size == 100


def test_a_review_band_over_the_match_threshold_is_refused() -> None:
    with pytest.raises(ValueError, match="review_fpir"):
        thresholds_for(MEASURED, target_fpir=0.05, review_fpir=0.01, gallery_size=10)
