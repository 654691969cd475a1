"""ArcFace, SFace and own embedders fed as their makers feed them, on networks made by hand."""

from pathlib import Path

import cv2
import numpy as np
import onnx
import pytest

from tests.unit.adapters.conftest import RunOf
from tests.unit.adapters.toy_networks import toy_chip_network
from vestibule.adapters.model_packs import EmbedderOptions, Mirroring
from vestibule.adapters.model_packs.conversion.as_published import free_sface, keep_embedder
from vestibule.adapters.onnx_engine import alignment
from vestibule.adapters.onnx_engine.arcface import ArcFace
from vestibule.adapters.onnx_engine.embedders import ARCFACE_TEMPLATE
from vestibule.adapters.onnx_engine.own_embedder import OwnEmbedder
from vestibule.adapters.onnx_engine.sface import SFace
from vestibule.domain.embedding_space import Metric
from vestibule.domain.errors import WeightsError
from vestibule.domain.faces import RgbImage

LANDMARKS = np.array([(90, 80), (150, 84), (118, 120), (96, 150), (142, 152)], np.float32)


def chips(count: int) -> list[RgbImage]:
    return list(np.random.default_rng(1).integers(0, 255, (count, 112, 112, 3), np.uint8))


def projected(chip: RgbImage, dimension: int, *, mean: float, scale: float) -> np.ndarray:
    """What the toy network gives, worked out by hand: RGB, channels first."""
    weights = np.random.default_rng(0).normal(size=(3 * 64, dimension)) / 100
    cells = chip.reshape(8, 14, 8, 14, 3).mean(axis=(1, 3), dtype=np.float64)
    return ((cells.transpose(2, 0, 1).ravel() - mean) / scale) @ weights


def unit(vector: np.ndarray) -> np.ndarray:
    return vector / np.linalg.norm(vector)


@pytest.mark.parametrize(
    ("make", "dimension", "mean", "scale"), [(ArcFace, 512, 127.5, 127.5), (SFace, 128, 0, 1)]
)
def test_a_chip_and_its_mirror_image_are_fed_in_rgb_and_joined(
    run_of: RunOf, make, dimension: int, mean: float, scale: float
) -> None:
    (chip,) = chips(1)
    (embedding,) = make(run_of(toy_chip_network(dimension)))([chip])
    plain = unit(projected(chip, dimension, mean=mean, scale=scale))
    mirrored = unit(projected(chip[:, ::-1], dimension, mean=mean, scale=scale))
    assert embedding == pytest.approx(unit(plain + mirrored), abs=1e-5)


@pytest.mark.parametrize(("make", "dimension"), [(ArcFace, 512), (SFace, 128)])
@pytest.mark.parametrize("batch", [1, 3, "N"])
def test_faces_together_embed_as_they_do_alone_whatever_batch_the_network_takes(
    run_of: RunOf, make, dimension: int, batch: int | str
) -> None:
    embedder = make(run_of(toy_chip_network(dimension, batch=batch)))
    many = chips(embedder.faces_per_run + 3)
    together = embedder(many)
    assert together.shape == (len(many), dimension)
    alone = np.concatenate([embedder([chip]) for chip in many])
    assert np.abs(together - alone).max() < 1e-4


@pytest.mark.parametrize(("make", "dimension"), [(ArcFace, 512), (SFace, 128)])
def test_no_face_is_an_empty_batch_and_no_run(run_of: RunOf, make, dimension: int) -> None:
    assert make(run_of(toy_chip_network(dimension, batch=1)))([]).shape == (0, dimension)


