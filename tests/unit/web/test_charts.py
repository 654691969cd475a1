"""Where the lines of a chart lie."""

import re

import pytest

from services.web.accuracy_view import Rate, rate_of
from services.web.charts import det_chart, histogram_chart


def test_fewer_errors_lie_lower_and_further_left() -> None:
    chart = det_chart([("one", [(0.01, 0.5), (0.1, 0.2)])])
    (low_fpir, high_fnir), (high_fpir, low_fnir) = chart.lines[0].points
    assert low_fpir < high_fpir
    assert low_fnir > high_fnir
    assert chart.x_ticks[0].at < low_fpir < chart.x_ticks[-1].at


def test_no_error_at_all_is_drawn_at_the_edge() -> None:
    chart = det_chart([("one", [(0.0, 0.0)])])
    assert chart.lines[0].points == ((chart.x_ticks[0].at, chart.y_ticks[0].at),)


def test_a_curve_without_points_is_left_out_and_takes_no_number() -> None:
    chart = det_chart([("none", []), ("one", [(0.1, 0.1)])])
    assert [(line.name, line.number) for line in chart.lines] == [("one", 1)]


def test_each_outline_reaches_its_own_height() -> None:
    chart = histogram_chart([0, 5], [200, 100], edges=(-0.5, 1.0), threshold=0.25, size=(240, 96))
    for path in (chart.mated, chart.non_mated):
        heights = [float(y) for y in re.findall(r"[ML][\d.]+ ([\d.]+)", path)]
        assert (min(heights), max(heights)) == (0, 96)
    assert chart.threshold_at == pytest.approx(120)


def test_no_pairs_are_a_flat_line() -> None:
    chart = histogram_chart([0, 0], [], edges=(-0.5, 1.0), threshold=None, size=(240, 96))
    assert "NaN" not in chart.mated + chart.non_mated
    assert chart.threshold_at is None


def test_only_ranges_that_do_not_meet_are_apart() -> None:
    assert Rate(5, 1, 9).is_apart_from(Rate(15, 10, 20))
    assert not Rate(5, 1, 10).is_apart_from(Rate(15, 9, 20))
    assert not Rate(5, 1, 9).is_apart_from(rate_of({"value": None, "low": None, "high": None}))
