"""The product's own parts, opened as the product opens them: engine, decoder, vector index."""

from pathlib import Path

from tests.bench.photos import BenchPhoto
from vestibule.adapters.qdrant_edge import QdrantEdgeIndex
from vestibule.domain.faces import RgbImage
from vestibule.ports import FaceEngine, VectorIndex
from vestibule.settings import Settings
from vestibule.wiring import open_codec, open_engine


def default_engine() -> FaceEngine:
    return open_engine(Settings())


def decoded(photo: BenchPhoto) -> RgbImage:
    return open_codec(Settings()).decode_upright(photo.jpeg)


def open_index(folder: Path) -> VectorIndex:
    return QdrantEdgeIndex(folder)
