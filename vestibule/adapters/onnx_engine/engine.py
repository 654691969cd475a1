"""The port's FaceEngine: a detector and an embedder of one model pack."""

import math
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from vestibule.adapters.model_packs import Architecture, InstalledPack, ModelPack
from vestibule.adapters.onnx_engine import alignment, light
from vestibule.adapters.onnx_engine.architectures import detector_of, embedder_of
from vestibule.adapters.onnx_engine.assessment import assess_face
from vestibule.adapters.onnx_engine.batching import Batching
from vestibule.adapters.onnx_engine.embedders import Embedder
from vestibule.adapters.onnx_engine.inspection import inspect_face
from vestibule.adapters.onnx_engine.light import LowLight
from vestibule.adapters.onnx_engine.model_run import ModelRun, OnModelRun
from vestibule.domain.embedding_space import EmbeddingSpace, space_from_recipe
from vestibule.domain.errors import WeightsError
from vestibule.domain.faces import DetectedFace, Embeddings, RgbImage
from vestibule.domain.quality import FaceInspection, FaceQuality

DETECTOR_LONG_SIDE_PX = 1280
"""Larger photos are shrunk to this before faces are looked for (they are embedded unshrunk)."""

REGION_SCALE = 1.6
"""Side of a face's region over the longer side of its box."""

_ALIGNMENT_VERSION = "similarity-5; area halving; region 1.6"


def load_engine(
    installed: InstalledPack,
    *,
    intra_op_threads: int,
    providers: Sequence[str],
    low_light: LowLight = LowLight.ON,
    detector_long_side_px: int = DETECTOR_LONG_SIDE_PX,
    on_model_run: OnModelRun = lambda _model, _seconds: None,
    batching: Batching | None = None,
) -> "OnnxFaceEngine":
    """Load both networks of a pack.

    ``providers`` are onnxruntime's names, best first (``CPUExecutionProvider``); one that is not
    here raises StartUpError. ``intra_op_threads`` is for one run: several may run at once. A pack
    that was trained with or without the low-light step overrides ``low_light``.
    """
    pack = installed.pack

    def run_of(path: Path, architecture: Architecture) -> ModelRun:
        return ModelRun(
            path,
            name=architecture.value,
            intra_op_threads=intra_op_threads,
            providers=providers,
            on_model_run=on_model_run,
            batching=batching,
        )

    detector_run = run_of(installed.detector_path, pack.detector.architecture)
    embedder_run = run_of(installed.embedder_path, pack.embedder.architecture)
    light_step = low_light_of(pack, low_light)
    dark_embedder = None
    if pack.dark_embedder is not None and installed.dark_embedder_path is not None:
        dark_run = run_of(installed.dark_embedder_path, pack.dark_embedder.architecture)
        dark_embedder = embedder_of(pack.dark_embedder, dark_run)
        _require_one_space(pack)
    return OnnxFaceEngine(
        detector=detector_of(pack.detector, detector_run, long_side_px=detector_long_side_px),
        embedder=embedder_of(pack.embedder, embedder_run),
        dark_embedder=dark_embedder,
        low_light=light_step,
        space=space_of(pack, low_light=light_step),
    )


def _require_one_space(pack: ModelPack) -> None:
    """Raises WeightsError when the two embedders of a pack cannot speak one space."""
    assert pack.dark_embedder is not None
    light_one, dark_one = (embedder_of(m, None) for m in (pack.embedder, pack.dark_embedder))
    if (light_one.dimension, light_one.metric) != (dark_one.dimension, dark_one.metric):
        raise WeightsError(
            f"The pack {pack.name} cannot be used: its embedders differ in dimension or metric.",
            pack=pack.name,
        )


def low_light_of(pack: ModelPack, wanted: LowLight) -> LowLight:
    """The pack's own word on the low-light step, else what was asked for.

    OFF beside a dark embedder: dark faces go to it, and it has them lifted.
    """
    if pack.dark_embedder is not None:
        return LowLight.OFF
    return LowLight(pack.low_light) if pack.low_light is not None else wanted


