"""Templates that were moved between customers, and the state in which they were before."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select

from vestibule.records import gallery
from vestibule.records.database import Transaction
from vestibule.records.gallery_tables import TemplateMove
from vestibule.records.tables import Json, Template


def find_for_change(transaction: Transaction, move_id: UUID) -> TemplateMove | None:
    query = select(TemplateMove).where(TemplateMove.id == move_id).with_for_update()
    return transaction.scalar(query.execution_options(populate_existing=True))


def find(transaction: Transaction, move_id: UUID) -> TemplateMove | None:
    return transaction.get(TemplateMove, move_id)


def of_customer(transaction: Transaction, customer_id: UUID) -> list[TemplateMove]:
    """To and from them, the latest first."""
    is_theirs = or_(
        TemplateMove.from_customer_id == customer_id, TemplateMove.to_customer_id == customer_id
    )
    query = select(TemplateMove).where(is_theirs).order_by(TemplateMove.moved_at.desc())
    return list(transaction.scalars(query))


def latest_standing(transaction: Transaction, template_id: UUID) -> TemplateMove | None:
    """The last move of this template that was not undone: only that one can be."""
    query = select(TemplateMove).where(
        TemplateMove.template_id == template_id, TemplateMove.undone_at.is_(None)
    )
    return transaction.scalar(query.order_by(TemplateMove.moved_at.desc()).limit(1))


def undoable(transaction: Transaction, moves: Iterable[TemplateMove]) -> set[UUID]:
    """The moves after which nothing was moved on, removed or undone."""
    return {
        move.id
        for move in moves
        if (template := gallery.find_template(transaction, move.template_id)) is not None
        and template.customer_id == move.to_customer_id
        and (standing := latest_standing(transaction, move.template_id)) is not None
        and standing.id == move.id
    }


def snapshot(transaction: Transaction, customer_ids: Iterable[UUID]) -> Json:
    """The state of every template of these customers, as ``restore`` takes it."""
    return {
        str(row.id): _state(row)
        for customer_id in customer_ids
        for row in gallery.templates_of(transaction, customer_id)
    }


def restore(transaction: Transaction, before: Json, customer_ids: Iterable[UUID]) -> None:
    """Give these customers' templates the status they had; what came since keeps its own.

    A template whose status a person decided since keeps that too.
    """
    for customer_id in customer_ids:
        for row in gallery.templates_of(transaction, customer_id):
            state = before.get(str(row.id))
            if state is not None and (row.decided_by is None or row.decided_by == state["by"]):
                _apply(row, state)


def _state(row: Template) -> Json:
    return {
        "status": row.status,
        "by": row.decided_by,
        "at": row.retired_at.isoformat() if row.retired_at else None,
        "for": str(row.retired_for) if row.retired_for else None,
    }


def _apply(row: Template, state: Json) -> None:
    row.status, row.decided_by = state["status"], state["by"]
    row.retired_at = datetime.fromisoformat(state["at"]) if state["at"] else None
    row.retired_for = UUID(state["for"]) if state["for"] else None
