"""Synthetic people: a photo is a small noisy rendering of its person's pattern."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from vestibule.domain.embedding_space import EmbeddingSpace, Metric
from vestibule.domain.errors import DamagedImageError
from vestibule.domain.faces import Box, DetectedFace, Embeddings, RgbImage
from vestibule.domain.quality import FaceQuality
from vestibule.ports import ImageHeader

SIDE_PX = 8


class PatternCodec:
    """A file says which person and which photo of theirs it is: ``person photo``."""

    def read_header(self, encoded: bytes) -> ImageHeader:
        self.decode_upright(encoded)
        return ImageHeader("PNG", SIDE_PX, SIDE_PX)

    def decode_upright(self, encoded: bytes) -> RgbImage:
        try:
            person, photo = (int(word) for word in encoded.split())
        except ValueError as error:
            raise DamagedImageError() from error
        shape = (SIDE_PX, SIDE_PX, 3)
        pattern = np.random.default_rng(person).standard_normal(shape)
        noise = np.random.default_rng([person, photo]).standard_normal(shape)
        return np.clip(128 + 40 * pattern + 20 * noise, 0, 255).astype(np.uint8)

    def encode_jpeg(self, image: RgbImage) -> bytes:
        raise NotImplementedError

    def encode_lossless(self, image: RgbImage) -> bytes:
        raise NotImplementedError

    def resize_to_fit(self, image: RgbImage, *, long_side_px: int) -> RgbImage:
        raise NotImplementedError

    def blur_faces(self, image: RgbImage, boxes: Sequence[Box]) -> RgbImage:
        raise NotImplementedError


class PatternEngine:
    """Finds one face in a bright enough image; its embedding is the image itself."""

    space = EmbeddingSpace("pattern-space", "pattern", Metric.COSINE, SIDE_PX * SIDE_PX * 3)

    def detect(self, image: RgbImage) -> list[DetectedFace]:
        if image.mean() < 25:
            return []
        return [DetectedFace((1.0, 1.0, 7.0, 7.0), np.zeros((5, 2), np.float32), 0.9)]

    def assess(self, image: RgbImage, faces: Sequence[DetectedFace]) -> list[FaceQuality]:
        """A photo whose first pixel is black is of a turned face."""
        turn = 5.0 if image[0, 0].max() == 0 else 0.0
        return [FaceQuality(60.0, 1.0, turn, 120.0) for _ in faces]

    def embed(self, image: RgbImage, faces: Sequence[DetectedFace]) -> Embeddings:
        centred = image.astype(np.float32) - image.mean()
        row = (centred / np.linalg.norm(centred)).ravel()
        return np.repeat(row[None], len(faces), axis=0)

    def region(self, image: RgbImage, face: DetectedFace) -> tuple[RgbImage, DetectedFace]:
        return image, face


WriteSet = Callable[[int, int], Path]


@pytest.fixture
def write_set(tmp_path: Path) -> WriteSet:
    """Writes a set in which every other person has several photos, the others one."""

    def write(people: int, photos: int) -> Path:
        folder = tmp_path / "venue"
        for person in range(people):
            own = folder / f"person-{person:04d}"
            own.mkdir(parents=True)
            for photo in range(photos if person % 2 else 1):
                (own / f"{photo}.png").write_text(f"{person} {photo}")
        return folder

    return write


@pytest.fixture
def engine() -> PatternEngine:
    return PatternEngine()


@pytest.fixture
def codec() -> PatternCodec:
    return PatternCodec()
