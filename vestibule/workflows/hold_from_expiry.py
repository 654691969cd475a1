"""A legal hold: nothing about a guest, or nothing of an incident, expires until it ends.

It keeps things where somebody may need them for a claim (GDPR 17(3)(e), 18(1)(c)). It makes nobody
searchable: a face that is due is set aside, and a basis that ended stays ended.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from vestibule.domain.errors import ConflictError, InvalidInputError, NotFoundError
from vestibule.records import audit, customers, erasures, incidents, legal_holds, retention_policies
from vestibule.records.database import Transaction
from vestibule.records.retention_tables import LegalHold
from vestibule.workflows.record_look import record_look
from vestibule.workflows.runtime import Runtime
from vestibule.workflows.see_incidents import require_person
from vestibule.workflows.sign_in import Principal

LONGEST = timedelta(days=1_096)
"""What is needed for longer is held anew, with a reason of then."""
SHOWN = 200


def place_hold(
    runtime: Runtime,
    *,
    customer_id: UUID | None,
    incident_id: UUID | None,
    reason: str,
    ends_at: datetime,
    by: Principal,
) -> LegalHold:
    """From the commit on nothing of it expires; a removal that is under way is waited for.

    Raises InvalidInputError, NotFoundError, PersonNeededError.
    """
    account_id = require_person(by)
    if (customer_id is None) == (incident_id is None):
        raise InvalidInputError(
            "Say what is held: a guest or an incident.", fields=["customer_id", "incident_id"]
        )
    with runtime.database.begin() as transaction:
        retention_policies.one_at_a_time(transaction)
        now = runtime.clock.now()
        if not now < ends_at <= now + LONGEST:
            raise InvalidInputError("A hold ends, within three years.", fields=["ends_at"])
        hold = LegalHold(
            customer_id=_customer(transaction, customer_id),
            incident_id=_incident(transaction, incident_id),
            reason=reason,
            placed_by=by.actor,
            placed_by_id=account_id,
            placed_at=now,
            ends_at=ends_at,
        )
        transaction.add(hold)
        transaction.flush()
        _audit(transaction, hold, "legal_hold.place", by=by, now=now)
    return hold


def lift_hold(runtime: Runtime, hold_id: UUID, *, reason: str, by: Principal) -> LegalHold:
    """What was due meanwhile goes with the next rounds. Raises NotFoundError, PersonNeededError,
    ConflictError where it is over already.
    """
    account_id = require_person(by)
    with runtime.database.begin() as transaction:
        now, hold = runtime.clock.now(), legal_holds.find_for_change(transaction, hold_id)
        if hold is None:
            raise NotFoundError()
        if hold.lifted_at is not None or hold.ends_at <= now:
            raise ConflictError("This hold is over.")
        hold.lifted_at, hold.lifted_reason = now, reason
        hold.lifted_by, hold.lifted_by_id = by.actor, account_id
        erasures.free_waiting(transaction, erasures.HELD_BY_LAW)
        _audit(transaction, hold, "legal_hold.lift", by=by, now=now)
    return hold


def list_holds(runtime: Runtime, *, actor: str) -> Sequence[tuple[LegalHold, str | None]]:
    """With the guest's name; those in force first. The look is recorded."""
    with runtime.database.look() as transaction:
        found = legal_holds.listed(transaction, now=runtime.clock.now(), limit=SHOWN)
    named = [hold.customer_id for hold, _ in found if hold.customer_id is not None]
    record_look(
        runtime, actor=actor, action="legal_hold.list", subject="legal_holds", customers=named
    )
    return found


def _customer(transaction: Transaction, customer_id: UUID | None) -> UUID | None:
    if customer_id is None:
        return None
    found = customers.lock_present(transaction, customer_id)
    if found is None:
        raise NotFoundError()
    return found.id


def _incident(transaction: Transaction, incident_id: UUID | None) -> UUID | None:
    if incident_id is None:
        return None
    found = incidents.find_for_change(transaction, incident_id)
    if found is None:
        raise NotFoundError()
    return found.id


def _audit(
    transaction: Transaction, hold: LegalHold, action: str, *, by: Principal, now: datetime
) -> None:
    """The reason stays in the row: it is free text, and goes with the guest."""
    transaction.flush()
    held = f"customer:{hold.customer_id}" if hold.customer_id else f"incident:{hold.incident_id}"
    audit.append(
        transaction,
        at=now,
        actor=by.actor,
        action=action,
        subject=held,
        hold=str(hold.id),
        ends_at=hold.ends_at.isoformat(),
    )
