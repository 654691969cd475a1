"""Some templates are taken over into the generation that a batch fills: embed, store, index."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from vestibule.records import batches, gallery, generations
from vestibule.records.batch_tables import Batch
from vestibule.records.database import Transaction
from vestibule.workflows.carry_over import Embedded, Unusable, embed_crops, store_carried
from vestibule.workflows.index_templates import fill_generation
from vestibule.workflows.runtime import Runtime


@dataclass(frozen=True, slots=True)
class EmbeddedAnew:
    """Templates in the space of the generation that is filled, not stored yet; and those whose
    crop its pack cannot use."""

    there: Runtime
    embedded: list[Embedded]
    unusable: list[Unusable]


def reembed_templates(
    runtime: Runtime,
    batch: Batch,
    template_ids: list[UUID],
    *,
    settle: Callable[[Transaction, list[Unusable]], None],
) -> None:
    """Of these, those that still need it. Safe to run twice.

    ``settle`` is called with those whose crop the other pack cannot use, in the transaction that
    stores the others.
    """
    store_anew(embed_anew(runtime, batch, template_ids), settle=settle)


def embed_anew(runtime: Runtime, batch: Batch, template_ids: list[UUID]) -> EmbeddedAnew:
    """The part that takes long: the models run, and no transaction is open."""
    with runtime.database.look() as reader:
        generation = generations.get(reader, batch.generation)
        ids = gallery.without_counterpart(
            reader,
            template_ids,
            space_id=batch.parameters["from_space"],
            other=generation.space.id,
        )
        rows = list(gallery.templates(reader, ids))
    there = runtime.at(generation)
    return EmbeddedAnew(there, *embed_crops(there, rows))


def store_anew(
    anew: EmbeddedAnew, *, settle: Callable[[Transaction, list[Unusable]], None]
) -> None:
    """Commit, then index."""
    there = anew.there
    made = store_carried(
        there,
        anew.embedded,
        keep_the_cap=True,
        first=lambda transaction: settle(transaction, anew.unusable),
    )
    fill_generation(there, there.generation, made)


def note_unusable(
    transaction: Transaction, batch_id: UUID, unusable: list[Unusable], *, now: datetime
) -> int:
    """As failures of the batch, but for those who were erased meanwhile; how many they are."""
    if not unusable:
        return 0
    standing = gallery.lock_searchable(transaction, [item.template_id for item in unusable])
    left = [item for item in unusable if item.template_id in standing]
    for item in left:
        batches.add_failure(
            transaction,
            batch_id,
            code=item.code,
            now=now,
            customer_id=item.customer_id,
            template_id=item.template_id,
        )
    return len(left)
