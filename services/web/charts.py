"""Where the lines and bars of a chart lie, in the units of its drawing.

Every chart is a static SVG made by the template from these numbers, so pages need no script and no
style of their own.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 640.0, 400.0
LEFT, RIGHT, TOP, BOTTOM = 76.0, 28.0, 16.0, 60.0

DET_TICKS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
_LOWEST = DET_TICKS[0]


@dataclass(frozen=True, slots=True)
class Tick:
    at: float
    value: float


@dataclass(frozen=True, slots=True)
class Line:
    """``path`` is an SVG path; ``number`` picks colour and dashes."""

    name: str
    number: int
    path: str
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class DetChart:
    """Both axes are logarithmic, from 1 in 1,000 to all; lower is drawn at the edge."""

    lines: tuple[Line, ...]
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]


@dataclass(frozen=True, slots=True)
class HistogramChart:
    """Two outlines over the same bins, each as high as its own highest bin."""

    mated: str
    non_mated: str
    ticks: tuple[Tick, ...]
    threshold_at: float | None


def det_chart(curves: Sequence[tuple[str, Sequence[tuple[float, float]]]]) -> DetChart:
    """``curves`` are names with points (FPIR, FNIR); a curve of no point is left out."""
    drawn = [(name, points) for name, points in curves if points]
    return DetChart(
        lines=tuple(_line(name, number, points) for number, (name, points) in enumerate(drawn, 1)),
        x_ticks=tuple(Tick(_x(value), value) for value in DET_TICKS),
        y_ticks=tuple(Tick(_y(value), value) for value in DET_TICKS),
    )


def histogram_chart(
    mated: Sequence[int],
    non_mated: Sequence[int],
    *,
    edges: tuple[float, float],
    threshold: float | None,
    size: tuple[float, float],
) -> HistogramChart:
    """``edges`` are the first and the last of evenly wide bins; ``size`` is width and height."""
    width, height = size
    low, high = edges
    ticks = [low + step * (high - low) / 3 for step in range(4)]
    return HistogramChart(
        mated=_outline(mated, width, height),
        non_mated=_outline(non_mated, width, height),
        ticks=tuple(Tick(width * (value - low) / (high - low), value) for value in ticks),
        threshold_at=None
        if threshold is None
        else _rounded(width * (threshold - low) / (high - low)),
    )


def _line(name: str, number: int, points: Sequence[tuple[float, float]]) -> Line:
    placed = tuple((_x(fpir), _y(fnir)) for fpir, fnir in points)
    path = "M" + " L".join(f"{x:g} {y:g}" for x, y in placed)
    return Line(name, number, path, placed)


def _x(rate: float) -> float:
    return _rounded(LEFT + _along(rate) * (WIDTH - LEFT - RIGHT))


def _y(rate: float) -> float:
    return _rounded(HEIGHT - BOTTOM - _along(rate) * (HEIGHT - TOP - BOTTOM))


def _along(rate: float) -> float:
    """0 at the lowest rate drawn, 1 at one."""
    decades = -math.log10(_LOWEST)
    return (math.log10(max(rate, _LOWEST)) + decades) / decades


def _outline(counts: Sequence[int], width: float, height: float) -> str:
    """The closed outline of a histogram, steps and all."""
    highest = max([*counts, 1])
    step = width / len(counts) if counts else width
    corners = [f"M0 {height:g}"]
    for number, count in enumerate(counts):
        top = _rounded(height - height * count / highest)
        left, right = _rounded(number * step), _rounded((number + 1) * step)
        corners.append(f"L{left:g} {top:g} L{right:g} {top:g}")
    return " ".join([*corners, f"L{width:g} {height:g} Z"])


def _rounded(value: float) -> float:
    return round(value, 1)
