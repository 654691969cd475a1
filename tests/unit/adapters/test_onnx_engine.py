"""The engine's promises, kept with networks made by hand."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vestibule.adapters.onnx_engine import LowLight, OnnxFaceEngine
from vestibule.adapters.onnx_engine.centerface import CenterFace
from vestibule.adapters.onnx_engine.dlib_resnet import DlibResnet
from vestibule.adapters.onnx_engine.embedders import FACES_PER_RUN
from vestibule.adapters.onnx_engine.mobilefacenet import MobileFaceNet
from vestibule.adapters.onnx_engine.model_run import ModelRun
from vestibule.domain.embedding_space import EmbeddingSpace, Metric
from vestibule.domain.faces import DetectedFace, Embeddings, RgbImage

EmbedderRunOf = Callable[[int], ModelRun]


def engine_of(
    detector_run: ModelRun,
    embedder: MobileFaceNet | DlibResnet,
    *,
    low_light: LowLight = LowLight.ON,
    long_side_px: int = 1280,
) -> OnnxFaceEngine:
    return OnnxFaceEngine(
        detector=CenterFace(detector_run, long_side_px=long_side_px),
        embedder=embedder,
        low_light=low_light,
        space=EmbeddingSpace("toy", "toy", embedder.metric, embedder.dimension),
    )


@pytest.fixture
def engine(detector_run: ModelRun, embedder_run_of: EmbedderRunOf) -> OnnxFaceEngine:
    return engine_of(detector_run, MobileFaceNet(embedder_run_of(192)))


def scene(*centres: tuple[int, int], height: int = 240, width: int = 320) -> RgbImage:
    """Blue-green noise with a red dot where the toy detector is to see a face."""
    image = np.random.default_rng(1).integers(0, 200, (height, width, 3), dtype=np.uint8)
    image[..., 0] = 0
    for x, y in centres:
        image[y - 2 : y + 2, x - 2 : x + 2] = (255, 100, 100)
    return image


def test_a_face_is_boxed_where_it_stands(engine: OnnxFaceEngine) -> None:
    (face,) = engine.detect(scene((102, 62)))
    assert face.box_xyxy_px == pytest.approx((86, 46, 118, 78), abs=0.01)
    assert face.landmarks_xy_px[0] == pytest.approx((86 + 0.3 * 32, 46 + 0.4 * 32), abs=0.01)
    assert face.landmarks_xy_px[2] == pytest.approx((102, 46 + 0.6 * 32), abs=0.01)


def test_faces_come_left_to_right(engine: OnnxFaceEngine) -> None:
    faces = engine.detect(scene((202, 62), (62, 162), (142, 102)))
    assert [round(face.box_xyxy_px[0]) for face in faces] == [46, 126, 186]


def test_a_face_at_the_corner_is_boxed_inside_the_photo(engine: OnnxFaceEngine) -> None:
    (face,) = engine.detect(scene((2, 2)))
    assert face.box_xyxy_px[:2] == (0, 0)
    assert face.landmarks_xy_px.min() < 0


def test_boxes_of_a_large_photo_are_in_its_own_pixels(
    detector_run: ModelRun, embedder_run_of: EmbedderRunOf
) -> None:
    shrinking = engine_of(detector_run, MobileFaceNet(embedder_run_of(192)), long_side_px=320)
    four_times = scene((102, 62)).repeat(4, axis=0).repeat(4, axis=1)
    (face,) = shrinking.detect(four_times)
    assert face.box_xyxy_px == pytest.approx((4 * 86, 4 * 46, 4 * 118, 4 * 78), abs=0.1)


@pytest.mark.parametrize("size", [(1, 1), (1, 3000), (3000, 1), (7, 5), (31, 33), (250, 250)])
def test_photos_of_any_size_are_looked_at(engine: OnnxFaceEngine, size: tuple[int, int]) -> None:
    assert engine.detect(np.zeros((*size, 3), np.uint8)) == []


def test_no_face_gives_an_empty_batch(engine: OnnxFaceEngine) -> None:
    assert engine.embed(scene(), []).shape == (0, 192)


def test_cosine_embeddings_have_unit_length(engine: OnnxFaceEngine) -> None:
    image = scene((102, 62), (202, 162))
    lengths = np.linalg.norm(engine.embed(image, engine.detect(image)), axis=1)
    assert lengths == pytest.approx([1, 1], abs=1e-5)


def test_a_face_and_its_mirror_image_embed_alike(embedder_run_of: EmbedderRunOf) -> None:
    embedder = DlibResnet(embedder_run_of(128))
    chip = np.random.default_rng(2).integers(0, 255, (150, 150, 3), dtype=np.uint8)
    plain, mirrored = embedder([chip, np.ascontiguousarray(chip[:, ::-1])])
    assert plain == pytest.approx(mirrored, rel=1e-4, abs=1e-2)
    assert embedder.metric is Metric.EUCLIDEAN


def test_more_faces_than_fit_one_run_keep_their_order(embedder_run_of: EmbedderRunOf) -> None:
    embedder = MobileFaceNet(embedder_run_of(192))
    chips = np.random.default_rng(3).integers(0, 255, (FACES_PER_RUN + 3, 112, 112, 3), np.uint8)
    together = embedder(list(chips))
    alone = np.concatenate([embedder([chip]) for chip in chips])
    assert np.abs(together - alone).max() < 1e-4


@pytest.mark.parametrize("low_light", list(LowLight))
def test_an_embedding_depends_on_the_region_alone(
    detector_run: ModelRun, embedder_run_of: EmbedderRunOf, low_light: LowLight
) -> None:
    engine = engine_of(detector_run, MobileFaceNet(embedder_run_of(192)), low_light=low_light)
    image = scene((102, 62), (202, 162), (2, 238))
    faces = engine.detect(image)
    elsewhere = 255 - image
    for face, embedding in zip(faces, engine.embed(image, faces), strict=True):
        region, in_region = engine.region(image, face)
        assert np.abs(engine.embed(region, [in_region])[0] - embedding).max() < 1e-4
        x1, y1, x2, y2 = (round(side) for side in face.shifted(0, 0).box_xyxy_px)
        kept = elsewhere.copy()
        left, top = x1 - (x2 - x1), y1 - (y2 - y1)
        rows, columns = slice(max(top, 0), y2 + 40), slice(max(left, 0), x2 + 40)
        kept[rows, columns] = image[rows, columns]
        assert np.abs(engine.embed(kept, [face])[0] - embedding).max() < 1e-4


class OneSidedEmbedder(MobileFaceNet):
    """Says one and the same of every chip, and remembers how bright the chips were."""

    def __init__(self, axis: int) -> None:
        super().__init__(None)
        self.axis = axis
        self.brightness: list[float] = []

    def __call__(self, chips: Sequence[RgbImage]) -> Embeddings:
        self.brightness += [float(chip.mean()) for chip in chips]
        return np.tile(np.eye(192, dtype=np.float32)[self.axis], (len(chips), 1))


def test_dark_faces_go_lifted_to_the_embedder_for_them(detector_run: ModelRun) -> None:
    for_light, for_dark = OneSidedEmbedder(0), OneSidedEmbedder(1)
    engine = OnnxFaceEngine(
        detector=CenterFace(detector_run, long_side_px=1280),
        embedder=for_light,
        dark_embedder=for_dark,
        low_light=LowLight.OFF,
        space=EmbeddingSpace("toy", "toy", Metric.COSINE, 192),
    )
    image = scene((62, 62), (142, 62), (262, 182))
    faces = engine.detect(image)
    image[:, :200] //= 4
    image[:, 200:, 0] = 180
    rows = engine.embed(image, faces)
    assert rows.argmax(axis=1).tolist() == [1, 1, 0]
    assert len(for_dark.brightness) == 2
    assert min(for_dark.brightness) > 2 * image[:, :200].mean()
    assert engine.embed(image, []).shape == (0, 192)


numbers = st.floats(-50, 400, width=32)


@settings(deadline=None)
@given(x=numbers, y=numbers, width=st.floats(1, 300, width=32), height=st.floats(1, 300, width=32))
def test_the_region_of_a_region_is_the_region(
    x: float, y: float, width: float, height: float
) -> None:
    unused = OnnxFaceEngine(
        detector=lambda _image: [],
        embedder=MobileFaceNet(None),
        low_light=LowLight.OFF,
        space=EmbeddingSpace("toy", "toy", Metric.COSINE, 192),
    )
    image = scene()
    face = DetectedFace((x, y, x + width, y + height), np.zeros((5, 2), np.float32), 0.9)
    region, in_region = unused.region(image, face)
    again, in_again = unused.region(region, in_region)
    assert min(region.shape) > 0
    assert np.array_equal(region, again)
    assert in_again.box_xyxy_px == in_region.box_xyxy_px
