"""Keeping the vector index a true projection of the searchable templates."""

from collections.abc import Iterable
from uuid import UUID

import numpy as np

from vestibule.domain.ids import CustomerId, TemplateId
from vestibule.ports import IndexEntry
from vestibule.records import gallery
from vestibule.records.tables import Template
from vestibule.workflows.runtime import Runtime

BATCH = 1_000


def index_templates(runtime: Runtime, template_ids: Iterable[UUID]) -> None:
    """Put committed templates into the index, and take out again what may not be searched.

    The second look closes the race with an erasure or a withdrawal that ran in between: either it
    deletes after our write, or we see its commit here and delete ourselves.
    """
    space = runtime.engine.space
    wanted = list(template_ids)
    with runtime.database.begin() as transaction:
        searchable = gallery.still_searchable(transaction, wanted)
        bases = gallery.bases(transaction, searchable.values())
        entries = [
            _entry(t, *bases[t.customer_id])
            for t in gallery.templates(transaction, searchable)
            if t.space_id == space.id and t.customer_id in bases
        ]
    for start in range(0, len(entries), BATCH):
        runtime.index.upsert(runtime.generation, entries[start : start + BATCH])
    with runtime.database.begin() as transaction:
        still = gallery.still_searchable(transaction, wanted)
    gone = [TemplateId(template_id) for template_id in wanted if template_id not in still]
    if gone:
        runtime.index.delete(runtime.generation, gone)


def reconcile_index(runtime: Runtime) -> tuple[int, int]:
    """Make the index equal to the record; returns how many templates were added and removed.

    Runs no model. Safe to run at any time and twice.
    """
    space = runtime.engine.space
    present = runtime.index.template_ids(runtime.generation)
    with runtime.database.begin() as transaction:
        wanted = gallery.searchable_template_ids(transaction, space.id)
    surplus = [template_id for template_id in present if template_id not in wanted]
    missing = sorted(template_id for template_id in wanted if template_id not in present)
    if surplus:
        runtime.index.delete(runtime.generation, surplus)
    for start in range(0, len(missing), BATCH):
        index_templates(runtime, missing[start : start + BATCH])
    return len(missing), len(surplus)


def _entry(template: Template, basis: str, venue_ids: frozenset[UUID] | None) -> IndexEntry:
    return IndexEntry(
        template_id=TemplateId(template.id),
        customer_id=CustomerId(template.customer_id),
        embedding=gallery.from_bytes(template.embedding).astype(np.float32),
        basis=basis,
        venue_ids=venue_ids,
    )
