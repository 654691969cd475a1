"""Keeping the vector index a true projection of the searchable templates, in every generation."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

import structlog

from vestibule.domain.faces import Embeddings
from vestibule.domain.ids import CustomerId, TemplateId
from vestibule.domain.index_generation import IndexGeneration
from vestibule.ports import IndexEntry
from vestibule.records import gallery, generations
from vestibule.records.consents import Ground
from vestibule.records.tables import Template
from vestibule.workflows.compare_index import compare_index
from vestibule.workflows.runtime import Runtime
from vestibule.workflows.sealed_faces import open_embeddings

BATCH = 1_000
_log = structlog.get_logger(__name__)


def index_templates(runtime: Runtime, template_ids: Iterable[UUID]) -> None:
    """Put committed templates into every live generation of their space, and take out of all of
    them what may not be searched.

    The second look closes the race with an erasure or a withdrawal that ran in between: either it
    deletes after our write, or we see its commit here and delete ourselves. A generation that
    begins after the first look is filled from what is committed, so it misses nothing of this.
    """
    wanted = list(template_ids)
    with runtime.database.begin() as transaction:
        searchable = gallery.still_searchable(transaction, wanted)
        bases = gallery.bases(transaction, searchable.values())
        rows = [
            row for row in gallery.templates(transaction, searchable) if row.customer_id in bases
        ]
        before = generations.live(transaction)
    for generation in before:
        here = [row for row in rows if row.space_id == generation.space.id]
        _upsert(runtime, generation, _entries(runtime, here, bases))
    with runtime.database.begin() as transaction:
        still = gallery.still_searchable(transaction, wanted)
        after = generations.live(transaction)
    gone = [TemplateId(template_id) for template_id in wanted if template_id not in still]
    if gone:
        for generation in after:
            runtime.index.delete(generation, gone)
    if set(before) - set(after):  # our write may have brought a dropped one back
        remove_dropped_generations(runtime)


def fill_generation(
    runtime: Runtime, generation: IndexGeneration, template_ids: Iterable[UUID]
) -> None:
    """As ``index_templates``, into one generation of their space alone."""
    wanted = list(template_ids)
    with runtime.database.begin() as transaction:
        searchable = gallery.still_searchable(transaction, wanted)
        bases = gallery.bases(transaction, searchable.values())
        rows = [
            row for row in gallery.templates(transaction, searchable) if row.customer_id in bases
        ]
    here = [row for row in rows if row.space_id == generation.space.id]
    _upsert(runtime, generation, _entries(runtime, here, bases))
    with runtime.database.begin() as transaction:
        still = gallery.still_searchable(transaction, wanted)
        is_live = generations.is_live(transaction, generation)
    gone = [TemplateId(template_id) for template_id in wanted if template_id not in still]
    if gone:
        runtime.index.delete(generation, gone)
    if not is_live:
        remove_dropped_generations(runtime)


def reindex_templates(runtime: Runtime, template_ids: Iterable[UUID]) -> None:
    """As ``index_templates``, where the owner changed: no file of the index goes on naming
    the former one, as it may where an entry is written over. For a moment no search finds them.
    """
    wanted = list(template_ids)
    unindex_templates(runtime, wanted)
    index_templates(runtime, wanted)


def unindex_templates(runtime: Runtime, template_ids: Iterable[UUID]) -> None:
    """Take them out of every live generation. Call it after the commit that hides them."""
    gone = [TemplateId(template_id) for template_id in template_ids]
    for generation in live_generations(runtime):
        runtime.index.delete(generation, gone)


def indexed_anywhere(runtime: Runtime, template_ids: Iterable[TemplateId]) -> set[TemplateId]:
    """Which of these a live generation holds."""
    wanted = list(template_ids)
    return {
        found
        for generation in live_generations(runtime)
        for found in runtime.index.holding(generation, wanted)
    }


def reconcile_index(runtime: Runtime) -> tuple[int, int]:
    """Make the index equal to the record; returns how many templates were added and removed.

    Every live generation but those that a batch is filling. Runs no model. Safe to run at any time
    and twice.
    """
    with runtime.database.begin() as transaction:
        rows = generations.live_rows(transaction)
    complete = [generations.as_generation(row) for row in rows if row.state != "BUILDING"]
    counts = [reconcile_generation(runtime, generation) for generation in complete]
    return sum(added for added, _ in counts), sum(removed for _, removed in counts)


def reconcile_generation(runtime: Runtime, generation: IndexGeneration) -> tuple[int, int]:
    """One of them; as ``reconcile_index``."""
    added = removed = 0
    for part in compare_index(runtime, generation):
        if part.surplus:
            runtime.index.delete(generation, part.surplus)
        for start in range(0, len(part.missing), BATCH):
            index_templates(runtime, part.missing[start : start + BATCH])
        if part.missing:
            _log.info("index.filled", templates=added + len(part.missing))
        added += len(part.missing)
        removed += len(part.surplus)
    return added, removed


def remove_dropped_generations(runtime: Runtime) -> None:
    """Remove from the index what is of no live generation. None can begin meanwhile."""
    with runtime.database.begin() as transaction:
        generations.one_at_a_time(transaction)
        runtime.index.keep_only(generations.live(transaction))


def live_generations(runtime: Runtime) -> list[IndexGeneration]:
    with runtime.database.look() as reader:
        return generations.live(reader)


def _upsert(runtime: Runtime, generation: IndexGeneration, entries: Sequence[IndexEntry]) -> None:
    for start in range(0, len(entries), BATCH):
        runtime.index.upsert(generation, entries[start : start + BATCH])


def _entries(
    runtime: Runtime,
    rows: Sequence[Template],
    bases: Mapping[UUID, Ground],
) -> list[IndexEntry]:
    """Of those whose embedding can still be opened."""
    opened = open_embeddings(runtime, rows)
    return [_entry(row, opened[row.id], bases[row.customer_id]) for row in rows if row.id in opened]


def _entry(template: Template, embedding: Embeddings, ground: Ground) -> IndexEntry:
    return IndexEntry(
        template_id=TemplateId(template.id),
        customer_id=CustomerId(template.customer_id),
        embedding=embedding,
        basis=ground.basis,
        venue_ids=ground.venue_ids,
    )
