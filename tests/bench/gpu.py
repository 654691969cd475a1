"""`make bench-gpu`: faces and photos a second by batch, and the share of the card's limit.

Writes build/bench-gpu.json and the table in docs/benchmarks.md. Batches go in from the machine's
memory and come back to it, as in the product; a face is two rows, itself and its mirror image.
Where no provider that was asked for is at hand, it says so and ends with status 2.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime  # type: ignore[import-untyped]  # it ships no types

from tests.bench import report
from tests.bench.cards import Card, card_here
from tests.bench.figures import percentile, ratio
from tests.bench.flops import Demand, demand_of
from tests.bench.machine import ROOT, describe_machine
from vestibule.adapters.onnx_engine.model_run import ModelRun
from vestibule.domain.errors import StartUpError
from vestibule.settings import Settings
from vestibule.wiring_models import install_models

START = "<!-- gpu: written by `make bench-gpu`, do not edit -->"
END = "<!-- gpu: end -->"
DOCUMENT = ROOT / "docs" / "benchmarks.md"
GPU_PROVIDERS = ("CUDAExecutionProvider", "TensorrtExecutionProvider")
BATCHES = (1, 2, 4, 8, 16, 32, 64, 128, 256)
AIM_BATCH, AIM_RATIO = 32, 5.0
NOTHING_HERE = 2

WORDS = """No {wanted} here; onnxruntime offers: {offered}.
Needed: an NVIDIA card with its driver (nvidia-smi lists it), and onnxruntime for GPUs in place of
the usual one. `make bench-gpu` installs requirements/gpu.txt (with CUDA and cuDNN) into build/gpu
where a card is. TensorRT is measured where its libraries are installed as well."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A network and what one item asks of it: ``rows`` of ``shape``."""

    item: str
    path: Path
    rows: int
    shape: tuple[int, ...]

    def demand(self) -> Demand:
        return demand_of(onnx.load(self.path), (self.rows, *self.shape))


def subjects(settings: Settings) -> list[Subject]:
    installed = install_models(settings, "open")
    return [
        Subject("face", installed.embedder_path, 2, (3, 112, 112)),
        Subject("photo", installed.detector_path, 1, (3, 960, 1280)),
    ]


def measure(
    subject: Subject,
    provider: str,
    card: Card | None,
    *,
    batches: Sequence[int],
    seconds: float,
) -> list[dict[str, Any]]:
    """One row a batch; a batch that the card cannot do says why and ends the list."""
    providers = list(dict.fromkeys([provider, "CPUExecutionProvider"]))
    run = ModelRun(
        subject.path,
        name=subject.item,
        intra_op_threads=1 if provider in GPU_PROVIDERS else 2,
        providers=providers,
        on_model_run=lambda _name, _seconds: None,
    )
    demand = subject.demand()
    rows: list[dict[str, Any]] = []
    alone: float | None = None
    for batch in batches:
        try:
            took_s = _median_s(run, subject, batch, seconds=seconds)
        except onnxruntime.capi.onnxruntime_pybind11_state.RuntimeException as error:
            rows.append({"batch": batch, "skipped": str(error).splitlines()[0][:200]})
            break
        rate = batch / took_s
        alone = rate if batch == 1 else alone
        rows.append(row_of(batch, took_s, alone=alone, demand=demand, card=card))
    return rows


def row_of(
    batch: int, took_s: float, *, alone: float | None, demand: Demand, card: Card | None
) -> dict[str, Any]:
    """``share_of_flops`` and ``share_of_memory``: of what the data sheet promises, 0 to 1.

    Weights are read once a run and not once an item, so the memory's share is the most it can be.
    """
    rate = batch / took_s
    peak_flops = 1e12 * card.peak_tflops if card and card.peak_tflops else 0.0
    peak_bytes = 1e9 * card.peak_gb_per_s if card and card.peak_gb_per_s else 0.0
    return {
        "batch": batch,
        "ms": round(1000 * took_s, 3),
        "a_second": round(rate, 1),
        "over_batch_1": ratio(rate, alone) if alone else None,
        "gflops_a_second": round(rate * demand.flops / 1e9, 1),
        "share_of_flops": ratio(rate * demand.flops, peak_flops),
        "share_of_memory": ratio(rate * demand.bytes_moved, peak_bytes),
        "skipped": None,
    }


