"""Charts of the document as SVG text: readable on light and dark grounds, the same to the byte."""

import math
from collections.abc import Sequence
from html import escape

Curve = tuple[str, Sequence[tuple[float, float]]]
"""A name with points (FPIR, FNIR)."""

_WIDTH, _HEIGHT = 760.0, 460.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 70.0, 250.0, 20.0, 60.0
_TICKS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
_DASHES = ("none", "8 4", "2 4", "12 4 2 4", "14 5", "5 2", "1 3", "9 3 1 3 1 3")
_STYLE = """
text { font: 13px system-ui, sans-serif; fill: #24292f; }
.grid { stroke: #d0d7de; } .ink { stroke: #24292f; } .same { fill: #1a7f6477; stroke: #1a7f64; }
.other { fill: none; stroke: #57606a; stroke-width: 1.5; }
.c0 { stroke: #1a7f64; } .c1 { stroke: #9a6700; } .c2 { stroke: #57606a; } .c3 { stroke: #cf222e; }
.c4 { stroke: #0969da; } .c5 { stroke: #8250df; } .c6 { stroke: #bf3989; } .c7 { stroke: #24292f; }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3; } .grid { stroke: #30363d; } .ink { stroke: #e6edf3; }
.same { fill: #7ce7c755; stroke: #7ce7c7; } .other { stroke: #a3afbb; }
.c0 { stroke: #7ce7c7; } .c1 { stroke: #f4bd5f; } .c2 { stroke: #a3afbb; } .c3 { stroke: #ff7b72; }
.c4 { stroke: #58a6ff; } .c5 { stroke: #bc8cff; } .c6 { stroke: #f778ba; } .c7 { stroke: #e6edf3; }
}
"""


def det_svg(title: str, curves: Sequence[Curve]) -> str:
    """FNIR over FPIR, both logarithmic from one in a thousand to all, with a legend."""
    parts = [*_grid(), *_axis_names()]
    for number, (name, points) in enumerate(curve for curve in curves if curve[1]):
        dash = _DASHES[number % len(_DASHES)]
        place = " ".join(f"{_x(fpir):.1f},{_y(fnir):.1f}" for fpir, fnir in points)
        style = f'class="c{number % 8}" fill="none" stroke-width="2.5" stroke-dasharray="{dash}"'
        parts.append(f'<polyline {style} points="{place}"/>')
        y = _TOP + 14 + 24 * number
        x = _WIDTH - _RIGHT + 20
        parts.append(f'<line {style} x1="{x:g}" x2="{x + 36:g}" y1="{y:g}" y2="{y:g}"/>')
        parts.append(f'<text x="{x + 44:g}" y="{y + 4:g}">{escape(name)}</text>')
    return _svg(title, _WIDTH, _HEIGHT, parts)


def histograms_svg(
    title: str,
    panels: Sequence[tuple[str, Sequence[int], Sequence[int]]],
    *,
    edges: tuple[float, float],
) -> str:
    """Small charts, three a row: mated scores filled, non-mated outlined, to their own heights."""
    width, height, columns = 220.0, 90.0, 3
    parts = []
    for number, (name, mated, non_mated) in enumerate(panels):
        row, column = divmod(number, columns)
        x, y = 20 + column * (width + 30), 30 + row * (height + 60)
        parts.append(f'<g transform="translate({x:g} {y:g})">')
        parts.append(f'<text x="0" y="-8">{escape(name)}</text>')
        parts.append(f'<path class="other" d="{_outline(non_mated, width, height)}"/>')
        parts.append(f'<path class="same" d="{_outline(mated, width, height)}"/>')
        for share, anchor in ((0.0, "start"), (1 / 3, "middle"), (2 / 3, "middle"), (1.0, "end")):
            value = edges[0] + share * (edges[1] - edges[0])
            parts.append(
                f'<text x="{share * width:.1f}" y="{height + 18:g}" text-anchor="{anchor}">'
                f"{value:g}</text>"
            )
        parts.append("</g>")
    rows = -(-len(panels) // columns)
    return _svg(title, 20 + columns * (width + 30), 30 + rows * (height + 60), parts)


def _grid() -> list[str]:
    right, bottom = _WIDTH - _RIGHT, _HEIGHT - _BOTTOM
    parts = []
    for tick in _TICKS:
        x, y, words = _x(tick), _y(tick), f"{100 * tick:g} %"
        parts.append(
            f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP:g}" y2="{bottom:g}"/>'
        )
        parts.append(
            f'<line class="grid" x1="{_LEFT:g}" x2="{right:g}" y1="{y:.1f}" y2="{y:.1f}"/>'
        )
        parts.append(f'<text x="{x:.1f}" y="{bottom + 20:g}" text-anchor="middle">{words}</text>')
        parts.append(f'<text x="{_LEFT - 8:g}" y="{y + 4:.1f}" text-anchor="end">{words}</text>')
    return parts


def _axis_names() -> list[str]:
    across, down = (_LEFT + _WIDTH - _RIGHT) / 2, (_TOP + _HEIGHT - _BOTTOM) / 2
    return [
        f'<text x="{across:g}" y="{_HEIGHT - 14:g}" text-anchor="middle">'
        "FPIR: unknown people called somebody</text>",
        f'<text transform="translate(16 {down:g}) rotate(-90)" text-anchor="middle">'
        "FNIR: enrolled people missed</text>",
    ]


def _outline(counts: Sequence[int], width: float, height: float) -> str:
    highest, step = max([*counts, 1]), width / max(len(counts), 1)
    corners = [f"M0 {height:g}"]
    for number, count in enumerate(counts):
        top = height - height * count / highest
        corners.append(f"L{number * step:.1f} {top:.1f} L{(number + 1) * step:.1f} {top:.1f}")
    return " ".join([*corners, f"L{width:g} {height:g} Z"])


def _x(rate: float) -> float:
    return _LEFT + _along(rate) * (_WIDTH - _LEFT - _RIGHT)


def _y(rate: float) -> float:
    return _HEIGHT - _BOTTOM - _along(rate) * (_HEIGHT - _TOP - _BOTTOM)


def _along(rate: float) -> float:
    """0 at one in a thousand, which lower rates are drawn at, and 1 at one."""
    return (math.log10(max(rate, _TICKS[0])) + 3) / 3


def _svg(title: str, width: float, height: float, parts: Sequence[str]) -> str:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" '
        f'width="{width:g}" height="{height:g}" role="img" aria-label="{escape(title)}">'
    )
    body = "\n".join(parts)
    return f"{head}\n<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n{body}\n</svg>\n"