def test_sface_agrees_with_opencvs_own_recogniser(run_of: RunOf, tmp_path: Path) -> None:
    """Without the mirror image, which OpenCV does not use."""
    network = toy_chip_network(128, batch=1)
    path = tmp_path / "sface.onnx"
    onnx.save(network, path)
    theirs = cv2.FaceRecognizerSF.create(str(path), "")
    photo = cv2.GaussianBlur(
        np.random.default_rng(2).integers(0, 255, (240, 240, 3), np.uint8), (0, 0), 3
    )
    bgr = np.ascontiguousarray(photo[..., ::-1])
    face = np.concatenate([[60, 50, 120, 130], LANDMARKS.ravel(), [0.9]]).astype(np.float32)
    their_chip = theirs.alignCrop(bgr, face[None])
    matrix = alignment.similarity_to(SFace.template, LANDMARKS)
    image, matrix = alignment.shrunk_for_warp(photo, matrix)
    our_chip = alignment.warp(image, matrix, side_px=SFace.chip_side_px)
    difference = np.abs(our_chip.astype(int) - their_chip[..., ::-1].astype(int))
    assert difference.max() <= 2
    expected = theirs.feature(their_chip)[0]
    (row,) = run_of(network)(our_chip.transpose(2, 0, 1)[None].astype(np.float32))
    cosine = float(unit(row[0]) @ unit(expected))
    assert cosine > 0.9999


# ── own embedders ───────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("mirroring", list(Mirroring))
def test_an_own_embedder_is_fed_as_its_options_say(run_of: RunOf, mirroring: Mirroring) -> None:
    (chip,) = chips(1)
    options = EmbedderOptions(64, mean=100, scale=50, mirroring=mirroring)
    (embedding,) = OwnEmbedder(run_of(toy_chip_network(64)), options)([chip])
    plain = projected(chip, 64, mean=100, scale=50)
    mirrored = projected(chip[:, ::-1], 64, mean=100, scale=50)
    expected = {
        Mirroring.NONE: plain,
        Mirroring.MEAN: (plain + mirrored) / 2,
        Mirroring.UNIT_SUM: unit(unit(plain) + unit(mirrored)),
    }
    assert embedding == pytest.approx(expected[mirroring], abs=1e-4)


def test_the_options_shape_the_embedder() -> None:
    own = OwnEmbedder(None, EmbedderOptions(64, template="dlib-150", metric=Metric.EUCLIDEAN))
    assert (own.chip_side_px, own.dimension, own.metric) == (150, 64, Metric.EUCLIDEAN)
    default = OwnEmbedder(None, EmbedderOptions(64))
    assert np.array_equal(default.template, ARCFACE_TEMPLATE)
    assert default.preprocessing != own.preprocessing or own.chip_side_px != default.chip_side_px


@pytest.mark.parametrize(
    "options",
    [
        EmbedderOptions(64, mean=0),
        EmbedderOptions(64, scale=128),
        EmbedderOptions(64, mirroring=Mirroring.MEAN),
    ],
)
def test_every_option_that_changes_embeddings_changes_the_preprocessing(
    options: EmbedderOptions,
) -> None:
    assert (
        OwnEmbedder(None, options).preprocessing
        != OwnEmbedder(None, EmbedderOptions(64)).preprocessing
    )


# ── what is done to the files once ──────────────────────────────────────────────────────────
def test_an_sface_for_one_face_is_freed_for_many(run_of: RunOf) -> None:
    fixed = toy_chip_network(128, batch=1)
    freed = onnx.load_model_from_string(free_sface(fixed.SerializeToString()))
    assert run_of(freed).fixed_batch is None
    many = chips(3)
    assert SFace(run_of(freed))(many) == pytest.approx(SFace(run_of(fixed))(many), abs=1e-5)


def test_an_sface_that_mixes_rows_when_freed_stays_as_published() -> None:
    fixed = toy_chip_network(128, batch=1)
    for node in fixed.graph.node:
        if node.op_type == "Flatten":  # an export that wrote a batch of one into the graph
            node.op_type = "Reshape"
            del node.attribute[:]
            node.input.append("shape")
    shape = onnx.numpy_helper.from_array(np.array([1, 192], np.int64), "shape")
    fixed.graph.initializer.append(shape)
    published = fixed.SerializeToString()
    assert free_sface(published) == published


@pytest.mark.parametrize("content", [b"", b"not a network"])
def test_what_is_no_embedder_is_refused(content: bytes) -> None:
    for keep in (keep_embedder, free_sface):
        with pytest.raises(WeightsError):
            keep(content)
