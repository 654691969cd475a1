"""The networks and the lessons, where PyTorch is installed (`make test-training`)."""

import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

torch = pytest.importorskip("torch", reason="PyTorch is not installed: make test-training")

from training.faces import TrainingFace  # noqa: E402 (after the test for PyTorch)
from training.learning import meet_half_way, train_denoiser, train_jointly, tune_denoiser  # noqa: E402
from training.mobilefacenet import MobileFaceNet  # noqa: E402
from training.networks import Denoiser, NightEmbedder  # noqa: E402
from training.night import export, manifest  # noqa: E402
from vestibule.adapters.model_packs.own_packs import parse_own_pack  # noqa: E402

SIDE = 112


@pytest.fixture
def tiny_embedder(tmp_path: Path) -> Path:
    """A strided convolution, a PReLU written as the converter writes it, and a pooling one."""
    rng = np.random.default_rng(0)
    slope = rng.uniform(0.1, 0.4, (4, 1, 1, 1)).astype(np.float32)
    zero = np.zeros(4, np.float32)
    weights = {
        "k": rng.normal(0, 0.3, (4, 3, 3, 3)).astype(np.float32),
        "kb": rng.normal(0, 0.1, 4).astype(np.float32),
        "a": slope,
        "ab": zero,
        "b": 1 - slope,
        "bb": zero,
        "p": rng.normal(0, 0.02, (192, 4, 56, 56)).astype(np.float32),
        "pb": np.zeros(192, np.float32),
    }
    scale = {"kernel_shape": [1, 1], "strides": [1, 1], "pads": [0, 0, 0, 0], "group": 4}
    nodes = [
        helper.make_node(
            "Conv", ["face", "k", "kb"], ["c"], strides=[2, 2], pads=[0, 0, 1, 1], group=1
        ),
        helper.make_node("Conv", ["c", "a", "ab"], ["linear"], **scale),
        helper.make_node("Relu", ["c"], ["relu"]),
        helper.make_node("Conv", ["relu", "b", "bb"], ["rectified"], **scale),
        helper.make_node("Add", ["rectified", "linear"], ["prelu"]),
        helper.make_node(
            "Conv", ["prelu", "p", "pb"], ["pooled"], strides=[1, 1], pads=[0, 0, 0, 0], group=1
        ),
        helper.make_node("Flatten", ["pooled"], ["out"], axis=1),
    ]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("face", TensorProto.FLOAT, ["N", 3, SIDE, SIDE])],
        [helper.make_tensor_value_info("out", TensorProto.FLOAT, ["N", 192])],
        [numpy_helper.from_array(value, name) for name, value in weights.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    path = tmp_path / "embedder.onnx"
    onnx.save(model, path)
    return path


@pytest.fixture
def teacher(tiny_embedder: Path) -> MobileFaceNet:
    return MobileFaceNet(tiny_embedder)


@pytest.fixture
def chips() -> np.ndarray:
    return np.random.default_rng(1).uniform(-1, 1, (3, 3, SIDE, SIDE)).astype(np.float32)


@pytest.fixture
def faces() -> list[TrainingFace]:
    rng = np.random.default_rng(2)
    landmarks = np.array([[38, 52], [74, 52], [56, 72], [42, 92], [71, 92]], np.float32)
    made = []
    for _ in range(6):
        region = np.kron(rng.integers(40, 220, (14, 14, 3)), np.ones((8, 8, 1))).astype(np.uint8)
        embedding = rng.normal(0, 1, 192).astype(np.float32)
        made.append(TrainingFace(region, landmarks, embedding))
    return made


def run(path: Path, chips: np.ndarray) -> np.ndarray:
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return np.asarray(session.run(None, {"face": chips})[0])


def test_the_module_says_what_the_graph_says(tiny_embedder: Path, chips: np.ndarray) -> None:
    with torch.no_grad():
        said = MobileFaceNet(tiny_embedder)(torch.from_numpy(chips)).numpy()
    assert np.allclose(said, run(tiny_embedder, chips), atol=1e-5)


def test_an_untrained_denoiser_changes_nothing(chips: np.ndarray) -> None:
    with torch.no_grad():
        assert np.allclose(Denoiser()(torch.from_numpy(chips)).numpy(), chips)


def test_the_exported_graph_says_what_was_trained(
    tiny_embedder: Path, chips: np.ndarray, tmp_path: Path
) -> None:
    embedder = NightEmbedder(Denoiser(), MobileFaceNet(tiny_embedder))
    export(embedder, tmp_path / "night.onnx")
    with torch.no_grad():
        expected = embedder(torch.from_numpy(chips)).numpy()
    for count in (1, 3):
        said = run(tmp_path / "night.onnx", chips[:count])
        assert np.allclose(said, expected[:count], atol=1e-5)
    assert np.allclose(np.linalg.norm(expected, axis=1), 1, atol=1e-5)


def test_a_face_and_its_mirror_image_are_embedded_alike(
    tiny_embedder: Path, chips: np.ndarray
) -> None:
    embedder = NightEmbedder(Denoiser(), MobileFaceNet(tiny_embedder))
    with torch.no_grad():
        plain = embedder(torch.from_numpy(chips))
        mirrored = embedder(torch.from_numpy(chips[..., ::-1].copy()))
    assert torch.allclose(plain, mirrored, atol=1e-5)


def test_training_brings_the_student_nearer_and_repeats_itself(
    tiny_embedder: Path, faces: list[TrainingFace]
) -> None:
    def trained() -> tuple[float, float, list[float]]:
        torch.manual_seed(0)
        torch.set_num_threads(1)
        denoiser = train_denoiser(faces, seed=0, steps=3, tell=lambda _: None)
        student = MobileFaceNet(tiny_embedder)
        before = likeness(student, faces)
        train_jointly(faces, denoiser, student, seed=0, steps=8, tell=lambda _: None)
        weights = [float(weight.sum()) for weight in denoiser.parameters()]
        return before, likeness(NightEmbedder(denoiser, student), faces), weights

    before, after, weights = trained()
    assert after > before + 0.05
    assert weights == trained()[2]


def test_tuning_moves_the_denoiser_and_leaves_the_student_half_way(
    tiny_embedder: Path, faces: list[TrainingFace], teacher: MobileFaceNet
) -> None:
    torch.manual_seed(0)
    denoiser, student = Denoiser(), MobileFaceNet(tiny_embedder)
    train_jointly(faces, denoiser, student, seed=0, steps=3, tell=lambda _: None)
    learned = [weight.clone() for weight in student.parameters()]
    meet_half_way(student, teacher)
    settled = [weight.clone() for weight in student.parameters()]
    for half, own, taught in zip(settled, learned, teacher.parameters(), strict=True):
        assert torch.allclose(half, (own + taught) / 2, atol=1e-6)
    before = [weight.clone() for weight in denoiser.parameters()]
    tune_denoiser(faces, denoiser, student, seed=0, steps=3, tell=lambda _: None)
    assert all(torch.equal(a, b) for a, b in zip(settled, student.parameters(), strict=True))
    assert not all(torch.equal(a, b) for a, b in zip(before, denoiser.parameters(), strict=True))


def likeness(network: torch.nn.Module, faces: list[TrainingFace]) -> float:
    """Mean cosine between what it says of the faces as taken and what it was taught."""
    regions = np.stack([face.region for face in faces]).astype(np.float32)
    chips = torch.from_numpy(((regions - 127.5) / 128).transpose(0, 3, 1, 2).copy())
    taught = torch.from_numpy(np.stack([face.embedding for face in faces]))
    with torch.no_grad():
        return float(torch.cosine_similarity(network(chips), taught).mean())


def test_the_manifest_is_one_that_can_be_installed(tiny_embedder: Path) -> None:
    content = manifest(
        tiny_embedder, name="open-night", data="drawn", licence="CC0-1.0", provenance="A test."
    )
    pack = parse_own_pack(json.dumps(content).encode())
    assert pack.name == "open-night"
    assert pack.dark_embedder is not None
    assert [role for role, _ in pack.models] == ["detector", "embedder", "dark_embedder"]
