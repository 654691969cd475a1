"""Whose face or whole file goes unless they come again, for somebody to tell them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from vestibule.domain.retention import Kept
from vestibule.records import idle_faces, idle_files, retention_policies
from vestibule.workflows.record_look import record_look
from vestibule.workflows.runtime import Runtime

SHOWN = 100


@dataclass(frozen=True, slots=True)
class Reminded:
    id: UUID
    name: str
    what: Literal["face", "file"]
    goes_at: datetime


def reminded_guests(runtime: Runtime, *, actor: str) -> list[Reminded]:
    """The first to go first; whose file goes is told of once, though their face goes too."""
    now = runtime.clock.now()
    with runtime.database.look() as transaction:
        days = retention_policies.in_force(transaction).policy.days
        faces = idle_faces.END.announced(
            transaction, kept_days=days[Kept.TEMPLATE], now=now, limit=SHOWN
        )
        files = idle_files.END.announced(
            transaction, kept_days=days[Kept.CUSTOMER], now=now, limit=SHOWN
        )
    announced = {customer_id for customer_id, _, _ in files}
    found = [Reminded(one, name, "file", at) for one, name, at in files]
    found += [Reminded(one, name, "face", at) for one, name, at in faces if one not in announced]
    record_look(
        runtime,
        actor=actor,
        action="retention.view_reminders",
        subject="retention:template",
        customers=[guest.id for guest in found],
    )
    return sorted(found, key=lambda guest: (guest.goes_at, guest.id))
