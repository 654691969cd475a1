"""A look at people leaves a trace, once for what is seen together."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from vestibule.records import audit, audit_search
from vestibule.workflows.runtime import Runtime

SEEN_TOGETHER = timedelta(minutes=10)
"""A page names whom it shows; the pictures that it loads then need no entry each."""


def record_look(
    runtime: Runtime,
    *,
    actor: str,
    action: str,
    subject: str,
    customers: Sequence[UUID] = (),
    **details: Any,
) -> None:
    """``customers`` are those that were shown; the entry holds their ids and no names."""
    if customers:
        details["customers"] = [str(customer_id) for customer_id in customers]
    with runtime.database.begin() as transaction:
        audit.append(
            transaction,
            at=runtime.clock.now(),
            actor=actor,
            action=action,
            subject=subject,
            **details,
        )


def record_photo(
    runtime: Runtime, photo_id: UUID, *, customers: Sequence[UUID] = (), actor: str
) -> None:
    """A result or a picture of it, unless that actor sent or saw the photo in the last minutes."""
    subject, since = f"photo:{photo_id}", runtime.clock.now() - SEEN_TOGETHER
    with runtime.database.look() as transaction:
        is_known = audit_search.has_recent_of(
            transaction, actor=actor, subject=subject, since=since
        )
    if not is_known:
        record_look(runtime, actor=actor, action="photo.view", subject=subject, customers=customers)


def record_picture(runtime: Runtime, customer_id: UUID, *, actor: str, of: str) -> None:
    """A picture of a customer, unless an entry of the last minutes says that they were seen."""
    _record_part(runtime, customer_id, actor=actor, action="customer.picture", of=of)


def record_part(runtime: Runtime, customer_id: UUID, *, actor: str, of: str) -> None:
    """A part of a file that stands on the page of the whole, under the same condition."""
    _record_part(runtime, customer_id, actor=actor, action="customer.view", of=of)


def _record_part(runtime: Runtime, customer_id: UUID, *, actor: str, action: str, of: str) -> None:
    since = runtime.clock.now() - SEEN_TOGETHER
    with runtime.database.look() as transaction:
        is_known = audit_search.has_recent(
            transaction, actor=actor, customer_id=str(customer_id), since=since
        )
    if not is_known:
        subject = f"customer:{customer_id}"
        record_look(runtime, actor=actor, action=action, subject=subject, of=of)


def record_night(
    runtime: Runtime, venue_id: UUID, *, customers: Sequence[UUID], actor: str
) -> None:
    """Who is in tonight: a page that is asked for again and again is one look in ten minutes."""
    subject, since = f"night:{venue_id}", runtime.clock.now() - SEEN_TOGETHER
    with runtime.database.look() as transaction:
        is_known = audit_search.has_recent_of(
            transaction, actor=actor, subject=subject, since=since
        )
    if customers and not is_known:
        record_look(
            runtime, actor=actor, action="tonight.view", subject=subject, customers=customers
        )
