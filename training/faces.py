"""The faces that training learns from: found, cut out and embedded once by the product's engine."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.darkening import Landmarks, Mix, darkened, jittered
from vestibule.adapters.onnx_engine import alignment, light
from vestibule.adapters.onnx_engine.embedders import ARCFACE_TEMPLATE
from vestibule.domain.errors import PhotoRefusedError
from vestibule.domain.faces import RgbImage
from vestibule.domain.prominence import prominent_face
from vestibule.domain.quality import judge_probe
from vestibule.evaluation.datasets import LabelledPhoto
from vestibule.ports import FaceEngine, PhotoCodec

CHIP_SIDE_PX = 112

Chip = NDArray[np.float32]
"""float32 (3, 112, 112): ``(rgb - 127.5) / 128``, as the embedder is fed."""


@dataclass(frozen=True, slots=True)
class TrainingFace:
    """``embedding`` is the teacher's, of the face as it was taken: what the student is to say."""

    region: RgbImage
    landmarks_xy_px: Landmarks
    embedding: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class People:
    """Who is trained on and who is kept out, by the names of their folders."""

    training: tuple[str, ...]
    held_out: tuple[str, ...]


def split_people(photos: Sequence[LabelledPhoto], *, hold_out_share: float, seed: int) -> People:
    """Everybody, or all but a share. Nobody is in both.

    People with one photo are trained on first: no identity is needed to learn from, and those
    with several are what recognition can be measured on.
    """
    photos_of: dict[str, int] = {}
    for photo in photos:
        photos_of[photo.person] = photos_of.get(photo.person, 0) + 1
    singles = sorted(person for person, count in photos_of.items() if count == 1)
    others = sorted(person for person, count in photos_of.items() if count > 1)
    rng = np.random.default_rng(seed)
    order = [
        *rng.permutation(np.array(singles, object)),
        *rng.permutation(np.array(others, object)),
    ]
    training = len(order) - round(hold_out_share * len(order))
    return People(tuple(sorted(order[:training])), tuple(sorted(order[training:])))


def gather(
    photos: Sequence[LabelledPhoto],
    engine: FaceEngine,
    codec: PhotoCodec,
    *,
    progress: Callable[[int, int], None],
) -> list[TrainingFace]:
    """The labelled face of every photo that shows a clear and usable one."""
    faces = []
    for number, photo in enumerate(photos, start=1):
        face = _face_of(photo, engine, codec)
        if face is not None:
            faces.append(face)
        progress(number, len(photos))
    return faces


def _face_of(photo: LabelledPhoto, engine: FaceEngine, codec: PhotoCodec) -> TrainingFace | None:
    try:
        image = codec.decode_upright(photo.path.read_bytes())
    except PhotoRefusedError:
        return None
    found = engine.detect(image)
    chosen = prominent_face(found, image.shape[:2])
    if not isinstance(chosen, int):
        return None
    face = found[chosen]
    if judge_probe(engine.assess(image, [face])[0]) is not None:
        return None
    region, in_region = engine.region(image, face)
    return TrainingFace(region, in_region.landmarks_xy_px, engine.embed(image, [face])[0])


def pair_of_chips(face: TrainingFace, rng: np.random.Generator, *, mix: Mix) -> tuple[Chip, Chip]:
    """The face in a light drawn at random, lifted as the product does it, and as it was taken.

    Both are cut out at the same jittered landmarks, and mirrored half of the time.
    """
    landmarks = jittered(face.landmarks_xy_px, rng)
    dark = _chip(light.lifted(darkened(face.region, rng, mix=mix)), landmarks)
    clean = _chip(face.region, landmarks)
    if rng.random() < 0.5:
        dark, clean = dark[:, ::-1], clean[:, ::-1]
    return _as_input(dark), _as_input(clean)


def _chip(region: RgbImage, landmarks: Landmarks) -> RgbImage:
    matrix = alignment.similarity_to(ARCFACE_TEMPLATE, landmarks)
    image, matrix = alignment.shrunk_for_warp(region, matrix)
    return alignment.warp(image, matrix, side_px=CHIP_SIDE_PX)


def _as_input(chip: RgbImage) -> Chip:
    scaled = (chip.astype(np.float32) - np.float32(127.5)) / np.float32(128)
    return np.ascontiguousarray(scaled.transpose(2, 0, 1))


def link_held_out(people: Sequence[str], root: Path, folder: Path) -> None:
    """A folder with a link to each of these people's photos, to evaluate and calibrate on."""
    folder.mkdir(parents=True)
    for person in people:
        (folder / person).symlink_to((root / person).resolve(), target_is_directory=True)