def _median_s(run: ModelRun, subject: Subject, batch: int, *, seconds: float) -> float:
    random = np.random.default_rng(batch)
    rows = random.random((batch * subject.rows, *subject.shape), np.float32)
    for _ in range(3):
        run(rows)
    took_s: list[float] = []
    deadline = time.perf_counter() + seconds
    while not took_s or time.perf_counter() < deadline:
        started = time.perf_counter()
        run(rows)
        took_s.append(time.perf_counter() - started)
    return percentile(took_s, 0.5)


def as_markdown(figures: report.Figures) -> str:
    card = figures["card"]
    lines = [report.machine_line(figures["machine"]), ""]
    if card:
        lines += [
            f"{card['name']}, {card['memory_gib']:g} GiB, driver {card['driver']}; the data sheet "
            f"says {card['peak_tflops'] or 'nothing of'} TFLOP/s in float32 and "
            f"{card['peak_gb_per_s'] or 'nothing of'} GB/s.",
            "",
        ]
    lines += [
        "| provider | item | batch | a second | over batch 1 | of the card's float32 | "
        "of its memory |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for part in figures["parts"]:
        name = part["provider"].removesuffix("ExecutionProvider")
        for row in part["batches"]:
            head = f"| {name} | {part['item']} | {row['batch']} |"
            if row["skipped"]:
                lines.append(f"{head} skipped: {row['skipped']} | | | |")
                continue
            over = row["over_batch_1"]
            lines.append(
                f"{head} {row['a_second']:,.1f} | {'' if over is None else f'{over:.2f}x'} | "
                f"{_percent(row['share_of_flops'])} | {_percent(row['share_of_memory'])} |"
            )
    return "\n".join([*lines, "", aim_words(figures)])


def aim_words(figures: report.Figures) -> str:
    """Whether the aim was reached, in a sentence for each provider."""
    said = []
    for part in figures["parts"]:
        rows = {row["batch"]: row for row in part["batches"] if not row["skipped"]}
        over = rows.get(AIM_BATCH, {}).get("over_batch_1")
        if part["item"] == "face" and over is not None:
            verdict = "reached" if over >= AIM_RATIO else "missed"
            said.append(
                f"{part['provider']}: {over:.2f}x at batch {AIM_BATCH}, "
                f"the aim of {AIM_RATIO:g}x is {verdict}."
            )
    return " ".join(said) or f"Batch {AIM_BATCH} was not measured, so the aim was not judged."


def _percent(share: float | None) -> str:
    return "not known" if share is None else f"{100 * share:.1f} %"


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    wanted = options.provider or list(GPU_PROVIDERS)
    offered = onnxruntime.get_available_providers()
    here = [provider for provider in wanted if provider in offered]
    card = card_here()
    if not here or (card is None and set(here) <= set(GPU_PROVIDERS)):
        _say(WORDS.format(wanted=" or ".join(wanted), offered=", ".join(offered)))
        return NOTHING_HERE
    batches = [int(batch) for batch in options.batches.split(",")]
    parts = []
    for provider in here:
        for subject in subjects(Settings()):
            try:
                rows = measure(subject, provider, card, batches=batches, seconds=options.seconds)
            except StartUpError as error:
                rows = [{"batch": batches[0], "skipped": str(error)}]
            parts.append({"provider": provider, "item": subject.item, "batches": rows})
    figures = {
        "machine": describe_machine(),
        "card": asdict(card) if card else None,
        "parts": parts,
    }
    report.write_json(figures, options.out)
    if options.publish:
        report.write_between(START, as_markdown(figures), END, DOCUMENT)
    _say(as_markdown(figures))
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.gpu", description=__doc__)
    parser.add_argument("--provider", action="append", help="onnxruntime's name; may be repeated")
    parser.add_argument("--batches", default=",".join(map(str, BATCHES)))
    parser.add_argument("--seconds", type=float, default=2.0, help="of each batch")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "bench-gpu.json")
    parser.add_argument("--publish", action="store_true", help="also write docs/benchmarks.md")
    return parser.parse_args(arguments)


def _say(words: str) -> None:
    sys.stderr.write(words + "\n")


if __name__ == "__main__":
    sys.exit(main())
