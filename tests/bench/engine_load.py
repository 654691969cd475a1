"""Photos a second through the engine alone, for ways of spending the cores: threads, shared runs.

`python -m tests.bench.engine_load` writes build/engine-load.json and the table in
docs/benchmarks.md. The ways take turns, several rounds each, so that a slow moment hits all.
"""

import argparse
import itertools
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from tests.bench import report
from tests.bench.engines import decoded
from tests.bench.figures import percentile, ratio
from tests.bench.machine import ROOT, describe_machine
from tests.bench.photos import sample_photos
from vestibule.domain.faces import RgbImage
from vestibule.ports import FaceEngine
from vestibule.settings import Settings
from vestibule.wiring import open_engine

START = "<!-- engine-load: written by `make bench-engine`, do not edit -->"
END = "<!-- engine-load: end -->"
DOCUMENT = ROOT / "docs" / "benchmarks.md"


@dataclass(frozen=True, slots=True)
class Way:
    """``workers`` photos at the same time, each model run on ``intra_op_threads``."""

    workers: int
    intra_op_threads: int
    batching: Literal["off", "on"] = "off"


@dataclass(frozen=True, slots=True)
class Lap:
    photos: int
    seconds: float
    cpu_seconds: float


def ways_for(cores: int) -> list[Way]:
    """Around as many threads as cores, each way with one run a request, two of them shared too."""
    pairs = dict.fromkeys([(1, 1), (1, cores), (cores, 1), (cores, cores), (2 * cores, 1)])
    shared = dict.fromkeys([(cores, cores), (2 * cores, cores), (4 * cores, cores)])
    alone = [Way(workers, threads) for workers, threads in pairs]
    return [
        *alone,
        *[
            way
            for workers, threads in shared
            for way in (Way(workers, threads), Way(workers, threads, "on"))
            if way not in alone
        ],
    ]


def measure(
    ways: Sequence[Way], images: Sequence[RgbImage], *, rounds: int, seconds: float
) -> list[dict[str, Any]]:
    laps: dict[Way, list[Lap]] = {way: [] for way in ways}
    for _, way in itertools.product(range(rounds), ways):
        engine = _engine(way)  # anew each time: what several engines keep would not fit
        _lap(engine, images, workers=way.workers, seconds=0)  # first runs of a network are slow
        laps[way].append(_lap(engine, images, workers=way.workers, seconds=seconds))
    return [_row(way, laps[way]) for way in ways]


def _engine(way: Way) -> FaceEngine:
    return open_engine(
        Settings(
            intra_op_threads=way.intra_op_threads,
            worker_threads=way.workers,
            batching=way.batching,
        )
    )


def _lap(engine: FaceEngine, images: Sequence[RgbImage], *, workers: int, seconds: float) -> Lap:
    """All workers take the next image until the time is over; each takes at least one."""
    serial = itertools.count()
    started, spent_before_s = time.perf_counter(), time.process_time()

    def work() -> None:
        while True:
            image = images[next(serial) % len(images)]
            faces = engine.detect(image)
            engine.assess(image, faces)
            engine.embed(image, faces)
            if time.perf_counter() - started >= seconds:
                return

    threads = [threading.Thread(target=work) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    elapsed_s = time.perf_counter() - started
    return Lap(next(serial), elapsed_s, time.process_time() - spent_before_s)


def _row(way: Way, laps: Sequence[Lap]) -> dict[str, Any]:
    paces = [lap.photos / lap.seconds for lap in laps]
    photos = sum(lap.photos for lap in laps)
    return {
        **asdict(way),
        "photos": photos,
        "photos_per_second": round(percentile(paces, 0.5), 3),
        "best_photos_per_second": round(max(paces), 3),
        "cpu_s_a_photo": ratio(sum(lap.cpu_seconds for lap in laps), photos),
    }


def as_markdown(figures: report.Figures) -> str:
    lines = [
        report.machine_line(figures["machine"]),
        "",
        "| photos at once | threads a run | runs | photos a second, median (best) of "
        f"{figures['rounds']} | processor time a photo |",
        "| --- | --- | --- | --- | --- |",
    ]
    for row in figures["ways"]:
        runs = "shared" if row["batching"] == "on" else "one a request"
        lines.append(
            f"| {row['workers']} | {row['intra_op_threads']} | {runs} | "
            f"{row['photos_per_second']:.2f} ({row['best_photos_per_second']:.2f}) | "
            f"{row['cpu_s_a_photo']:.3f} s |"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.engine_load", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=6, help="of each way in each round")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "engine-load.json")
    arguments = parser.parse_args()
    machine = describe_machine()
    images = [decoded(photo) for photo in sample_photos().mixture]
    ways = measure(
        ways_for(int(machine["cores"])),  # type: ignore[call-overload]  # an int among other things
        images,
        rounds=arguments.rounds,
        seconds=arguments.seconds,
    )
    figures = {"machine": machine, "rounds": arguments.rounds, "ways": ways}
    report.write_json(figures, arguments.out)
    report.write_between(START, as_markdown(figures), END, DOCUMENT)
    sys.stderr.write(as_markdown(figures) + "\n")


if __name__ == "__main__":
    main()
