"""int8 and fp16 variants of the default embedder: their time, and how far they are from float32.

`python -m tests.bench.variants` writes build/variants.json. Faces of the sample photos are also
what the static quantization is calibrated on, which flatters it. A variant would be worth measuring
for FNIR if it were faster.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import version_converter
from onnxruntime import quantization  # type: ignore[import-untyped]  # it ships no types
from onnxruntime.transformers.float16 import (  # type: ignore[import-untyped]  # as above
    convert_float_to_float16,
)

from tests.bench.engines import decoded
from tests.bench.figures import percentile, ratio
from tests.bench.machine import ROOT, describe_machine
from tests.bench.photos import BenchPhoto, sample_photos
from tests.bench.report import write_json
from vestibule.adapters.model_packs import InstalledPack
from vestibule.adapters.onnx_engine import LowLight, OnnxFaceEngine, load_engine
from vestibule.domain.faces import RgbImage
from vestibule.settings import Settings
from vestibule.wiring_models import install_models

Tensor = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Variant:
    """A network made out of the default one. ``make`` writes it to the path that it is given."""

    name: str
    make: Callable[[Path, Path, list[Tensor]], None]


class _Samples(quantization.CalibrationDataReader):  # type: ignore[misc]  # no types, as above
    def __init__(self, name: str, batches: list[Tensor]) -> None:
        self._left = iter([{name: batch} for batch in batches])

    def get_next(self) -> dict[str, Tensor] | None:
        return next(self._left, None)


def _static(source: Path, target: Path, samples: list[Tensor]) -> None:
    model = _modern(source)
    prepared = target.with_suffix(".prepared.onnx")
    onnx.save(model, prepared)
    quantization.quantize_static(
        str(prepared),
        str(target),
        _Samples(model.graph.input[0].name, samples),
        quant_format=quantization.QuantFormat.QDQ,
        per_channel=True,
        activation_type=quantization.QuantType.QUInt8,
        weight_type=quantization.QuantType.QInt8,
    )


def _dynamic(source: Path, target: Path, _samples: list[Tensor]) -> None:
    prepared = target.with_suffix(".prepared.onnx")
    onnx.save(_modern(source), prepared)
    quantization.quantize_dynamic(
        str(prepared),
        str(target),
        weight_type=quantization.QuantType.QUInt8,
        op_types_to_quantize=["Conv"],
    )


def _half(source: Path, target: Path, _samples: list[Tensor]) -> None:
    onnx.save(convert_float_to_float16(_modern(source), keep_io_types=True), target)


def _modern(source: Path) -> onnx.ModelProto:
    """Quantizing by channel needs opset 13."""
    model = onnx.load(source)
    is_old = model.opset_import[0].version < 13
    return version_converter.convert_version(model, 13) if is_old else model


VARIANTS = (
    Variant("int8 static", _static),
    Variant("int8 dynamic", _dynamic),
    Variant("fp16", _half),
)


# ── time ────────────────────────────────────────────────────────────────────────────────────
def time_in_turns(
    engines: dict[str, OnnxFaceEngine], work: Callable[[OnnxFaceEngine], object], *, repeats: int
) -> dict[str, float]:
    """Median processor seconds of each, one after the other in every round."""
    spent: dict[str, list[float]] = {name: [] for name in engines}
    for engine in engines.values():
        work(engine)
    for _ in range(repeats):
        for name, engine in engines.items():
            started = time.process_time()
            work(engine)
            spent[name].append(time.process_time() - started)
    return {name: percentile(values, 0.5) for name, values in spent.items()}


# ── the run ─────────────────────────────────────────────────────────────────────────────────
def measure(scratch: Path, *, repeats: int, report: Callable[[str], None]) -> dict[str, Any]:
    """By variant: time a face against float32 in the same turns, and how alike embeddings are."""
    installed = install_models(Settings(pack="open"), "open")
    base = _load(installed)
    photos = sample_photos()
    chips = [chip for photo in (photos.one_face, photos.group) for chip in _chips(base, photo)]
    rows = np.stack(chips).transpose(0, 3, 1, 2)
    samples = [((rows - 127.5) / 128).astype(np.float32)]
    expected = base._embedder(chips)
    outcome: dict[str, Any] = {}
    for number, variant in enumerate(VARIANTS):
        path = scratch / f"{number}.onnx"
        variant.make(installed.embedder_path, path, samples)
        engine = _load(replace(installed, embedder_path=path))
        alike = (expected * engine._embedder(chips)).sum(axis=1)
        engines = {"float32": base, variant.name: engine}
        spent = time_in_turns(engines, lambda one: one._embedder(chips[:4]), repeats=repeats)
        outcome[variant.name] = {
            "cpu_ms_a_face": round(1000 * spent[variant.name] / 4, 2),
            "float32_cpu_ms_a_face": round(1000 * spent["float32"] / 4, 2),
            "speed": ratio(spent["float32"], spent[variant.name]),
            "cosine_with_float32": {
                "least": round(float(alike.min()), 4),
                "mean": round(float(alike.mean()), 4),
            },
        }
        report(f"{variant.name}: {outcome[variant.name]}")
    return outcome


def _chips(engine: OnnxFaceEngine, photo: BenchPhoto) -> list[RgbImage]:
    image = decoded(photo)
    return [engine._chip(*engine._region_view(image, face)) for face in engine.detect(image)]


def _load(installed: InstalledPack) -> OnnxFaceEngine:
    """On one thread, so that processor time is the time of the work."""
    return load_engine(
        installed,
        intra_op_threads=1,
        providers=["CPUExecutionProvider"],
        low_light=LowLight.ON,
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.variants")
    parser.add_argument("--repeats", type=int, default=15)
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "variants.json")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="vestibule-variants-") as folder:
        outcome = measure(Path(folder), repeats=arguments.repeats, report=_say)
    write_json({"machine": describe_machine(), "embedder": outcome}, arguments.out)


def _say(words: str) -> None:
    sys.stderr.write(words + "\n")


if __name__ == "__main__":
    main()
