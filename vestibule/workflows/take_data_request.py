"""What a person asks about their data is taken down, with the day by which they are answered."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from vestibule.domain.data_rights import Channel, IdentityCheck, Right, due_on
from vestibule.domain.errors import ConflictError, InvalidInputError, NotFoundError
from vestibule.domain.ids import new_uuid
from vestibule.records import audit, customers, data_requests
from vestibule.records.database import Transaction
from vestibule.records.rights_tables import DataRequest, DataRequestStep
from vestibule.records.tables import Json, Venue
from vestibule.workflows.check_age import today_at
from vestibule.workflows.principal import Principal
from vestibule.workflows.runtime import Runtime

OLDEST_LETTER = timedelta(days=366)
GUEST = "guest"
"""The actor where a customer acts on their own page."""


@dataclass(frozen=True, slots=True)
class Asked:
    """``wishes`` is what should be corrected, by field. ``received_on`` None is today.

    ``identity`` None: who asks was not checked yet.
    """

    right: Right
    channel: Channel
    words: str = ""
    wishes: Json = field(default_factory=dict)
    identity: IdentityCheck | None = None
    received_on: date | None = None


def take_down_request(
    runtime: Runtime,
    asked: Asked,
    *,
    customer_id: UUID | None,
    requester: str | None,
    caller: Principal,
) -> DataRequest:
    """For somebody who wrote or came, a customer or somebody else by name.

    Raises InvalidInputError, NotFoundError.
    """
    if (customer_id is None) == (requester is None):
        raise InvalidInputError("Name a customer, or somebody else.", fields=["customer_id"])
    with runtime.database.begin() as transaction:
        whose = None
        if customer_id is not None:
            customer = customers.lock_present(transaction, customer_id)
            if customer is None:
                raise NotFoundError()
            whose = customer.id
        made = add_request(
            runtime,
            transaction,
            asked,
            venue_id=caller.venue_id,
            customer_id=whose,
            requester=requester,
        )
        add_step(
            runtime,
            transaction,
            made,
            "received",
            words=asked.words,
            details=asked.wishes or None,
            by=caller.actor,
            by_id=caller.account_id,
        )
        append_entry(runtime, transaction, made, "take", actor=caller.actor)
    return made


def ask_oneself(runtime: Runtime, customer_id: UUID, asked: Asked) -> DataRequest:
    """From the customer's own page. Raises NotFoundError, ConflictError while one is open."""
    with runtime.database.begin() as transaction:
        customer = customers.lock_present(transaction, customer_id)
        if customer is None:
            raise NotFoundError()
        if data_requests.has_open(transaction, customer.id, asked.right.value):
            raise ConflictError("There is an open request of this kind already.")
        made = add_request(
            runtime, transaction, asked, venue_id=customer.venue_id, customer_id=customer.id
        )
        add_step(
            runtime,
            transaction,
            made,
            "received",
            words=asked.words,
            details=asked.wishes or None,
            by=GUEST,
        )
        append_entry(runtime, transaction, made, "take", actor=GUEST)
    return made


def add_request(
    runtime: Runtime,
    transaction: Transaction,
    asked: Asked,
    *,
    venue_id: UUID,
    customer_id: UUID | None,
    requester: str | None = None,
) -> DataRequest:
    """The row alone. Raises InvalidInputError for a day that cannot be at that venue."""
    today = today_at(runtime, transaction.get_one(Venue, venue_id))
    received_on = asked.received_on or today
    if not today - OLDEST_LETTER <= received_on <= today:
        raise InvalidInputError("Not a day of the last year.", fields=["received_on"])
    made = DataRequest(
        id=new_uuid(),
        customer_id=customer_id,
        requester=requester,
        right=asked.right.value,
        channel=asked.channel.value,
        identity=asked.identity.value if asked.identity else None,
        state="OPEN",
        received_on=received_on,
        due_on=due_on(received_on),
        created_at=runtime.clock.now(),
    )
    transaction.add(made)
    transaction.flush()
    return made


def add_step(
    runtime: Runtime,
    transaction: Transaction,
    of: DataRequest,
    action: str,
    *,
    words: str = "",
    details: Json | None = None,
    by: str,
    by_id: UUID | None = None,
) -> None:
    step = DataRequestStep(
        id=new_uuid(),
        request_id=of.id,
        customer_id=of.customer_id,
        action=action,
        words=words,
        details=details,
        by=by,
        by_id=by_id,
        at=runtime.clock.now(),
    )
    transaction.add(step)
    transaction.flush()


def append_entry(
    runtime: Runtime,
    transaction: Transaction,
    of: DataRequest,
    action: str,
    *,
    actor: str,
    **details: Any,
) -> None:
    """Last in the transaction. What was said stays out of the log."""
    if of.customer_id is not None:
        details["customer"] = str(of.customer_id)
    audit.append(
        transaction,
        at=runtime.clock.now(),
        actor=actor,
        action=f"data_request.{action}",
        subject=f"data_request:{of.id}",
        right=of.right,
        **details,
    )
