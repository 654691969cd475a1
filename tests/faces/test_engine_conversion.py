"""The converted networks against the runtimes they were made for."""

from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from vestibule.adapters.model_packs import PACKS, install_pack
from vestibule.adapters.model_packs.archives import fetch_archive, read_members


def weights_of(pack: str, folder: Path) -> Path:
    """The embedder's weights as published."""
    source = PACKS[pack].embedder.source
    path = folder / Path(source.path).name
    path.write_bytes(read_members([source], folder, fetch=fetch_archive)[source])
    return path


def converted(pack: str, models_dir: Path, batch: np.ndarray) -> np.ndarray:
    session = onnxruntime.InferenceSession(install_pack(pack, models_dir).embedder_path)
    (output,) = session.run(None, {"face": batch})
    return np.asarray(output)


def test_mobilefacenet_agrees_with_the_tflite_runtime(models_dir: Path, tmp_path: Path) -> None:
    litert = pytest.importorskip(
        "ai_edge_litert.interpreter", reason="LOUD: ai-edge-litert is not installed"
    )
    batch = np.random.default_rng(0).uniform(-1, 1, (2, 112, 112, 3)).astype(np.float32)
    interpreter = litert.Interpreter(str(weights_of("open", tmp_path)), num_threads=1)
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], batch)
    interpreter.invoke()
    expected = interpreter.get_tensor(interpreter.get_output_details()[0]["index"])
    nchw = np.ascontiguousarray(batch.transpose(0, 3, 1, 2))
    assert converted("open", models_dir, nchw) == pytest.approx(expected, abs=1e-3)
    one = converted("open", models_dir, nchw[:1])
    assert one == pytest.approx(expected[:1], abs=1e-3)


def test_dlibs_resnet_agrees_with_dlib(models_dir: Path, tmp_path: Path) -> None:
    dlib = pytest.importorskip("dlib", reason="LOUD: dlib-bin is not installed")
    network = dlib.face_recognition_model_v1(str(weights_of("dlib", tmp_path)))
    chips = np.random.default_rng(0).integers(0, 255, (3, 150, 150, 3), dtype=np.uint8)
    expected = np.array([network.compute_face_descriptor(chip) for chip in chips])
    nchw = np.ascontiguousarray(chips.transpose(0, 3, 1, 2)).astype(np.float32)
    assert converted("dlib", models_dir, nchw) == pytest.approx(expected, abs=1e-5)
