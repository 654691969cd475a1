"""At a start: which generation serves, and that the index holds what Postgres says."""

from datetime import datetime

from vestibule.domain.embedding_space import EmbeddingSpace
from vestibule.records import audit, generations
from vestibule.records.database import Database, Transaction
from vestibule.records.generation_tables import IndexGenerationRow
from vestibule.workflows.index_templates import reconcile_index, remove_dropped_generations
from vestibule.workflows.runtime import Runtime


def begin_generations(runtime: Runtime, configured: EmbeddingSpace, *, low_light: str) -> None:
    """See that a generation serves: the first, of the space that the settings name, if none does.

    Safe to run twice and from several processes.
    """
    with runtime.database.begin() as transaction:
        generations.one_at_a_time(transaction)
        if generations.serving(transaction) is None:
            _serve(transaction, configured, low_light=low_light, now=runtime.clock.now())


def settle_serving(
    database: Database, configured: EmbeddingSpace, *, low_light: str, now: datetime
) -> None:
    """The same, and follow a setting that was changed since the last start.

    Postgres says which generation serves, whatever was switched to. But whoever *changed* the
    setting wants its space to serve from now on, filled with the templates that it has. For the
    one process that brings the schema up to date: others may still hold the former setting.
    """
    with database.begin() as transaction:
        generations.one_at_a_time(transaction)
        known = generations.configured(transaction)
        if known is None or known.space_id != configured.id:
            _serve(transaction, configured, low_light=low_light, now=now)


def settle_index(runtime: Runtime) -> tuple[int, int]:
    """Make the index what Postgres says; how many templates were added and removed.

    Runs no model. Safe to run at any time and twice.
    """
    remove_dropped_generations(runtime)
    runtime.index.serve(runtime.generation)
    return reconcile_index(runtime)


def _serve(
    transaction: Transaction, space: EmbeddingSpace, *, low_light: str, now: datetime
) -> None:
    row = _latest_of(transaction, space) or generations.add(
        transaction, space, low_light=low_light, state="READY", actor="settings", now=now
    )
    row.ready_at = row.ready_at or now
    generations.make_configured(transaction, row)
    generations.make_serving(transaction, row, now=now)
    audit.append(
        transaction,
        at=now,
        actor="settings",
        action="generation.configure",
        subject=f"generation:{row.number}",
        space=row.space_id,
        pack=row.pack,
    )


def _latest_of(transaction: Transaction, space: EmbeddingSpace) -> IndexGenerationRow | None:
    """One that is complete: what a batch is still filling would miss people."""
    rows = [
        row
        for row in generations.live_rows(transaction)
        if row.space_id == space.id and row.state != "BUILDING"
    ]
    return rows[-1] if rows else None