def space_of(pack: ModelPack, *, low_light: LowLight) -> EmbeddingSpace:
    """The embedding space of a pack, without loading it.

    The weights count as published: converting them anew changes nothing but rounding.
    """
    embedder = embedder_of(pack.embedder, None)
    recipe = {
        "detector": pack.detector.source.sha256,
        "embedder": pack.embedder.source.sha256,
        "template": ";".join(f"{x:.4f},{y:.4f}" for x, y in embedder.template.tolist()),
        "alignment": _ALIGNMENT_VERSION,
        "preprocessing": embedder.preprocessing,
        "light": light.version_of(low_light),
    }
    if pack.dark_embedder is not None:
        dark = embedder_of(pack.dark_embedder, None)
        lifted = light.version_of(LowLight.LIFTED)
        recipe["dark"] = f"{pack.dark_embedder.source.sha256}; {dark.preprocessing}; {lifted}"
    return space_from_recipe(
        pack.name, metric=embedder.metric, dimension=embedder.dimension, recipe=recipe
    )


class OnnxFaceEngine:
    """Finds, measures and embeds faces. Safe to call from several threads at once."""

    def __init__(
        self,
        *,
        detector: Callable[[RgbImage], list[DetectedFace]],
        embedder: Embedder,
        low_light: LowLight,
        space: EmbeddingSpace,
        dark_embedder: Embedder | None = None,
    ) -> None:
        """``dark_embedder`` takes dark faces, lifted, and must speak the embedder's space."""
        self._detector = detector
        self._embedder = embedder
        self._dark_embedder = dark_embedder
        self._low_light = low_light
        self._space = space

    @property
    def space(self) -> EmbeddingSpace:
        """Stable between runs; changes with weights, alignment, preprocessing or light."""
        return self._space

    def detect(self, image: RgbImage) -> list[DetectedFace]:
        """Every face of an upright (H, W, 3) image of any size, left to right by box centre."""
        return self._detector(image)

    def assess(self, image: RgbImage, faces: Sequence[DetectedFace]) -> list[FaceQuality]:
        """One measurement a face, in order; see ``assessment``."""
        return [assess_face(*self._region_view(image, face)) for face in faces]

    def inspect(self, image: RgbImage, face: DetectedFace) -> FaceInspection:
        """See ``inspection``."""
        return inspect_face(*self._region_view(image, face))

    def embed(self, image: RgbImage, faces: Sequence[DetectedFace]) -> Embeddings:
        """float32 (len(faces), space.dimension), one run for up to 64 faces.

        Each face is cut out by ``region`` first, so its embedding depends on nothing else.
        """
        return self.embed_each([(image, face) for face in faces])

    def embed_each(self, faces: Sequence[tuple[RgbImage, DetectedFace]]) -> Embeddings:
        """As ``embed``, for faces of several images."""
        views = [self._region_view(image, face) for image, face in faces]
        if self._dark_embedder is None:
            return self._embedder([self._chip(self._embedder, *view) for view in views])
        is_dark = [light.is_dark(region) for region, _ in views]
        rows = np.empty((len(views), self._space.dimension), np.float32)
        for embedder, of_dark in ((self._embedder, False), (self._dark_embedder, True)):
            chosen = [index for index, dark in enumerate(is_dark) if dark is of_dark]
            rows[chosen] = embedder([self._chip(embedder, *views[index]) for index in chosen])
        return rows

    def region(self, image: RgbImage, face: DetectedFace) -> tuple[RgbImage, DetectedFace]:
        """The square around the box, 1.6 times its longer side, cut at the image's edges.

        The region of a region is the region itself.
        """
        view, shifted = self._region_view(image, face)
        return view.copy(), shifted

    def _region_view(self, image: RgbImage, face: DetectedFace) -> tuple[RgbImage, DetectedFace]:
        height, width = image.shape[:2]
        x1, y1, x2, y2 = face.box_xyxy_px
        half = REGION_SCALE * max(x2 - x1, y2 - y1) / 2
        left, right = _whole_pixels((x1 + x2) / 2, half, limit=width)
        top, bottom = _whole_pixels((y1 + y2) / 2, half, limit=height)
        return image[top:bottom, left:right], face.shifted(-left, -top)

    def _chip(self, embedder: Embedder, region: RgbImage, face: DetectedFace) -> RgbImage:
        matrix = alignment.similarity_to(embedder.template, face.landmarks_xy_px)
        image, matrix = alignment.shrunk_for_warp(region, matrix)
        step = LowLight.LIFTED if embedder is self._dark_embedder else self._low_light
        image = light.prepared(image, step)
        return alignment.warp(image, matrix, side_px=embedder.chip_side_px)


def _whole_pixels(centre: float, half: float, *, limit: int) -> tuple[int, int]:
    """First and last + 1 pixel of ``centre`` ± ``half``, within 0..limit and never empty."""
    first = min(max(math.floor(centre - half), 0), limit - 1)
    return first, max(min(math.ceil(centre + half), limit), first + 1)
