"""A shadow comparison: two generations answer about the same enrolled faces."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import numpy as np

from vestibule.domain.faces import Embeddings
from vestibule.domain.index_generation import IndexGeneration
from vestibule.domain.light_band import LightBand
from vestibule.domain.shadow_comparison import ShadowAnswer, compare_answers
from vestibule.ports import Neighbour
from vestibule.records import gallery, gallery_spaces, venues
from vestibule.records.tables import Json, Template
from vestibule.workflows.runtime import Runtime
from vestibule.workflows.sealed_faces import open_embeddings

SAMPLE = 400
"""Faces that are asked about: a share of a half is then known to within 5 points."""
NEIGHBOURS = 64
AT_ONCE = 50
TOP = 10


def compare_generations(runtime: Runtime, old: IndexGeneration, new: IndexGeneration) -> Json:
    """What they agreed on, as it is stored with ``new``. Runs no model and writes nothing.

    Each face is one that is on file in both; it is left out of what it is compared with.
    """
    before, after = runtime.at(old), runtime.at(new)
    with runtime.database.look() as reader:
        pairs = gallery_spaces.paired(reader, old.space.id, new.space.id, limit=SAMPLE)
        several = gallery_spaces.with_several(reader, new.space.id) & gallery_spaces.with_several(
            reader, old.space.id
        )
    opened = open_embeddings(runtime, [row for pair in pairs for row in pair])
    pairs = [(a, b) for a, b in pairs if a.id in opened and b.id in opened]
    ours = _answers(before, [a for a, _ in pairs], opened)
    theirs = _answers(after, [b for _, b in pairs], opened)
    answers = [
        ShadowAnswer(a.customer_id, one.customer, other.customer)
        for (a, _), one, other in zip(pairs, ours, theirs, strict=True)
    ]
    found = compare_answers(answers, with_another_face=frozenset(several))
    return {
        "against": old.number,
        "at": runtime.clock.now().isoformat(),
        "faces": found.faces,
        "agreeing": found.agreeing,
        **{kind.value: count for kind, count in found.counts.items()},
        "agree_low": round(found.agree_low, 4),
        "agree_high": round(found.agree_high, 4),
        "findable": found.findable,
        "right_old": found.right_old,
        "right_new": found.right_new,
        **(_same_space(ours, theirs) if old.space == new.space else {}),
    }


class _Answer:
    """Of one face: the customer that a photo of it would show, and its nearest templates."""

    def __init__(self, customer: UUID | None, nearest: list[Neighbour]) -> None:
        self.customer = customer
        self.nearest = nearest


def _answers(
    at: Runtime, templates: Sequence[Template], opened: Mapping[UUID, Embeddings]
) -> list[_Answer]:
    with at.database.look() as reader:
        size = gallery.size(reader, at.engine.space.id)
        home = venues.home(reader)
    there = at.calibration_in_force(home.id)
    by = there.thresholds(LightBand.BRIGHT, customers=size.customers, templates=size.templates)
    answers: list[_Answer] = []
    for start in range(0, len(templates), AT_ONCE):
        some = templates[start : start + AT_ONCE]
        probes = np.stack([opened[row.id] for row in some])
        found = at.index.search(at.generation, probes, limit=NEIGHBOURS)
        for row, neighbours in zip(some, found, strict=True):
            others = [n for n in neighbours if n.template_id != row.id]
            best = max(others, key=lambda n: n.score, default=None)
            is_match = best is not None and best.score >= by.match
            answers.append(_Answer(best.customer_id if best and is_match else None, others))
    return answers


def _same_space(ours: Sequence[_Answer], theirs: Sequence[_Answer]) -> dict[str, Any]:
    """Of one space: the very same neighbours at the very same scores, or the index differs."""
    alike, apart = 0, 0.0
    for one, other in zip(ours, theirs, strict=True):
        scores = [n.score for n in one.nearest[:TOP]]
        others = [n.score for n in other.nearest[:TOP]]
        gap = max((abs(a - b) for a, b in zip(scores, others, strict=False)), default=0.0)
        apart = max(apart, gap)
        alike += len(scores) == len(others) and gap < 1e-3
    return {"same_neighbours": alike, "largest_score_gap": round(apart, 6)}
