"""An accuracy report as the page shows it: answers first, then charts and tables."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from services.web.accuracy_words import AXES, AXIS_NOTES, BANDS, DEGRADATIONS
from services.web.charts import DetChart, HistogramChart, det_chart, histogram_chart

Json = dict[str, Any]
JsonList = list[Json]
Translate = Callable[[str], str]

DRAWN = ("clean", "exposure", "gamma", "both", "motion_blur", "masks")
"""Degradations in the chart; the table has all."""
DRAWN_PAIR = ("clean", "exposure", "both")
SINGLE_EXCEPT = ("clean", "both")
HISTOGRAM_SIZE = (240.0, 96.0)
BIN_EDGES = (-0.5, 1.0)


@dataclass(frozen=True, slots=True)
class Rate:
    """Errors in 1,000; all None where nothing can be said."""

    value: float | None
    low: float | None
    high: float | None

    @property
    def is_known(self) -> bool:
        return self.value is not None

    def is_apart_from(self, other: "Rate") -> bool:
        """Whether the two intervals do not meet."""
        if None in (self.low, self.high, other.low, other.high):
            return False
        return bool(self.low > other.high or other.low > self.high)  # type: ignore[operator]  # none of them is None


NOTHING = Rate(None, None, None)


@dataclass(frozen=True, slots=True)
class Row:
    """One degradation. ``other`` is the same of the second report."""

    name: str
    missed: Rate
    mistaken: Rate
    not_found: Rate
    not_usable: Rate


@dataclass(frozen=True, slots=True)
class SizeRow:
    people: int
    threshold: float | None
    missed: Rate
    mistaken: Rate


@dataclass(frozen=True, slots=True)
class BandTable:
    title: str
    note: str
    rows: tuple[Json, ...]


@dataclass(frozen=True, slots=True)
class SceneRow:
    name: str
    together: Rate
    by_faces: tuple[Rate, ...]
    wrong: Rate


@dataclass(frozen=True, slots=True)
class Histogram:
    name: str
    chart: HistogramChart
    mated_low: float
    mated_middle: float
    non_mated_middle: float
    non_mated_high: float


@dataclass(frozen=True, slots=True)
class AccuracyView:
    """Everything that ``accuracy.html`` shows of one report."""

    summary: Json
    report: Json
    rows: tuple[Row, ...]
    det: DetChart
    det_sizes: DetChart
    sizes: tuple[SizeRow, ...]
    det_targets: tuple[float, ...]
    det_rows: tuple[tuple[str, tuple[Rate, ...]], ...]
    bands: tuple[BandTable, ...]
    scene_sizes: tuple[int, ...]
    scenes: tuple[SceneRow, ...]
    histograms: tuple[Histogram, ...]

    def row(self, degradation: str) -> Row | None:
        names = self.report["degradations"]
        return self.rows[names.index(degradation)] if degradation in names else None

    @property
    def worst_scene(self) -> SceneRow | None:
        """The single degradation under which most faces of a group are missed."""
        single = [
            scene
            for scene, kind in zip(self.scenes, self.report["degradations"], strict=True)
            if kind not in SINGLE_EXCEPT and scene.together.is_known
        ]
        return max(single, key=lambda scene: scene.together.value or 0, default=None)


def view_of(found: Json, translate: Translate) -> AccuracyView:
    """From what the API gives of one report; words in the reader's language."""
    report = found["report"]
    kinds = report["degradations"]
    whole = _at_whole_gallery(report)
    named = {kind: translate(DEGRADATIONS[kind]) for kind in kinds}
    targets = sorted({p["target_fpir"] for r in whole.values() for p in r["best_possible"]})
    sizes = sorted({r["faces"] for r in report["scenes"] if r["faces"] is not None})
    return AccuracyView(
        summary=found,
        report=report,
        rows=tuple(_row(report, kind, named[kind], whole.get(kind)) for kind in kinds),
        det=det_chart([(named[k], _points(whole[k])) for k in DRAWN if k in whole]),
        det_sizes=det_chart(_by_size(report)),
        sizes=tuple(_size_row(r) for r in report["identification"] if r["degradation"] == "clean"),
        det_targets=tuple(targets),
        det_rows=tuple((named[k], _fnirs(whole[k], targets)) for k in kinds if k in whole),
        bands=_bands(report, translate),
        scene_sizes=tuple(sizes),
        scenes=tuple(_scene_row(report, k, named[k], sizes) for k in kinds) if sizes else (),
        histograms=tuple(_histogram(h, named, whole) for h in report["histograms"]),
    )


def paired_chart(first: AccuracyView, second: AccuracyView, translate: Translate) -> DetChart:
    """A few curves of both reports, the second's after the first's."""
    curves = []
    for view in (first, second):
        whole = _at_whole_gallery(view.report)
        label = view.summary["label"]
        curves += [
            (f"{label}: {translate(DEGRADATIONS[kind])}", _points(whole[kind]))
            for kind in DRAWN_PAIR
            if kind in whole
        ]
    return det_chart(curves)


