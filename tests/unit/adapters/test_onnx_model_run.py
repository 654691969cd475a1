"""Networks are loaded on what was asked for, or not at all."""

from pathlib import Path

import numpy as np
import onnx
import pytest

from vestibule.adapters.model_packs import PACKS, InstalledPack
from vestibule.adapters.onnx_engine import LowLight, load_engine
from vestibule.adapters.onnx_engine.model_run import ModelRun
from vestibule.domain.errors import StartUpError, WeightsError

CPU = ["CPUExecutionProvider"]


@pytest.fixture
def installed(tmp_path: Path, frozen_detector: onnx.ModelProto) -> InstalledPack:
    """Any two networks that load: nothing is run here."""
    path = tmp_path / "toy.onnx"
    onnx.save(frozen_detector, path)
    return InstalledPack(PACKS["open"], path, path)


@pytest.mark.parametrize("providers", [["NoSuchExecutionProvider"], ["No", *CPU], []])
def test_a_provider_that_is_missing_stops_the_start(
    installed: InstalledPack, providers: list[str]
) -> None:
    with pytest.raises(StartUpError) as raised:
        load_engine(installed, intra_op_threads=1, providers=providers)
    assert raised.value.facts["providers"] == providers


@pytest.mark.parametrize("content", [b"", b"not a network"])
def test_a_file_that_is_no_network_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "detector.onnx"
    path.write_bytes(content)
    with pytest.raises(WeightsError, match=r"detector\.onnx"):
        ModelRun(path, name="x", intra_op_threads=1, providers=CPU, on_model_run=lambda *_: None)


def test_every_run_is_reported(tmp_path: Path, frozen_detector: onnx.ModelProto) -> None:
    runs: list[tuple[str, float]] = []
    path = tmp_path / "toy.onnx"
    onnx.save(frozen_detector, path)
    run = ModelRun(
        path,
        name="toy",
        intra_op_threads=1,
        providers=CPU,
        on_model_run=lambda name, seconds: runs.append((name, seconds)),
    )
    run(np.zeros((10, 3, 32, 32), np.float32))
    ((name, seconds),) = runs
    assert name == "toy"
    assert seconds > 0


def test_the_space_is_the_same_in_every_run(installed: InstalledPack) -> None:
    ids = {load_engine(installed, intra_op_threads=n, providers=CPU).space.id for n in (1, 2)}
    assert len(ids) == 1


def test_the_space_changes_with_the_light_and_the_embedder(installed: InstalledPack) -> None:
    other = InstalledPack(PACKS["dlib"], installed.detector_path, installed.embedder_path)
    spaces = [
        load_engine(pack, intra_op_threads=1, providers=CPU, low_light=light).space
        for pack in (installed, other)
        for light in LowLight
    ]
    assert len({space.id for space in spaces}) == len(spaces)
    assert {space.dimension for space in spaces} == {192, 128}
