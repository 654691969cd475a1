"""Whose face a new photo looks like: the customer's own templates, and everybody else's."""

from dataclasses import dataclass
from uuid import UUID

from vestibule.domain.faces import Embeddings
from vestibule.domain.light_band import light_band
from vestibule.domain.quality import Check
from vestibule.domain.quality.identity import check_other_customers, check_own_templates
from vestibule.records import gallery
from vestibule.workflows.runtime import Runtime
from vestibule.workflows.sealed_faces import open_embeddings

NEIGHBOURS = 64
"""Enough for a customer with dozens of templates to leave room for somebody else's."""


@dataclass(frozen=True, slots=True)
class Identity:
    """``resembles`` is the customer whom the face looks like, where that is a finding."""

    checks: tuple[Check, ...]
    resembles: UUID | None


def check_identity(
    runtime: Runtime, embedding: Embeddings, *, customer_id: UUID, brightness: float
) -> Identity:
    """Counts only templates with a lawful basis; ``embedding`` is (d,), ``brightness`` 0..255."""
    space = runtime.engine.space
    neighbours = runtime.index.search(runtime.generation, embedding[None], limit=NEIGHBOURS)[0]
    with runtime.database.begin() as transaction:
        searchable = gallery.still_searchable(transaction, [n.template_id for n in neighbours])
        own = [
            template
            for template in gallery.templates_of(transaction, customer_id)
            if template.space_id == space.id
        ]
        own_ids = gallery.still_searchable(transaction, [template.id for template in own])
        size = runtime.sizes.of(transaction, space.id)
    others = [
        neighbour
        for neighbour in neighbours
        if searchable.get(neighbour.template_id) not in (None, customer_id)
    ]
    nearest = max(others, key=lambda neighbour: neighbour.score, default=None)
    opened = open_embeddings(runtime, [template for template in own if template.id in own_ids])
    own_scores = [space.score(embedding, own_embedding) for own_embedding in opened.values()]
    quantiles = runtime.calibration.quantiles_in(light_band(brightness))
    own_checks = check_own_templates(
        quantiles, best_score=max(own_scores, default=None), templates=len(own_scores)
    )
    other_checks = check_other_customers(
        quantiles,
        best_score=nearest.score if nearest else None,
        customers=size.customers - bool(own_scores),
        templates=size.templates - len(own_scores),
    )
    conflict = nearest is not None and not all(check.passed for check in other_checks)
    return Identity(
        checks=(*own_checks, *other_checks),
        resembles=searchable[nearest.template_id] if nearest and conflict else None,
    )
