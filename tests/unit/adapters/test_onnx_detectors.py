"""SCRFD and YuNet read as their makers read them, on networks made by hand."""

from pathlib import Path

import cv2
import numpy as np
import onnx
import pytest

from tests.unit.adapters import toy_networks as toy
from tests.unit.adapters.conftest import RunOf
from vestibule.adapters.model_packs.conversion.as_published import free_yunet, keep_scrfd
from vestibule.adapters.onnx_engine.detectors import letterboxed
from vestibule.adapters.onnx_engine.scrfd import Scrfd
from vestibule.adapters.onnx_engine.yunet import YuNet
from vestibule.domain.errors import WeightsError
from vestibule.domain.faces import DetectedFace, RgbImage

RED, BLUE = (255, 0, 0), (0, 0, 255)


def photo(
    *cells: tuple[int, int], colour: tuple[int, int, int] = RED, size: tuple[int, int] = (192, 256)
) -> RgbImage:
    """Black, with one cell of 8x8 pixels (column, row) lit a face."""
    image = np.zeros((*size, 3), np.uint8)
    for column, row in cells:
        image[8 * row : 8 * row + 8, 8 * column : 8 * column + 8] = colour
    return image


def scrfd_box(column: int, row: int) -> list[float]:
    left, top, right, bottom = np.array(toy.ANCHOR_TO_BOX) * 8
    return [8 * column - left, 8 * row - top, 8 * column + right, 8 * row + bottom]


def yunet_box(column: int, row: int) -> list[float]:
    x, y = 8 * (column + toy.YUNET_CENTRE[0]), 8 * (row + toy.YUNET_CENTRE[1])
    half_width, half_height = 4 * toy.YUNET_SIZE[0], 4 * toy.YUNET_SIZE[1]
    return [x - half_width, y - half_height, x + half_width, y + half_height]


def points(column: int, row: int) -> np.ndarray:
    return (np.array([column, row]) + np.array(toy.OFFSETS)) * 8


DETECTORS = pytest.mark.parametrize(
    ("make", "network", "box_of"),
    [(Scrfd, toy.toy_scrfd, scrfd_box), (YuNet, toy.toy_yunet, yunet_box)],
    ids=["scrfd", "yunet"],
)

NETWORKS = pytest.mark.parametrize(
    ("make", "network"), [(Scrfd, toy.toy_scrfd), (YuNet, toy.toy_yunet)], ids=["scrfd", "yunet"]
)


@DETECTORS
def test_a_face_is_boxed_with_its_landmarks_in_order(run_of: RunOf, make, network, box_of) -> None:
    (face,) = make(run_of(network()), long_side_px=640)(photo((10, 12)))
    assert list(face.box_xyxy_px) == pytest.approx(box_of(10, 12), abs=1e-3)
    assert face.landmarks_xy_px == pytest.approx(points(10, 12), abs=1e-3)
    left_eye, right_eye, nose, left_mouth, right_mouth = face.landmarks_xy_px
    assert left_eye[0] < right_eye[0]
    assert left_mouth[0] < right_mouth[0]
    assert left_eye[1] < nose[1] < left_mouth[1]
    assert face.detection_score == pytest.approx(1, abs=0.01)


@NETWORKS
def test_the_network_sees_the_colours_in_its_own_order(run_of: RunOf, make, network) -> None:
    detector = make(run_of(network()), long_side_px=640)
    assert len(detector(photo((10, 12), colour=RED))) == 1
    assert detector(photo((10, 12), colour=BLUE)) == []


@NETWORKS
def test_faint_faces_stay_under_the_threshold(run_of: RunOf, make, network) -> None:
    detector = make(run_of(network()), long_side_px=640)
    assert len(detector(photo((10, 12), colour=(140, 0, 0)))) == 1
    assert detector(photo((10, 12), colour=(80, 0, 0))) == []


@DETECTORS
def test_overlapping_boxes_are_one_face_the_best_of_them(
    run_of: RunOf, make, network, box_of
) -> None:
    image = photo((11, 12), (20, 5))
    image[96:104, 96:104] = (200, 0, 0)  # the next cell, weaker
    faces = make(run_of(network()), long_side_px=640)(image)
    assert [list(face.box_xyxy_px) for face in faces] == [
        pytest.approx(box_of(11, 12), abs=1e-3),
        pytest.approx(box_of(20, 5), abs=1e-3),
    ]


@DETECTORS
def test_boxes_of_a_large_photo_are_in_its_own_pixels(run_of: RunOf, make, network, box_of) -> None:
    four_times = photo((10, 12)).repeat(4, axis=0).repeat(4, axis=1)
    (face,) = make(run_of(network()), long_side_px=256)(four_times)
    assert list(face.box_xyxy_px) == pytest.approx(4 * np.array(box_of(10, 12)), abs=0.01)
    assert face.landmarks_xy_px == pytest.approx(4 * points(10, 12), abs=0.01)


