"""One pass of the engine over a set: what was found and its embeddings, per photo and light."""

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from numpy.typing import NDArray

from vestibule.domain.embedding_space import EmbeddingSpace
from vestibule.domain.errors import PhotoRefusedError
from vestibule.domain.faces import DetectedFace, Embeddings, RgbImage
from vestibule.domain.prominence import Ambiguous, prominent_face
from vestibule.domain.quality import judge_enrolment, judge_probe
from vestibule.evaluation.datasets import Dataset, GroupPhoto, LabelledPhoto
from vestibule.evaluation.degradations import Degradation, Degraded, degrade, noise_for
from vestibule.evaluation.locating import NOWHERE, Place, Places, locate, places_of
from vestibule.ports import FaceEngine, PhotoCodec

Progress = Callable[[int, int], None]
"""Called with how many photos are done, and of how many."""

People = NDArray[np.int64]
"""int64, shape (n,): for each photo the position of its person in ``Observations.people``."""


NO_FACE = "no_face"
"""What is said of a photo without a face, beside the reasons of ``UnusableReason``."""


@dataclass(frozen=True, slots=True)
class Observations:
    """What the engine made of every labelled photo that could be read.

    ``embeddings[light]`` is float32 (n, d) in the order of ``person_of_photo``; the row of a
    photo without a usable face is NaN, and ``refusals[light]`` says why. ``brightness[light]`` is
    float32 (n,), as in ``FaceQuality``, NaN where no face was found. ``enrollable`` is bool
    (n,): whether the photo as taken is good enough for a template. ``faces_in_groups`` holds, per
    group photo, how many faces were found in each light. ``places[light]`` says where the clean
    photo shows the labelled face, and whether it was found there.
    """

    space: EmbeddingSpace
    people: tuple[str, ...]
    person_of_photo: People
    embeddings: Mapping[Degradation, Embeddings]
    refusals: Mapping[Degradation, tuple[str | None, ...]]
    brightness: Mapping[Degradation, NDArray[np.float32]]
    enrollable: NDArray[np.bool_]
    groups: tuple[GroupPhoto, ...]
    faces_in_groups: Mapping[Degradation, tuple[int, ...]]
    unreadable: int
    places: Mapping[Degradation, Places] = field(default_factory=dict)

    def usable(self, light: Degradation) -> NDArray[np.bool_]:
        """bool (n,): whether there is a face that would be compared in that light."""
        return np.array([reason is None for reason in self.refusals[light]], np.bool_)


@dataclass(frozen=True, slots=True)
class _Face:
    """The face that a labelled photo is of. ``embedding`` (d,) is NaN when it is refused."""

    embedding: Embeddings
    refusal: str | None
    is_enrollable: bool
    brightness: float = float("nan")


@dataclass(frozen=True, slots=True)
class _Sight:
    """One photo: how many faces were found in each light, and the meant one (labelled photos)."""

    face: Mapping[Degradation, _Face]
    place: Mapping[Degradation, Place]
    faces_found: Mapping[Degradation, int]


def observe(
    dataset: Dataset,
    engine: FaceEngine,
    codec: PhotoCodec,
    *,
    lights: Sequence[Degradation],
    seed: int,
    progress: Progress | None = None,
) -> Observations:
    """Detect, assess and embed each photo once in each light, which must contain CLEAN.

    Faces are judged as in identification and enrolment, so what is refused there counts as not
    recognised here. Photos that cannot be read are counted. Several photos are looked at at once;
    what comes out does not depend on how many.
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
            light: _stack([sight.face[light].embedding for _, sight in labelled], engine.space)
            for light in lights
        },
        refusals={light: tuple(s.face[light].refusal for _, s in labelled) for light in lights},
        brightness={
            light: np.array([s.face[light].brightness for _, s in labelled], np.float32)
            for light in lights
        },
        enrollable=np.array(
            [s.face[Degradation.CLEAN].is_enrollable for _, s in labelled], np.bool_
        ),
        groups=tuple(group for group, _ in groups),
        faces_in_groups={light: tuple(s.faces_found[light] for _, s in groups) for light in lights},
        unreadable=len(photos) - len(readable),
        places={light: places_of([s.place[light] for _, s in labelled]) for light in lights},
    )


def _look(
    photo: LabelledPhoto | GroupPhoto,
    *,
    engine: FaceEngine,
    codec: PhotoCodec,
    lights: Sequence[Degradation],
    seed: int,
) -> _Sight | None:
    try:
        image = codec.decode_upright(photo.path.read_bytes())
    except PhotoRefusedError:
        return None
    known = engine.detect(image)
    meant = _most_prominent(known, image) if isinstance(photo, LabelledPhoto) else None
    face, place, faces_found = {}, {}, {}
    for light in lights:
        worn_by = known if light is Degradation.MASKS or meant is None else [known[meant]]
        rng = noise_for(light, photo.key, seed=seed)
        degraded = degrade(light, image, faces=worn_by, rng=rng)
        found = known if light is Degradation.CLEAN else engine.detect(degraded.image)
        faces_found[light] = len(found)
        if isinstance(photo, LabelledPhoto):
            face[light] = _meant_face(engine, degraded.image, found)
            place[light] = _place(engine, degraded, found, known, meant)
    return _Sight(face=face, place=place, faces_found=faces_found)


def _most_prominent(faces: Sequence[DetectedFace], image: RgbImage) -> int | None:
    chosen = prominent_face(faces, image.shape[:2])
    return chosen.first if isinstance(chosen, Ambiguous) else chosen


def _place(
    engine: FaceEngine,
    degraded: Degraded,
    found: Sequence[DetectedFace],
    known: Sequence[DetectedFace],
    meant: int | None,
) -> Place:
    if meant is None:
        return NOWHERE
    quality = engine.assess(degraded.image, [degraded.place_of(known[meant])])[0]
    return locate(found, known, meant=meant, degraded=degraded, quality=quality)


def _meant_face(engine: FaceEngine, image: RgbImage, faces: Sequence[DetectedFace]) -> _Face:
    """The prominent face. Where two could be meant, the more prominent one, but not to enrol."""
    gap = np.full(engine.space.dimension, np.nan, np.float32)
    chosen = prominent_face(faces, image.shape[:2])
    if chosen is None:
        return _Face(gap, NO_FACE, is_enrollable=False)
    is_clear = not isinstance(chosen, Ambiguous)
    face = faces[chosen.first if isinstance(chosen, Ambiguous) else chosen]
    quality = engine.assess(image, [face])[0]
    refusal = judge_probe(quality)
    if refusal is not None:
        return _Face(gap, refusal.value, is_enrollable=False, brightness=quality.brightness)
    embedding = np.asarray(engine.embed(image, [face])[0], np.float32)
    is_enrollable = is_clear and judge_enrolment(quality) is None
    return _Face(embedding, None, is_enrollable, quality.brightness)


def _stack(rows: Sequence[Embeddings], space: EmbeddingSpace) -> Embeddings:
    return np.stack(rows) if rows else np.zeros((0, space.dimension), np.float32)
