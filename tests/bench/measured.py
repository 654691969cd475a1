"""What was measured, read from docs/benchmarks.md: the tables that its commands write there."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


class NotMeasuredError(Exception):
    """A figure is not in the document; the message names the command that writes it."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Bytes, seconds and counts of one thing. ``sources`` says for people where each is from."""

    dimension: int
    cpu_s_a_photo: Mapping[str, float]
    """By part of the product."""
    faces_a_photo: float
    statements_a_photo: float
    search_s_a_million: float
    """Of a core, for one face and a million templates."""
    template_row_bytes: float
    guest_row_bytes: float
    template_index_memory_bytes: float
    template_index_disk_bytes: float
    crop_bytes: float
    photo_object_bytes: float
    photo_passing_row_bytes: float
    photo_kept_row_bytes: float
    queued_job_bytes: float
    rejected_face_bytes: float
    index_filled_a_second: float
    gpu_photos_a_second: float | None
    """Through detection alone, on a card; None where none was measured."""
    gpu_faces_a_second: float | None
    sources: Mapping[str, str]


def read_measured(document: Path) -> Measured:
    """Raises NotMeasuredError."""
    text = document.read_text()
    sizes = _Section(text, "sizes", "make bench-sizes")
    bench = _Section(text, "bench", "make bench")
    load = _Section(text, "load-stack", "make load-stack")
    gpu = _Section(text, "gpu", "make bench-gpu")
    templates, dimension = _gallery(sizes)
    cpu, cpu_from = (_cpu_under_load(load), load) if load.is_there else (_cpu(sizes), sizes)
    return Measured(
        dimension=dimension,
        cpu_s_a_photo=cpu,
        faces_a_photo=sizes.number_in_words(r"photos with ([\d.]+) faces each"),
        statements_a_photo=sizes.number("a photo: statements to Postgres"),
        search_s_a_million=_search(bench),
        template_row_bytes=sizes.number("a template: row in Postgres"),
        guest_row_bytes=sizes.number("a guest: rows in Postgres"),
        template_index_memory_bytes=sizes.number("a template: memory of the index"),
        template_index_disk_bytes=sizes.number("a template: disk of the index"),
        crop_bytes=sizes.number("a template: its crop"),
        photo_object_bytes=sizes.number("a photo: objects until it expires"),
        photo_passing_row_bytes=sizes.number("a photo: rows until it expires"),
        photo_kept_row_bytes=sizes.number("a photo: rows that stay"),
        queued_job_bytes=sizes.number("a waiting job: memory of Redis"),
        rejected_face_bytes=sizes.number("a rejected face: memory of Redis"),
        index_filled_a_second=sizes.number("filling the index, templates a second"),
        gpu_photos_a_second=_gpu(gpu, "photo"),
        gpu_faces_a_second=_gpu(gpu, "face"),
        sources={
            "processor time a photo": cpu_from.source,
            "search": bench.source,
            f"sizes (over {templates:,} templates)": sizes.source,
        },
    )


class _Section:
    """What one command wrote between its markers."""

    def __init__(self, text: str, name: str, command: str) -> None:
        found = re.search(rf"<!-- {name}: written .*?-->\n(.*?)<!-- {name}: end -->", text, re.S)
        self._text = found.group(1).strip() if found else ""
        self._command = command

    @property
    def is_there(self) -> bool:
        return bool(self._text)

    @property
    def source(self) -> str:
        return f"`{self._command}`: {self._text.splitlines()[0]}" if self._text else ""

    @property
    def rows(self) -> list[list[str]]:
        lines = [line for line in self._text.splitlines() if line.startswith("|")]
        return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]

    def cells(self, label: str) -> list[str]:
        """Of the row of that name, without it."""
        for first, *others in self.rows:
            if first == label:
                return others
        raise NotMeasuredError(
            f"docs/benchmarks.md does not say “{label}”: run `{self._command}` first"
        )

    def number(self, label: str) -> float:
        """The first in that row."""
        return _number(self.cells(label)[0])

    def number_in_words(self, pattern: str) -> float:
        """What the group of ``pattern`` finds outside of the table."""
        found = re.search(pattern, self._text)
        if found is None:
            raise NotMeasuredError(f"docs/benchmarks.md: run `{self._command}` first")
        return _number(found.group(1))


def _gallery(sizes: _Section) -> tuple[int, int]:
    templates = sizes.number_in_words(r"([\d,]+) templates of \d+ numbers")
    return int(templates), int(sizes.number_in_words(r"templates of (\d+) numbers"))


def _cpu(sizes: _Section) -> dict[str, float]:
    head = "a photo: processor time, "
    named = [(first, others) for first, *others in sizes.rows if first.startswith(head)]
    return {first.removeprefix(head): _number(others[0]) / 1000 for first, others in named}


def _cpu_under_load(load: _Section) -> dict[str, float]:
    """Of the run with one worker: every part had its time, none waited for another's start."""
    total = load.number("processor time a photo, everything")
    head = "share of that: "
    named = [(first, others) for first, *others in load.rows if first.startswith(head)]
    return {first.removeprefix(head): total * _number(others[0]) / 100 for first, others in named}


def _search(bench: _Section) -> float:
    """A face of a group, on every core of the machine: at most so long on one."""
    cores = bench.number_in_words(r"(\d+) cores")
    six_ms = _number(bench.cells("1,000,000")[2])
    return six_ms / 1000 / 6 * cores


def _gpu(gpu: _Section, item: str) -> float | None:
    """The most of them a second, where a card was measured."""
    rows = [row for row in gpu.rows if len(row) > 3 and row[1] == item]
    return max((_number(row[3]) for row in rows if re.search(r"\d", row[3])), default=None)


def _number(words: str) -> float:
    found = re.search(r"[\d,]*\.?\d+", words)
    if found is None:
        raise NotMeasuredError(f"docs/benchmarks.md: “{words}” is no number")
    return float(found.group().replace(",", ""))
