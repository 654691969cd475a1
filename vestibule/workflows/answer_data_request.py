"""A request about data is worked on: identity, more time, the answer; and what the answer does."""

from uuid import UUID

from vestibule.domain.data_rights import (
    Channel,
    IdentityCheck,
    RequestState,
    Right,
    extended_due_on,
)
from vestibule.domain.errors import (
    ConflictError,
    IdentityUncheckedError,
    NotFoundError,
    PersonNeededError,
)
from vestibule.domain.ids import CustomerId
from vestibule.records import customers, data_requests
from vestibule.records.database import Transaction
from vestibule.records.rights_tables import DataRequest
from vestibule.records.tables import Venue
from vestibule.workflows.check_age import today_at
from vestibule.workflows.erase_customer import erase_customer
from vestibule.workflows.object_to_use import set_objections
from vestibule.workflows.principal import Principal
from vestibule.workflows.restrict_use import restrict_use
from vestibule.workflows.runtime import Runtime
from vestibule.workflows.take_data_request import add_step, append_entry

_STEPS = {
    RequestState.ANSWERED: "answered",
    RequestState.REFUSED: "refused",
    RequestState.TAKEN_BACK: "taken_back",
}


def note_identity(
    runtime: Runtime, request_id: UUID, how: IdentityCheck, *, words: str, caller: Principal
) -> DataRequest:
    """How it was made sure who asks. Raises NotFoundError, ConflictError once it is closed."""
    with runtime.database.begin() as transaction:
        found = _open(transaction, request_id)
        found.identity = how.value
        _step(runtime, transaction, found, "identified", words, caller, how=how.value)
        append_entry(
            runtime, transaction, found, "identify", actor=caller.actor, identity=how.value
        )
    return found


def extend_request(
    runtime: Runtime, request_id: UUID, *, reason: str, told_by: Channel, caller: Principal
) -> DataRequest:
    """Two months more, once, while the first one lasts: the person was told, and why.

    Raises NotFoundError, ConflictError.
    """
    with runtime.database.begin() as transaction:
        found = _open(transaction, request_id)
        if found.extended_at is not None:
            raise ConflictError("More time was taken already: it is given once.")
        if found.due_on < today_at(runtime, transaction.get_one(Venue, caller.venue_id)):
            raise ConflictError("The month is over: more time must be told within it.")
        found.extended_at = runtime.clock.now()
        found.due_on = extended_due_on(found.received_on)
        _step(runtime, transaction, found, "extended", reason, caller, told_by=told_by.value)
        append_entry(runtime, transaction, found, "extend", actor=caller.actor)
    return found


def add_note(
    runtime: Runtime, request_id: UUID, *, words: str, is_telling: bool, caller: Principal
) -> DataRequest:
    """What was done meanwhile; or that somebody who was sent the data was told (article 19)."""
    action = "told" if is_telling else "noted"
    with runtime.database.begin() as transaction:
        found = data_requests.find_for_change(transaction, request_id)
        if found is None:
            raise NotFoundError()
        _step(runtime, transaction, found, action, words, caller)
        append_entry(runtime, transaction, found, "note", actor=caller.actor, step=action)
    return found


def close_request(
    runtime: Runtime, request_id: UUID, outcome: RequestState, *, words: str, caller: Principal
) -> DataRequest:
    """The answer, by a person. Granting an erasure erases, and closes once that is done.

    A refusal says why, and that one may complain (article 12(4)). Raises NotFoundError,
    PersonNeededError, ConflictError once it is closed, IdentityUncheckedError.
    """
    if caller.account_id is None:
        raise PersonNeededError()
    with runtime.database.begin() as transaction:
        asked = _open(transaction, request_id)
        is_granted = outcome is RequestState.ANSWERED
        if is_granted and asked.identity is None and asked.customer_id is not None:
            raise IdentityUncheckedError()
        right, customer_id = Right(asked.right), asked.customer_id
    kept = {}
    if is_granted and right is Right.ERASURE and customer_id is not None:
        kept = _erase(runtime, customer_id, caller)
        words = ""  # nothing that was said of somebody who is erased stays
    if is_granted and right is Right.RESTRICTION and customer_id is not None:
        restrict_use(runtime, customer_id, actor=caller.actor)
    if is_granted and right is Right.OBJECTION and customer_id is not None:
        set_objections(runtime, customer_id, to_statistics=True, to_offers=True, actor=caller.actor)
    with runtime.database.begin() as transaction:
        found = _open(transaction, request_id)
        found.state, found.closed_at = outcome.value, runtime.clock.now()
        _step(runtime, transaction, found, _STEPS[outcome], words, caller, **kept)
        append_entry(
            runtime, transaction, found, "close", actor=caller.actor, outcome=outcome.value.lower()
        )
    return found


def _erase(runtime: Runtime, customer_id: UUID, caller: Principal) -> dict[str, str]:
    """What the step says besides: until when a legal hold keeps what its claim needs."""
    with runtime.database.begin() as transaction:
        present = customers.find_in_any_state(transaction, customer_id) is not None
    if not present:
        return {}
    erased = erase_customer(runtime, CustomerId(customer_id), actor=caller.actor)
    return {"held_until": erased.held_until.isoformat()} if erased.held_until else {}


def _open(transaction: Transaction, request_id: UUID) -> DataRequest:
    found = data_requests.find_for_change(transaction, request_id)
    if found is None:
        raise NotFoundError()
    if found.state != RequestState.OPEN.value:
        raise ConflictError("This request is closed.", state=found.state.lower())
    return found


def _step(
    runtime: Runtime,
    transaction: Transaction,
    of: DataRequest,
    action: str,
    words: str,
    caller: Principal,
    **details: str,
) -> None:
    add_step(
        runtime,
        transaction,
        of,
        action,
        words=words,
        details=details or None,
        by=caller.actor,
        by_id=caller.account_id,
    )