@DETECTORS
def test_a_network_of_one_size_gets_photos_of_any(run_of: RunOf, make, network, box_of) -> None:
    detector = make(run_of(network(shape=(1, 3, 192, 256))), long_side_px=1280)
    (face,) = detector(photo((10, 12)).repeat(2, axis=0).repeat(2, axis=1))
    assert list(face.box_xyxy_px) == pytest.approx(2 * np.array(box_of(10, 12)), abs=0.01)
    assert detector(photo(size=(40, 1000))) == []


@NETWORKS
def test_a_face_at_the_corner_is_boxed_inside_the_photo(run_of: RunOf, make, network) -> None:
    (face,) = make(run_of(network()), long_side_px=640)(photo((0, 0)))
    assert face.box_xyxy_px[:2] == (0, 0)
    assert face.landmarks_xy_px.min() < 0


@NETWORKS
@pytest.mark.parametrize("size", [(1, 1), (1, 900), (900, 1), (7, 5), (33, 31)])
def test_photos_of_any_size_are_looked_at(
    run_of: RunOf, make, network, size: tuple[int, int]
) -> None:
    assert make(run_of(network()), long_side_px=640)(np.zeros((*size, 3), np.uint8)) == []


def test_larger_faces_come_from_the_coarser_strides(run_of: RunOf) -> None:
    image = np.zeros((256, 256, 3), np.uint8)
    image[128:160, 96:128] = RED
    faces = Scrfd(run_of(toy.toy_scrfd()), long_side_px=640)(image)
    widths = {round(face.width_px) for face in faces}
    assert 32 * 3 in widths


def test_an_export_with_a_batch_dimension_is_read_alike(run_of: RunOf) -> None:
    plain, batched = (
        Scrfd(run_of(toy.toy_scrfd(is_batched=is_batched)), long_side_px=640)(photo((10, 12)))
        for is_batched in (False, True)
    )
    assert plain[0].box_xyxy_px == batched[0].box_xyxy_px


def test_a_photo_is_filled_up_not_distorted() -> None:
    boxed = letterboxed(photo(size=(100, 300)), long_side_px=200, fixed_size_px=None)
    assert boxed.image.shape == (96, 224, 3)
    assert boxed.to_source == pytest.approx([1.5, 100 / 67], abs=1e-5)


def test_a_small_photo_is_not_enlarged_for_a_network_of_one_size() -> None:
    boxed = letterboxed(photo(size=(100, 300)), long_side_px=640, fixed_size_px=(640, 640))
    assert boxed.image.shape == (640, 640, 3)
    assert boxed.to_source == pytest.approx([1, 1])


# ── against their makers' own code ──────────────────────────────────────────────────────────
def test_yunet_agrees_with_opencvs_own_detector(run_of: RunOf, tmp_path: Path) -> None:
    network = toy.toy_yunet(shape=(1, 3, 192, 256))
    path = tmp_path / "yunet.onnx"
    onnx.save(network, path)
    image = photo((10, 12), (20, 5), (3, 18), colour=(230, 0, 0))
    theirs = cv2.FaceDetectorYN.create(str(path), "", (256, 192), 0.6, 0.3)
    _, expected = theirs.detect(np.ascontiguousarray(image[..., ::-1]))
    faces = YuNet(run_of(network), long_side_px=1280)(image)
    assert len(expected) == len(faces) == 3
    for row, face in zip(sorted(expected, key=lambda row: row[0]), faces, strict=True):
        x, y, width, height = row[:4]
        assert list(face.box_xyxy_px) == pytest.approx([x, y, x + width, y + height], abs=1e-3)
        assert face.landmarks_xy_px == pytest.approx(row[4:14].reshape(5, 2), abs=1e-3)
        assert face.detection_score == pytest.approx(row[14], abs=1e-4)


# ── what is done to the files once ──────────────────────────────────────────────────────────
def test_a_yunet_of_one_size_is_freed(run_of: RunOf) -> None:
    fixed = toy.toy_yunet(shape=(1, 3, 640, 640))
    freed = onnx.load_model_from_string(free_yunet(fixed.SerializeToString()))
    assert run_of(freed).fixed_size_px is None
    assert found(run_of(freed)) == found(run_of(fixed))


def found(run) -> list[DetectedFace]:
    image = photo((10, 12), (20, 5))
    faces = YuNet(run, long_side_px=1280)(image)
    assert len(faces) == 2
    return [face.box_xyxy_px for face in faces]


def test_a_yunet_that_only_works_at_its_size_stays_as_published(run_of: RunOf) -> None:
    fixed = toy.toy_yunet(shape=(1, 3, 640, 640))
    for weight in fixed.graph.initializer:
        if weight.name == "bbox_8shape":  # an export that wrote its own size into the graph
            weight.CopyFrom(
                onnx.numpy_helper.from_array(np.array([1, 6400, 4], np.int64), weight.name)
            )
    published = fixed.SerializeToString()
    assert free_yunet(published) == published
    assert run_of(fixed).fixed_size_px == (640, 640)


@pytest.mark.parametrize("keep", [keep_scrfd, free_yunet])
@pytest.mark.parametrize("content", [b"", b"not a network", toy.toy_chip_network(8)])
def test_another_network_is_refused(keep, content) -> None:
    published = content if isinstance(content, bytes) else content.SerializeToString()
    with pytest.raises(WeightsError):
        keep(published)
