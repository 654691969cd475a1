"""Made-up group photos with known faces: one to ten people in a mosaic, one labelled face each.

Press photos have one label each, so how many faces of a crowd are found cannot be read from them.
Here everybody's place is known, because the faces were put there. Faces come from photos in which
the detector finds just the labelled one, so this measures what a degradation and a crowd cost, not
faces that are never found.
"""

import os
import zlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import cv2
import numpy as np

from vestibule.domain.errors import PhotoRefusedError
from vestibule.domain.faces import Box, DetectedFace, RgbImage
from vestibule.evaluation.datasets import Dataset, LabelledPhoto
from vestibule.evaluation.degradations import Degradation, degrade, noise_for
from vestibule.evaluation.locating import matched
from vestibule.ports import FaceEngine, PhotoCodec

FACE_COUNTS = tuple(range(1, 11))
SCENES_EACH = 20
CELL_PX = 192
FACE_WIDTHS_PX = (44.0, 84.0)
"""A face's width in its cell, drawn evenly: what a few people in front of a phone measure."""

_BACKGROUND = 40


@dataclass(frozen=True, slots=True)
class SceneSight:
    """One scene under one degradation. ``persons`` and ``was_found`` go together.

    ``wrong`` counts boxes on no face.
    """

    degradation: Degradation
    scene: int
    persons: tuple[int, ...]
    was_found: tuple[bool, ...]
    wrong: int


@dataclass(frozen=True, slots=True)
class _Portrait:
    """One person's face with what is around it, and its place in that."""

    person: int
    image: RgbImage
    face: DetectedFace


@dataclass(frozen=True, slots=True)
class _Scene:
    image: RgbImage
    faces: tuple[DetectedFace, ...]
    persons: tuple[int, ...]


def observe_scenes(
    dataset: Dataset,
    engine: FaceEngine,
    codec: PhotoCodec,
    *,
    degradations: Sequence[Degradation],
    seed: int,
    scenes_each: int = SCENES_EACH,
) -> tuple[SceneSight, ...]:
    """Twenty scenes of each number of faces from one to ten, under each degradation.

    Every scene shows different people. People return in further scenes only when all were used.
    Empty for fewer than ten people with a photo that will do.
    """
    sizes = [count for count in FACE_COUNTS for _ in range(scenes_each)]
    rng = np.random.default_rng([seed, zlib.crc32(b"scenes")])
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as threads:
        wanted = list(_photos_to_try(dataset, enough=sum(sizes), rng=rng))
        found = threads.map(lambda photo: _portrait(photo, engine, codec, seed), wanted)
        portraits = [portrait for portrait in found if portrait is not None]
        if len(portraits) < max(FACE_COUNTS):
            return ()
        scenes = list(_scenes(portraits, sizes))
        tasks = [(number, kind) for number in range(len(scenes)) for kind in degradations]
        looks = threads.map(
            lambda task: _look(scenes[task[0]], task[0], task[1], engine, seed), tasks
        )
        return tuple(looks)


def _photos_to_try(
    dataset: Dataset, *, enough: int, rng: np.random.Generator
) -> Iterator[tuple[int, LabelledPhoto]]:
    """One photo of each person, in random order; a third more than needed, as some will not do."""
    photos_of: dict[str, list[LabelledPhoto]] = {}
    for photo in dataset.labelled:
        photos_of.setdefault(photo.person, []).append(photo)
    people = list(photos_of)
    for position in rng.permutation(len(people))[: enough + enough // 3]:
        photos = photos_of[people[position]]
        yield int(position), photos[rng.integers(len(photos))]


def _portrait(
    drawn: tuple[int, LabelledPhoto],
    engine: FaceEngine,
    codec: PhotoCodec,
    seed: int,
) -> _Portrait | None:
    """The person's cell of a mosaic, or None if the photo shows another number of faces."""
    person, photo = drawn
    try:
        image = codec.decode_upright(photo.path.read_bytes())
    except PhotoRefusedError:
        return None
    faces = engine.detect(image)
    if len(faces) != 1:
        return None
    rng = np.random.default_rng([seed, zlib.crc32(f"scenes:{photo.key}".encode())])
    scale = rng.uniform(*FACE_WIDTHS_PX) / faces[0].width_px
    return _Portrait(person, *_cell(image, faces[0], scale))


def _cell(image: RgbImage, face: DetectedFace, scale: float) -> tuple[RgbImage, DetectedFace]:
    """``CELL_PX`` square around the face, scaled; what lies beyond the photo repeats its edge."""
    x1, y1, x2, y2 = face.box_xyxy_px
    if scale < 1:  # area interpolation first, as warping alone would alias
        size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
        image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
        warp_scale = 1.0
    else:
        warp_scale = scale
    dx = CELL_PX / 2 - scale * (x1 + x2) / 2
    dy = CELL_PX / 2 - scale * (y1 + y2) / 2
    matrix = np.array([[warp_scale, 0, dx], [0, warp_scale, dy]])
    cell = cv2.warpAffine(
        image, matrix, (CELL_PX, CELL_PX), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    box: Box = (scale * x1 + dx, scale * y1 + dy, scale * x2 + dx, scale * y2 + dy)
    landmarks = (face.landmarks_xy_px * scale + [dx, dy]).astype(np.float32)
    return np.asarray(cell, np.uint8), DetectedFace(box, landmarks, face.detection_score)


def _scenes(portraits: Sequence[_Portrait], sizes: Sequence[int]) -> Iterator[_Scene]:
    """Deals the portraits out; starts over when too few are left for a scene."""
    start = 0
    for size in sizes:
        if start + size > len(portraits):
            start = 0
        yield _mosaic(portraits[start : start + size])
        start += size


def _mosaic(portraits: Sequence[_Portrait]) -> _Scene:
    """As square as it goes, row by row."""
    columns = int(np.ceil(np.sqrt(len(portraits))))
    rows = -(-len(portraits) // columns)
    image = np.full((rows * CELL_PX, columns * CELL_PX, 3), _BACKGROUND, np.uint8)
    faces = []
    for position, portrait in enumerate(portraits):
        top, left = (CELL_PX * place for place in divmod(position, columns))
        image[top : top + CELL_PX, left : left + CELL_PX] = portrait.image
        faces.append(portrait.face.shifted(left, top))
    return _Scene(image, tuple(faces), tuple(portrait.person for portrait in portraits))


def _look(
    scene: _Scene, number: int, kind: Degradation, engine: FaceEngine, seed: int
) -> SceneSight:
    rng = noise_for(kind, f"scene {number}", seed=seed)
    degraded = degrade(kind, scene.image, faces=scene.faces, rng=rng)
    boxes = [face.box_xyxy_px for face in engine.detect(degraded.image)]
    there = [degraded.place_of(face).box_xyxy_px for face in scene.faces]
    face_of_box = matched(boxes, there)
    return SceneSight(
        degradation=kind,
        scene=number,
        persons=scene.persons,
        was_found=tuple(face in face_of_box for face in range(len(there))),
        wrong=face_of_box.count(None),
    )