def rate_of(interval: Json | None) -> Rate:
    if interval is None or interval["value"] is None:
        return NOTHING
    return Rate(*(1000 * interval[end] for end in ("value", "low", "high")))


def _complement(interval: Json | None) -> Rate:
    if interval is None or interval["value"] is None:
        return NOTHING
    return Rate(*(1000 * (1 - interval[end]) for end in ("value", "high", "low")))


def _at_whole_gallery(report: Json) -> dict[str, Json]:
    size = report["gallery_size"]
    return {r["degradation"]: r for r in report["identification"] if r["gallery_size"] == size}


def _points(rates: Json) -> list[tuple[float, float]]:
    return [
        (p["fpir"]["value"], p["fnir"]["value"])
        for p in rates["best_possible"]
        if p["fpir"]["value"] is not None and p["fnir"]["value"] is not None
    ]


def _fnirs(rates: Json, targets: Sequence[float]) -> tuple[Rate, ...]:
    by_target = {p["target_fpir"]: p["fnir"] for p in rates["best_possible"]}
    return tuple(rate_of(by_target.get(target)) for target in targets)


def _by_size(report: Json) -> list[tuple[str, list[tuple[float, float]]]]:
    clean = [r for r in report["identification"] if r["degradation"] == "clean"]
    return [(f"{r['gallery_size']}", _points(r)) for r in clean]


def _size_row(rates: Json) -> SizeRow:
    shipped = rates["shipped"][0] if rates["shipped"] else None
    return SizeRow(
        people=rates["gallery_size"],
        threshold=shipped["threshold"] if shipped else None,
        missed=rate_of(shipped["fnir"]) if shipped else NOTHING,
        mistaken=rate_of(shipped["fpir"]) if shipped else NOTHING,
    )


def _row(report: Json, kind: str, name: str, rates: Json | None) -> Row:
    shipped = rates["shipped"][0] if rates and rates["shipped"] else None
    detections = {d["degradation"]: d for d in report["detection"]}
    detection = detections.get(kind, {})
    return Row(
        name=name,
        missed=rate_of(shipped["fnir"]) if shipped else NOTHING,
        mistaken=rate_of(shipped["fpir"]) if shipped else NOTHING,
        not_found=_complement(detection.get("recall")),
        not_usable=rate_of(detection.get("failure_to_acquire")),
    )


def _bands(report: Json, translate: Translate) -> tuple[BandTable, ...]:
    tables = []
    for axis in dict.fromkeys(band["axis"] for band in report["bands"]):
        rows = [
            {
                "name": translate(BANDS[b["band"]]) if b["band"] in BANDS else b["band"],
                "photos": b["photos"],
                "cells": [
                    (rate_of(b[key]["rate"]), b[key]["people"], b[key]["caution"])
                    for key in ("fnir", "fpir", "failure_to_acquire")
                ],
            }
            for b in report["bands"]
            if b["axis"] == axis
        ]
        tables.append(BandTable(translate(AXES[axis]), translate(AXIS_NOTES[axis]), tuple(rows)))
    return tuple(tables)


def _scene_row(report: Json, kind: str, name: str, sizes: Sequence[int]) -> SceneRow:
    cells = {r["faces"]: r for r in report["scenes"] if r["degradation"] == kind}
    together: Json = cells.get(None, {})
    return SceneRow(
        name=name,
        together=_complement(together.get("recall")),
        by_faces=tuple(_complement(cells.get(size, {}).get("recall")) for size in sizes),
        wrong=_complement(together.get("precision")),
    )


def _histogram(histogram: Json, named: dict[str, str], whole: dict[str, Json]) -> Histogram:
    rates = whole.get(histogram["degradation"])
    threshold = rates["shipped"][0]["threshold"] if rates and rates["shipped"] else None
    mated, non_mated = histogram["mated"], histogram["non_mated"]
    return Histogram(
        name=named.get(histogram["degradation"], ""),
        chart=histogram_chart(
            mated, non_mated, edges=BIN_EDGES, threshold=threshold, size=HISTOGRAM_SIZE
        ),
        mated_low=_score_under(mated, 0.05),
        mated_middle=_score_under(mated, 0.5),
        non_mated_middle=_score_under(non_mated, 0.5),
        non_mated_high=_score_under(non_mated, 0.99),
    )


def _score_under(counts: Sequence[int], share: float) -> float:
    """The upper edge of the bin in which the share of all pairs is reached."""
    low, high = BIN_EDGES
    reached = 0
    for number, count in enumerate(counts, 1):
        reached += count
        if reached >= share * sum(counts):
            return low + number * (high - low) / len(counts)
    return high
