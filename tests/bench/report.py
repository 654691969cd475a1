"""Figures into `build/bench.json`, and the table of docs/benchmarks.md between its markers."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

Figures = Mapping[str, Any]

START = "<!-- bench: written by `make bench`, do not edit -->"
END = "<!-- bench: end -->"


def write_json(figures: Figures, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(figures, indent=2) + "\n")


def write_table(figures: Figures, path: Path) -> None:
    """Raises ValueError where the markers are not there."""
    write_between(START, as_markdown(figures), END, path)


def write_between(start: str, words: str, end: str, path: Path) -> None:
    """Replace what stands between the markers. Raises ValueError where they are not there."""
    text = path.read_text()
    pattern = re.compile(re.escape(start) + r".*?" + re.escape(end), re.S)
    if not pattern.search(text):
        raise ValueError(f"{path} has no place for the table")
    path.write_text(pattern.sub(lambda _: f"{start}\n{words}\n{end}", text, count=1))


def as_markdown(figures: Figures) -> str:
    parts = [
        machine_line(figures["machine"]),
        _table(("measure", "figure", "aim"), _main_rows(figures)),
    ]
    search = [_search_row(row) for row in figures["search"]]
    heads = (
        "templates",
        "one face p50",
        "p99",
        "six faces p50",
        "recall@1",
        "recall@10",
        "filled in",
    )
    return "\n\n".join([*parts, _table(heads, search)])


def machine_line(machine: Figures) -> str:
    return (
        f"{machine['cpu']}, {machine['cores']} cores, {machine['memory_gib']} GiB, "
        f"Python {machine['python']}, onnxruntime {machine['packages']['onnxruntime']}; "
        f"commit {machine['commit']}, {machine['measured_at'][:10]}, "
        f"load before the run {machine['load_before'][0]}."
    )


def _main_rows(figures: Figures) -> list[tuple[str, str, str]]:
    one, group, four = figures["one_face"], figures["six_faces"], figures["four_clients"]
    small = figures["small_detector"]
    batches, peer, memory = figures["batches"], figures["peer"], figures["memory"]
    return [
        ("one face, upload to result, p50 / p95", _p50_p95(one), ""),
        (f"group of {group['faces']}, upload to result, p50 / p95", _p50_p95(group), ""),
        ("one face: total time over time inside models", _times(one["total_over_models"]), "≤ 1.3"),
        ("group: total time over time inside models", _times(group["total_over_models"]), "≤ 1.3"),
        ("four clients, photos a second", _number(four["photos_per_second"]), ""),
        ("`face_recognition`, all cores, photos a second", _number(peer["photos_per_second"]), ""),
        ("four clients against `face_recognition`", _times(figures["over_peer"]), "≥ 4"),
        (
            f"the same, detector at {small['detector_long_side_px']} px",
            _times(figures["small_detector_over_peer"]),
            "≥ 4",
        ),
        (
            "processor time a photo: four clients / `face_recognition`",
            f"{_seconds2(four['cpu_s_a_photo'])} / {_seconds2(peer['cpu_s_a_photo'])}",
            "",
        ),
        ("16 faces in one batch, against 16 batches of one", _times(batches["gain"]), ""),
        ("ready, on an empty data folder", _seconds(figures["start_up"]["cold_s"]), ""),
        ("ready, on its data folder", _seconds(figures["start_up"]["warm_s"]), "≤ 8 s"),
        ("memory after the run: product", _mebibytes(memory["product_rss_mib"]), ""),
        ("memory after the run: Postgres", _mebibytes(memory["postgres_pss_mib"]), ""),
    ]


def _search_row(row: Figures) -> tuple[str, ...]:
    size = f"{row['templates']:,}"
    if row["skipped"]:
        return (size, f"skipped: {row['skipped']}", "", "", "", "", "")
    one, six = row["one_face"], row["six_faces"]
    return (
        size,
        f"{one['p50_ms']:.1f} ms",
        f"{one['p99_ms']:.1f} ms",
        f"{six['p50_ms']:.1f} ms",
        f"{row['recall_at_1']:.3f}",
        f"{row['recall_at_10']:.3f}",
        f"{row['filled_s']:.0f} s",
    )


def _table(heads: tuple[str, ...], rows: list[Any]) -> str:
    lines = [heads, ("---",) * len(heads), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _p50_p95(figures: Figures) -> str:
    took = figures["upload_to_result"]
    return f"{took['p50_ms']:.0f} / {took['p95_ms']:.0f} ms"


def _times(value: float | None) -> str:
    return "not measured" if value is None else f"{value:.2f}x"


def _number(value: float | None) -> str:
    return "not measured" if value is None else f"{value:.2f}"


def _seconds(value: float | None) -> str:
    return "not measured" if value is None else f"{value:.1f} s"


def _seconds2(value: float | None) -> str:
    return "not measured" if value is None else f"{value:.2f} s"


def _mebibytes(value: float | None) -> str:
    return "not measured" if value is None else f"{value:.0f} MiB"
