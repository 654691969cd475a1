"""One pass of the engine over a set: what was found and its embeddings, per photo and light."""

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from vestibule.domain.embedding_space import EmbeddingSpace
from vestibule.domain.errors import PhotoRefusedError
from vestibule.domain.faces import DetectedFace, Embeddings, RgbImage
from vestibule.evaluation.datasets import Dataset, GroupPhoto, LabelledPhoto
from vestibule.evaluation.lighting import Light, noise_for, under
from vestibule.ports import FaceEngine, PhotoCodec

Progress = Callable[[int, int], None]
"""Called with how many photos are done, and of how many."""

People = NDArray[np.int64]
"""int64, shape (n,): for each photo the position of its person in ``Observations.people``."""


@dataclass(frozen=True, slots=True)
class Observations:
    """What the engine made of every labelled photo that could be read.

    ``embeddings[light]`` is float32 (n, d) in the order of ``person_of_photo``; the row of a
    photo in which no face was found is NaN. ``faces_in_groups`` holds, per group photo,
    how many faces were found in each light.
    """

    space: EmbeddingSpace
    people: tuple[str, ...]
    person_of_photo: People
    embeddings: Mapping[Light, Embeddings]
    groups: tuple[GroupPhoto, ...]
    faces_in_groups: Mapping[Light, tuple[int, ...]]
    unreadable: int

    def found(self, light: Light) -> NDArray[np.bool_]:
        """bool (n,): whether a face was found in that light."""
        return np.asarray(np.isfinite(self.embeddings[light]).all(axis=1))


@dataclass(frozen=True, slots=True)
class _Sight:
    """One photo: how many faces were found in each light, and the meant one's embedding (d,)."""

    embedding: Mapping[Light, Embeddings]
    faces: Mapping[Light, int]


def observe(
    dataset: Dataset,
    engine: FaceEngine,
    codec: PhotoCodec,
    *,
    lights: Sequence[Light],
    seed: int,
    progress: Progress | None = None,
) -> Observations:
    """Detect and embed each photo once in each light. Photos that cannot be read are counted.

    Several photos are looked at at once; what comes out does not depend on how many.
    """
    photos: Sequence[LabelledPhoto | GroupPhoto] = (*dataset.labelled, *dataset.groups)
    look = partial(_look, engine=engine, codec=codec, lights=lights, seed=seed)
    seen = []
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as threads:
        for sight in threads.map(look, photos):
            seen.append(sight)
            if progress is not None:
                progress(len(seen), len(photos))
    readable = [(p, s) for p, s in zip(photos, seen, strict=True) if s is not None]
    labelled = [(p, s) for p, s in readable if isinstance(p, LabelledPhoto)]
    groups = [(p, s) for p, s in readable if isinstance(p, GroupPhoto)]
    position = {person: index for index, person in enumerate(dataset.people)}
    return Observations(
        space=engine.space,
        people=dataset.people,
        person_of_photo=np.array([position[p.person] for p, _ in labelled], np.int64),
        embeddings={
            light: _stack([sight.embedding[light] for _, sight in labelled], engine.space)
            for light in lights
        },
        groups=tuple(group for group, _ in groups),
        faces_in_groups={light: tuple(s.faces[light] for _, s in groups) for light in lights},
        unreadable=len(photos) - len(readable),
    )


def meant_face(faces: Sequence[DetectedFace], image: RgbImage) -> DetectedFace | None:
    """The face that a labelled photo is of: the one nearest the middle, in its own widths.

    A bystander in the background is off the middle by many of their own widths, so a large
    central face wins over a small one and over a large one at the edge.
    """
    height, width = image.shape[:2]

    def distance(face: DetectedFace) -> float:
        x1, y1, x2, y2 = face.box_xyxy_px
        off = np.hypot((x1 + x2) / 2 - width / 2, (y1 + y2) / 2 - height / 2)
        return float(off / max(face.width_px, face.height_px))

    return min(faces, key=distance, default=None)


def _look(
    photo: LabelledPhoto | GroupPhoto,
    *,
    engine: FaceEngine,
    codec: PhotoCodec,
    lights: Sequence[Light],
    seed: int,
) -> _Sight | None:
    try:
        image = codec.decode_upright(photo.path.read_bytes())
    except PhotoRefusedError:
        return None
    embedding, faces = {}, {}
    for light in lights:
        lit = under(light, image, rng=noise_for(light, photo.key, seed=seed))
        found = engine.detect(lit)
        faces[light] = len(found)
        if isinstance(photo, LabelledPhoto):
            embedding[light] = _embed_meant_face(engine, lit, found)
    return _Sight(embedding=embedding, faces=faces)


def _embed_meant_face(
    engine: FaceEngine, image: RgbImage, faces: Sequence[DetectedFace]
) -> Embeddings:
    face = meant_face(faces, image)
    if face is None:
        return np.full(engine.space.dimension, np.nan, np.float32)
    return np.asarray(engine.embed(image, [face])[0], np.float32)


def _stack(rows: Sequence[Embeddings], space: EmbeddingSpace) -> Embeddings:
    return np.stack(rows) if rows else np.zeros((0, space.dimension), np.float32)
