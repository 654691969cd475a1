"""An engine that knows its space and nothing else: for processes that load no models."""

from collections.abc import Sequence
from typing import NoReturn

from vestibule.domain.embedding_space import EmbeddingSpace
from vestibule.domain.faces import DetectedFace, RgbImage


class AbsentEngine:
    """Asking it for a face is a fault in our own code: such work belongs into a job."""

    def __init__(self, space: EmbeddingSpace) -> None:
        self._space = space

    @property
    def space(self) -> EmbeddingSpace:
        return self._space

    def detect(self, _image: RgbImage) -> NoReturn:
        raise _absent()

    def assess(self, _image: RgbImage, _faces: Sequence[DetectedFace]) -> NoReturn:
        raise _absent()

    def inspect(self, _image: RgbImage, _face: DetectedFace) -> NoReturn:
        raise _absent()

    def embed(self, _image: RgbImage, _faces: Sequence[DetectedFace]) -> NoReturn:
        raise _absent()

    def embed_each(self, _faces: Sequence[tuple[RgbImage, DetectedFace]]) -> NoReturn:
        raise _absent()

    def region(self, _image: RgbImage, _face: DetectedFace) -> NoReturn:
        raise _absent()


def _absent() -> RuntimeError:
    return RuntimeError("this process loads no models; let a worker do it")
