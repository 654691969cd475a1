"""What holds a guest's data back from expiring, and when their face goes."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from vestibule.domain.errors import NotFoundError
from vestibule.domain.retention import Kept
from vestibule.records import customers, idle_faces, idle_files, legal_holds, retention_policies
from vestibule.records.retention_tables import LegalHold
from vestibule.workflows.record_look import record_part
from vestibule.workflows.runtime import Runtime


@dataclass(frozen=True, slots=True)
class KeptOfGuest:
    """``face_goes_at`` and ``file_goes_at`` only once their file has to say so."""

    holds: list[LegalHold]
    face_goes_at: datetime | None
    file_goes_at: datetime | None


def show_kept(runtime: Runtime, customer_id: UUID, *, actor: str) -> KeptOfGuest:
    """Raises NotFoundError. Recorded as a part of the file."""
    now = runtime.clock.now()
    with runtime.database.look() as transaction:
        found = customers.find_present(transaction, customer_id)
        if found is None:
            raise NotFoundError()
        days = retention_policies.in_force(transaction).policy.days
        kept = KeptOfGuest(
            holds=legal_holds.of_customer(transaction, found.id, now=now),
            face_goes_at=idle_faces.END.goes_at_of(
                transaction, found.id, kept_days=days[Kept.TEMPLATE], now=now
            ),
            file_goes_at=idle_files.END.goes_at_of(
                transaction, found.id, kept_days=days[Kept.CUSTOMER], now=now
            ),
        )
    record_part(runtime, found.id, actor=actor, of="retention")
    return kept
