"""`make bench`: measure this machine, write build/bench.json and the table in docs/benchmarks.md.

With --quick: the same steps on little, for a test that the harness works; its figures mean nothing.
"""

import argparse
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench import embedding_batches, engines, http_load, peer, report, search_scale
from tests.bench.figures import ratio
from tests.bench.machine import ROOT, describe_machine
from tests.bench.photos import SamplePhotos, sample_photos, write_folder
from tests.bench.product import running_product

FORMAT_VERSION = 1
CLIENTS = 4
SMALL_DETECTOR_PX = 640
"""Half the default: photos are shrunk further before faces are looked for."""
DOCUMENT = ROOT / "docs" / "benchmarks.md"


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured."""

    warm_up: int
    repeats: int
    seconds: float
    batch_repeats: int
    sizes: tuple[int, ...]
    seconds_a_size: float


FULL = Plan(
    warm_up=5,
    repeats=60,
    seconds=30,
    batch_repeats=15,
    sizes=(10_000, 100_000, 1_000_000),
    seconds_a_size=900,
)
QUICK = Plan(warm_up=1, repeats=3, seconds=1, batch_repeats=2, sizes=(1_000,), seconds_a_size=20)


def main() -> None:
    arguments = _arguments()
    plan = QUICK if arguments.quick else FULL
    with tempfile.TemporaryDirectory(prefix="vestibule-bench-") as folder:
        figures = measure(plan, Path(folder), quick=arguments.quick)
    report.write_json(figures, arguments.out)
    if not arguments.quick:
        report.write_table(figures, DOCUMENT)
    _say(report.as_markdown(figures))
    _say(f"\nWritten to {arguments.out}")


def measure(plan: Plan, folder: Path, *, quick: bool) -> dict[str, object]:
    """Every figure, in the form of build/bench.json."""
    machine = describe_machine()
    _say("Getting the photos …")
    photos = sample_photos()
    write_folder(photos.mixture, folder / "photos")
    served = _measure_product(plan, folder / "data", photos)
    _say("Measuring face_recognition on the same photos …")
    other = peer.measure_peer(folder / "photos", seconds=plan.seconds)
    _say("Measuring one batch of 16 faces against 16 of one …")
    engine = engines.default_engine()
    batches = embedding_batches.measure_batches(
        engine, engines.decoded(photos.group), repeats=plan.batch_repeats
    )
    _say("Measuring search …")
    search = search_scale.measure_search(
        engines.open_index,
        engine.space,
        sizes=plan.sizes,
        folder=folder / "search",
        seconds_a_size=plan.seconds_a_size,
    )
    peer_pace = other["photos_per_second"] or 0.0
    pace = served["four_clients"]["photos_per_second"]
    small_pace = served["small_detector"]["four_clients"]["photos_per_second"]
    return {
        "format": FORMAT_VERSION,
        "quick": quick,
        "machine": machine,
        "photos": [{"name": photo.name, "size_px": photo.size_px} for photo in photos.mixture],
        **served,
        "peer": other,
        "over_peer": ratio(pace, peer_pace),
        "small_detector_over_peer": ratio(small_pace, peer_pace),
        "batches": batches,
        "search": search,
    }


def _measure_product(plan: Plan, data_dir: Path, photos: SamplePhotos) -> dict[str, Any]:
    """Start it twice on one data folder, then measure what a page would wait for."""
    _say("Starting on an empty data folder …")
    with running_product(data_dir) as product:
        cold_s = product.ready_after_s
    _say("Starting again, and measuring over HTTP …")
    with running_product(data_dir) as product:
        with product.client() as client:
            for photo in photos.enrolled:
                http_load.enrol(client, photo, name=photo.name)
        at_rest = product.memory_mib()
        one_face, group = (
            http_load.measure_one_at_a_time(
                product, photo, repeats=plan.repeats, warm_up=plan.warm_up
            )
            for photo in (photos.one_face, photos.group)
        )
        four_clients = http_load.measure_clients(
            product, photos.mixture, clients=CLIENTS, seconds=plan.seconds
        )
        served = {
            "start_up": {"cold_s": cold_s, "warm_s": product.ready_after_s},
            "one_face": one_face,
            "six_faces": group,
            "four_clients": four_clients,
            "memory_at_rest": at_rest,
            "memory": product.memory_mib(),
        }
    return served | {"small_detector": _measure_small_detector(plan, data_dir, photos)}


def _measure_small_detector(plan: Plan, data_dir: Path, photos: SamplePhotos) -> dict[str, Any]:
    """The same mixture for those who photograph people near by and would rather have it quicker."""
    _say(f"Again with photos shrunk to {SMALL_DETECTOR_PX} px before faces are looked for …")
    setting = {"VESTIBULE_DETECTOR_LONG_SIDE_PX": str(SMALL_DETECTOR_PX)}
    with running_product(data_dir, **setting) as product:
        one_face = http_load.measure_one_at_a_time(
            product, photos.one_face, repeats=plan.repeats, warm_up=plan.warm_up
        )
        four_clients = http_load.measure_clients(
            product, photos.mixture, clients=CLIENTS, seconds=plan.seconds
        )
    return {
        "detector_long_side_px": SMALL_DETECTOR_PX,
        "one_face": one_face,
        "four_clients": four_clients,
    }


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="little of everything; not a result")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "bench.json")
    return parser.parse_args()


def _say(words: str) -> None:
    sys.stderr.write(words + "\n")


if __name__ == "__main__":
    main()
