"""The last chunk of a filling: complete it, prove that it is, compare it with what serves."""

from collections.abc import Callable
from uuid import UUID

from vestibule.domain.errors import TransientError
from vestibule.domain.index_generation import IndexGeneration
from vestibule.records import batches, gallery, generations
from vestibule.records.batch_tables import Batch
from vestibule.records.database import Transaction
from vestibule.workflows.carry_over import Unusable
from vestibule.workflows.compare_generations import compare_generations
from vestibule.workflows.compare_index import compare_index
from vestibule.workflows.index_templates import reconcile_generation
from vestibule.workflows.reembed_templates import note_unusable, reembed_templates
from vestibule.workflows.runtime import Runtime

STEP_ITEMS = 32
ROUNDS = 5
"""Enrolments go on meanwhile, and each carries itself over: what is left shrinks at once."""


class StillIncompleteError(TransientError):
    """The index does not hold yet what Postgres says; it is tried again."""

    code = "still_incomplete"


def finish_batch(runtime: Runtime, batch: Batch, *, settle: Callable[[Transaction], None]) -> None:
    """Safe to run twice. ``settle`` is called in each transaction that changes anything, and
    raises when the batch was stopped."""
    if batch.generation is None:
        return
    for _ in range(ROUNDS):
        missing = missing_templates(runtime, batch)
        for start in range(0, len(missing), STEP_ITEMS):
            some = missing[start : start + STEP_ITEMS]
            reembed_templates(runtime, batch, some, settle=_noting(runtime, batch, settle))
        if not missing:
            break
    with runtime.database.look() as reader:
        generation = generations.get(reader, batch.generation)
        serving = generations.serving(reader)
    prove_complete(runtime, generation)
    comparison = None
    if serving is not None and serving != generation:
        comparison = compare_generations(runtime, serving, generation)
    with runtime.database.begin() as transaction:
        settle(transaction)
        row = generations.find_for_change(transaction, generation.number)
        if row is not None and row.state != "DROPPED":
            row.comparison = comparison
            row.ready_at = row.ready_at or runtime.clock.now()
            row.state = "READY" if row.state == "BUILDING" else row.state


def missing_templates(runtime: Runtime, batch: Batch) -> list[UUID]:
    """What the generation lacks of the space it is filled from, but for what no batch could do."""
    if batch.kind != "REEMBED" or batch.generation is None:
        return []
    with runtime.database.look() as reader:
        generation = generations.get(reader, batch.generation)
        return lacking(reader, generation, from_space=batch.parameters["from_space"])


def lacking(
    transaction: Transaction, generation: IndexGeneration, *, from_space: str
) -> list[UUID]:
    if from_space == generation.space.id:
        return []
    failed = batches.failed_templates(transaction, generation.number)
    found = gallery.without_counterpart(
        transaction, None, space_id=from_space, other=generation.space.id
    )
    return [item for item in found if item not in failed]


def prove_complete(runtime: Runtime, generation: IndexGeneration) -> int:
    """Compare by id what the generation holds with what it must; how many templates that are.

    Mends what differs. Raises StillIncompleteError when it differs all the same.
    """
    for _ in range(ROUNDS):
        reconcile_generation(runtime, generation)
        parts = list(compare_index(runtime, generation))
        if not any(part.missing or part.surplus for part in parts):
            return sum(part.recorded for part in parts)
    raise StillIncompleteError()


def _noting(
    runtime: Runtime, batch: Batch, settle: Callable[[Transaction], None]
) -> Callable[[Transaction, list[Unusable]], None]:
    def note(transaction: Transaction, unusable: list[Unusable]) -> None:
        settle(transaction)
        note_unusable(transaction, batch.id, unusable, now=runtime.clock.now())

    return note
