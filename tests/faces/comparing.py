"""One face of a photo, and how alike two of them are, whatever the pack."""

import numpy as np

from vestibule.adapters.onnx_engine import OnnxFaceEngine
from vestibule.domain.embedding_space import Metric
from vestibule.domain.faces import Embeddings, RgbImage
from vestibule.domain.prominence import prominent_face

SAME_PERSON_AT_LEAST = {"open": 0.6, "dlib": 0.5}
"""Rounded up from the thresholds for a gallery of 428 at FPIR 1 %; here only to tell the five
portraits apart, not a setting."""


def main_embedding(engine: OnnxFaceEngine, image: RgbImage) -> Embeddings:
    faces = engine.detect(image)
    chosen = prominent_face(faces, image.shape[:2])
    assert isinstance(chosen, int)
    return engine.embed(image, [faces[chosen]])[0]


def score(engine: OnnxFaceEngine, one: Embeddings, other: Embeddings) -> float:
    """Cosine embeddings have unit length, so their product is the cosine."""
    if engine.space.metric is Metric.COSINE:
        return float(one @ other)
    return 1 - float(np.linalg.norm(one - other))
