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


def record_picture(runtime: Runtime, customer_id: UUID, *, actor: str, of: str) -> None:
    """A picture of a customer, unless an entry of the last minutes says that they were seen."""
    since = runtime.clock.now() - SEEN_TOGETHER
    with runtime.database.look() as transaction:
        is_known = audit_search.has_recent(
            transaction, actor=actor, customer_id=str(customer_id), since=since
        )
    if not is_known:
        record_look(
            runtime,
            actor=actor,
            action="customer.picture",
            subject=f"customer:{customer_id}",
            of=of,
        )
