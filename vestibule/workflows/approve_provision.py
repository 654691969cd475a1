"""A provision of law for the watchlist: named by one person, approved by the officer, always over
at some day. Without one nobody is found by face who did not agree to it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from vestibule.domain.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    OwnReportError,
    PersonNeededError,
)
from vestibule.domain.ids import new_uuid
from vestibule.domain.jurisdiction import FRANCE
from vestibule.records import audit, provisions, venues
from vestibule.records.consent_tables import LegalProvision
from vestibule.records.database import Transaction
from vestibule.workflows.index_templates import index_templates
from vestibule.workflows.runtime import Runtime
from vestibule.workflows.sign_in import Principal

LEAST_WORDING = 40
"""Characters: the words of the law and why they apply, not a heading."""


@dataclass(frozen=True, slots=True)
class NewProvision:
    """``venue_id`` None is the whole chain."""

    title: str
    reference: str
    wording: str
    venue_id: UUID | None
    ends_at: datetime


def propose_provision(runtime: Runtime, new: NewProvision, *, by: Principal) -> LegalProvision:
    """It counts for nothing before it is approved. Raises InvalidInputError, PersonNeededError."""
    if by.account_id is None:
        raise PersonNeededError()
    now = runtime.clock.now()
    _check(new, now=now)
    row = LegalProvision(
        id=new_uuid(),
        venue_id=new.venue_id,
        title=new.title.strip(),
        reference=new.reference.strip(),
        wording=new.wording.strip(),
        state="PROPOSED",
        ends_at=new.ends_at,
        proposed_by=by.actor,
        proposed_by_id=by.account_id,
        proposed_at=now,
    )
    with runtime.database.begin() as transaction:
        if new.venue_id is not None and venues.find(transaction, new.venue_id) is None:
            raise InvalidInputError("There is no such venue.", fields=["venue_id"])
        provisions.add(transaction, row)
        _audit(runtime, transaction, "provision.propose", row, by)
    return row


def _check(new: NewProvision, *, now: datetime) -> None:
    lacking = [name for name in ("title", "reference") if not getattr(new, name).strip()]
    if len(new.wording.strip()) < LEAST_WORDING:
        lacking.append("wording")
    latest = now + FRANCE.provision_validity.length
    if not now < new.ends_at <= latest:
        lacking.append("ends_at")
    if lacking:
        raise InvalidInputError("It needs its words, its place in the law, an end.", fields=lacking)


def approve_provision(runtime: Runtime, provision_id: UUID, *, by: Principal) -> LegalProvision:
    """From the commit on, people on the watchlist there may be found by face.

    Raises NotFoundError, ConflictError, PersonNeededError, and OwnReportError for its proposer.
    """
    return _decide(runtime, provision_id, "APPROVED", by=by)


def refuse_provision(runtime: Runtime, provision_id: UUID, *, by: Principal) -> LegalProvision:
    """Raises as ``approve_provision``, but one may refuse one's own."""
    return _decide(runtime, provision_id, "REFUSED", by=by)


def end_provision(runtime: Runtime, provision_id: UUID, *, by: Principal) -> LegalProvision:
    """No photo finds anybody on it from the commit on. Safe to run twice."""
    with runtime.database.begin() as transaction:
        row = provisions.find_for_change(transaction, provision_id)
        if row is None:
            raise NotFoundError()
        if row.ended_at is None:
            row.ended_at, row.ended_by = runtime.clock.now(), by.actor
            transaction.flush()
            _audit(runtime, transaction, "provision.end", row, by)
    settle_watchlist_faces(runtime)
    return row


def settle_watchlist_faces(runtime: Runtime) -> None:
    """Of everybody kept out: into the index where a basis holds, out of it where none does."""
    with runtime.database.look() as reader:
        template_ids = provisions.templates_on_the_watchlist(reader)
    if template_ids:
        index_templates(runtime, template_ids)


def _decide(runtime: Runtime, provision_id: UUID, state: str, *, by: Principal) -> LegalProvision:
    if by.account_id is None:
        raise PersonNeededError()
    now = runtime.clock.now()
    with runtime.database.begin() as transaction:
        row = provisions.find_for_change(transaction, provision_id)
        if row is None:
            raise NotFoundError()
        if row.state != "PROPOSED" or row.ends_at <= now:
            raise ConflictError("It was decided already, or its end is past.", state=row.state)
        if state == "APPROVED" and row.proposed_by_id == by.account_id:
            raise OwnReportError()
        row.state = state
        if state == "APPROVED":
            row.approved_by, row.approved_by_id, row.approved_at = by.actor, by.account_id, now
        transaction.flush()
        action = "provision.approve" if state == "APPROVED" else "provision.refuse"
        _audit(runtime, transaction, action, row, by)
    settle_watchlist_faces(runtime)
    return row


def _audit(
    runtime: Runtime, transaction: Transaction, action: str, row: LegalProvision, by: Principal
) -> None:
    audit.append(
        transaction,
        at=runtime.clock.now(),
        actor=by.actor,
        action=action,
        subject=f"provision:{row.id}",
        reference=row.reference,
        venue=str(row.venue_id) if row.venue_id else None,
        ends_at=row.ends_at.isoformat(),
    )
