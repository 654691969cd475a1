"""Whose face goes unless they come again, for somebody to tell them."""

from datetime import datetime
from uuid import UUID

from vestibule.domain.retention import Kept
from vestibule.records import idle_faces, retention_policies
from vestibule.workflows.record_look import record_look
from vestibule.workflows.runtime import Runtime

SHOWN = 100


def reminded_guests(runtime: Runtime, *, actor: str) -> list[tuple[UUID, str, datetime]]:
    """Id, name and when their faces go, the first to go first."""
    with runtime.database.look() as transaction:
        days = retention_policies.in_force(transaction).policy.days
        found = idle_faces.reminded(
            transaction, kept_days=days[Kept.TEMPLATE], now=runtime.clock.now(), limit=SHOWN
        )
    record_look(
        runtime,
        actor=actor,
        action="retention.view_reminders",
        subject="retention:template",
        customers=[customer_id for customer_id, _, _ in found],
    )
    return found
