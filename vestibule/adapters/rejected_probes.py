"""Tonight's "not them" answers in this process's memory, and nowhere else."""

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import numpy as np

from vestibule.domain.embedding_space import EmbeddingSpace
from vestibule.domain.faces import Embeddings
from vestibule.domain.ids import CustomerId
from vestibule.domain.similarity import best_by_customer, scores_between
from vestibule.ports import RejectedProbe

CAPACITY = 1_000
"""Over a megabyte would mean that staff reject a face every half a minute all night."""


@dataclass(frozen=True, slots=True)
class _Kept:
    space: EmbeddingSpace
    probe: RejectedProbe


class InProcessRejectedProbes:
    """At most ``capacity`` of them, the oldest go first. A restart forgets them all."""

    def __init__(self, *, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._kept: dict[UUID, _Kept] = {}
        self._lock = threading.Lock()

    def remember(self, space: EmbeddingSpace, probe: RejectedProbe) -> None:
        if probe.embedding.shape != (space.dimension,):
            raise ValueError(f"expected ({space.dimension},), got {probe.embedding.shape}")
        own = np.array(probe.embedding, np.float32, copy=True)
        kept = RejectedProbe(probe.answer_id, probe.customer_id, own, probe.expires_at)
        with self._lock:
            self._wipe([probe.answer_id])
            self._kept[probe.answer_id] = _Kept(space, kept)
            self._wipe(list(self._kept)[: max(0, len(self._kept) - self._capacity)])

    def alike(
        self, space: EmbeddingSpace, probes: Embeddings, *, now: datetime
    ) -> list[dict[CustomerId, float]]:
        with self._lock:
            kept = [
                (k.probe.customer_id, k.probe.embedding.copy())
                for k in self._kept.values()
                if k.space.id == space.id and k.probe.expires_at > now
            ]
        if not kept or not len(probes):
            return [{} for _ in probes]
        scores = scores_between(space.metric, probes, np.stack([rejected for _, rejected in kept]))
        return [
            best_by_customer([customer for customer, _ in kept], row.tolist()) for row in scores
        ]

    def forget_answers(self, answer_ids: Iterable[UUID]) -> None:
        with self._lock:
            self._wipe(answer_ids)

    def forget_customer(self, customer_id: CustomerId) -> None:
        with self._lock:
            self._wipe([i for i, k in self._kept.items() if k.probe.customer_id == customer_id])

    def expire(self, *, now: datetime) -> int:
        with self._lock:
            due = [i for i, k in self._kept.items() if k.probe.expires_at <= now]
            self._wipe(due)
        return len(due)

    def close(self) -> None:
        with self._lock:
            self._wipe(list(self._kept))

    def _wipe(self, answer_ids: Iterable[UUID]) -> None:
        """Overwrite, then drop: what is freed may stay readable in memory for a while."""
        for answer_id in answer_ids:
            kept = self._kept.pop(answer_id, None)
            if kept is not None:
                kept.probe.embedding.fill(0)
