"""The part of wiring that opens an embedding space: its engine, its calibration, its thresholds."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import partial

from vestibule.adapters.onnx_engine import LowLight, low_light_of, space_of
from vestibule.domain.embedding_space import EmbeddingSpace
from vestibule.domain.errors import NotFoundError, SpaceUnavailableError
from vestibule.domain.faces import DetectedFace, Embeddings, RgbImage
from vestibule.domain.pack_calibration import PackCalibration
from vestibule.domain.quality import FaceInspection, FaceQuality
from vestibule.domain.venue_calibration import VenueCalibration
from vestibule.ports import FaceEngine
from vestibule.settings import Settings
from vestibule.wiring_models import calibration_of, find_pack, require_terms
from vestibule.workflows.calibration_in_force import CalibrationInForce
from vestibule.workflows.spaces_in_use import SpaceInUse

LoadEngine = Callable[[str, LowLight], FaceEngine]
"""By pack and low-light step. Raises WeightsError, LicenceNotAcceptedError."""

KEPT = 2
"""One answers, one is being filled; a third engine would only hold memory."""


class LazyEngine:
    """An engine that knows its space at once and loads its networks when they are first needed.

    Most of what is done in a space needs none: thresholds, choosing among templates, searching.
    """

    def __init__(self, space: EmbeddingSpace, load: Callable[[], FaceEngine]) -> None:
        self._space = space
        self._load = load
        self._lock = threading.Lock()
        self._loaded: FaceEngine | None = None

    @property
    def space(self) -> EmbeddingSpace:
        return self._space

    def detect(self, image: RgbImage) -> list[DetectedFace]:
        return self._engine().detect(image)

    def assess(self, image: RgbImage, faces: Sequence[DetectedFace]) -> list[FaceQuality]:
        return self._engine().assess(image, faces)

    def inspect(self, image: RgbImage, face: DetectedFace) -> FaceInspection:
        return self._engine().inspect(image, face)

    def embed(self, image: RgbImage, faces: Sequence[DetectedFace]) -> Embeddings:
        return self._engine().embed(image, faces)

    def embed_each(self, faces: Sequence[tuple[RgbImage, DetectedFace]]) -> Embeddings:
        return self._engine().embed_each(faces)

    def region(self, image: RgbImage, face: DetectedFace) -> tuple[RgbImage, DetectedFace]:
        return self._engine().region(image, face)

    def _engine(self) -> FaceEngine:
        with self._lock:
            if self._loaded is None:
                self._loaded = self._load()
            return self._loaded


class Engines:
    """Opens spaces when they are asked for and keeps ``KEPT`` engines. Safe for several threads.

    An engine that gives way is let go when the last photo that it works on is done.
    """

    def __init__(self, settings: Settings, first: FaceEngine, load: LoadEngine) -> None:
        self._settings = settings
        self._load = load
        self._lock = threading.Lock()
        self._engines: OrderedDict[str, FaceEngine] = OrderedDict({first.space.id: first})
        self._in_force: dict[str, CalibrationInForce] = {}

    def open(self, space: EmbeddingSpace) -> SpaceInUse:
        """Loads nothing yet. Raises SpaceUnavailableError, CalibrationMissingError."""
        measured = calibration_of(self._settings, space)
        with self._lock:
            engine = self._engines.pop(space.id, None) or self._lazy(space)
            self._engines[space.id] = engine
            while len(self._engines) > KEPT:
                self._engines.popitem(last=False)
            if space.id not in self._in_force:
                self._in_force[space.id] = in_force_from(self._settings, measured)
            return SpaceInUse(engine, measured, self._in_force[space.id])

    def _lazy(self, space: EmbeddingSpace) -> FaceEngine:
        step = low_light_that_gives(self._settings, space)
        if step is None:
            raise SpaceUnavailableError(
                f"The embedding space {space.id} was made with the pack {space.pack}, which is not "
                "here any more as it was then. Install that pack again, or drop the generation.",
                pack=space.pack,
                space_id=space.id,
            )
        return LazyEngine(space, partial(self._load, space.pack, step))


def low_light_that_gives(settings: Settings, space: EmbeddingSpace) -> LowLight | None:
    """The low-light step with which the pack speaks exactly this space; None if none does.

    The id covers weights, alignment and preprocessing, so a pack that changed is not taken for it.
    """
    try:
        pack = find_pack(settings, space.pack)
    except NotFoundError:
        return None
    steps = [low_light_of(pack, step) for step in LowLight]
    return next((step for step in steps if space_of(pack, low_light=step).id == space.id), None)


def named_space(
    settings: Settings, pack: str | None, low_light: str | None
) -> tuple[EmbeddingSpace, str]:
    """The space of a pack with a low-light step, and the step that it has: no model is loaded.

    What is not named is as the settings say. Raises NotFoundError, LicenceNotAcceptedError.
    """
    found = find_pack(settings, pack or settings.pack)
    require_terms(settings, found)
    step = low_light_of(found, LowLight(low_light or settings.low_light))
    return space_of(found, low_light=step), step.value


def in_force_from(settings: Settings, measured: PackCalibration) -> CalibrationInForce:
    return CalibrationInForce(
        VenueCalibration(measured, settings.target_fpir, settings.review_fpir)
    )
