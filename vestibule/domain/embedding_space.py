"""An embedding space: the one context in which two embeddings may be compared."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from vestibule.domain.faces import Embeddings


class Metric(StrEnum):
    """How a space turns two embeddings into a score; higher is always more alike.

    COSINE: the cosine of the angle, -1..1. EUCLIDEAN: 1 minus the distance, at most 1.
    """

    COSINE = "cosine"
    EUCLIDEAN = "euclidean"


@dataclass(frozen=True, slots=True)
class EmbeddingSpace:
    """Identity of a space.

    ``id`` is a hash of everything that changes an embedding: detector, embedder, their weights,
    alignment and preprocessing. Templates, searches, thresholds and decisions all name it.
    """

    id: str
    pack: str
    metric: Metric
    dimension: int

    def score(self, one: Embeddings, other: Embeddings) -> float:
        """Of two embeddings of this space, each (d,); see ``Metric``."""
        if self.metric is Metric.EUCLIDEAN:
            return 1 - float(np.linalg.norm(one - other))
        lengths = float(np.linalg.norm(one)) * float(np.linalg.norm(other))
        return float(one @ other) / max(lengths, 1e-12)


def space_from_recipe(
    pack: str, *, metric: Metric, dimension: int, recipe: Mapping[str, str]
) -> EmbeddingSpace:
    """The space with its id; ``recipe`` must hold every part that shapes an embedding."""
    identity = {"metric": metric.value, "dimension": str(dimension), **recipe}
    digest = hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()
    return EmbeddingSpace(id=digest[:16], pack=pack, metric=metric, dimension=dimension)
