"""What is held about a customer, for themselves: looked at, taken along."""

from uuid import UUID

from vestibule.domain.errors import NotFoundError
from vestibule.records import audit, customers, personal_data
from vestibule.records.personal_data import Held
from vestibule.workflows.runtime import Runtime


def see_personal_data(runtime: Runtime, customer_id: UUID, *, actor: str, action: str) -> Held:
    """Everything, as it is now; that it was seen or taken is recorded. Raises NotFoundError."""
    now = runtime.clock.now()
    with runtime.database.begin() as transaction:
        customer = customers.find_present(transaction, customer_id)
        if customer is None:
            raise NotFoundError()
        held = personal_data.collect(transaction, customer.id, now=now)
        audit.append(
            transaction,
            at=now,
            actor=actor,
            action=action,
            subject=f"customer:{customer.id}",
        )
    return held


def own_picture_key(runtime: Runtime, customer_id: UUID, picture_id: UUID) -> str:
    """Raises NotFoundError for a picture that is not theirs, as for one that is not there."""
    with runtime.database.look() as transaction:
        key = personal_data.picture_key(transaction, customer_id, picture_id)
    if key is None:
        raise NotFoundError()
    return key
