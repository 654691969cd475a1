"""What people ask about their data: taken down by staff, answered by the officer."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, status

from services.api import data_request_presenters as presenters
from services.api import data_request_schemas as schemas
from services.api.dependencies import Caller, Product, only
from vestibule.domain.data_rights import Channel, IdentityCheck, RequestState, Right
from vestibule.domain.permissions import Permission
from vestibule.workflows.answer_data_request import (
    add_note,
    close_request,
    extend_request,
    note_identity,
)
from vestibule.workflows.principal import Principal
from vestibule.workflows.runtime import Runtime
from vestibule.workflows.show_data_requests import RequestShown, show_request, show_requests
from vestibule.workflows.take_data_request import Asked, take_down_request

router = APIRouter(prefix="/data-requests", tags=["privacy"])
_HANDLE = only(Permission.HANDLE_REQUESTS)


@router.get("", dependencies=_HANDLE)
def list_data_requests(
    product: Product,
    caller: Caller,
    state: Literal["open", "closed"] = "open",
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> schemas.DataRequestPage:
    """Open ones by what is due first. It is recorded."""
    shown = show_requests(
        product, is_open=state == "open", offset=offset, limit=limit, caller=caller
    )
    return presenters.page(shown, offset=offset, limit=limit)


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    dependencies=only(Permission.HANDLE_REQUESTS, Permission.RECORD_CONSENT),
)
def take_data_request_down(
    body: schemas.NewDataRequest, product: Product, caller: Caller
) -> schemas.DataRequest:
    """Whoever may record a consent may take a request down; the officer answers it."""
    asked = Asked(
        right=Right(body.right),
        channel=Channel(body.channel),
        words=body.words,
        identity=IdentityCheck(body.identity) if body.identity else None,
        received_on=body.received_on,
    )
    made = take_down_request(
        product,
        asked,
        customer_id=body.customer_id,
        requester=body.requester,
        caller=caller,
    )
    return _shown(product, made.id, caller)


@router.get("/{request_id}", dependencies=_HANDLE)
def get_data_request(request_id: UUID, product: Product, caller: Caller) -> schemas.DataRequest:
    """With all that was said and done. It is recorded."""
    return _shown(product, request_id, caller)


@router.post("/{request_id}/identity", dependencies=_HANDLE)
def note_identity_of_requester(
    request_id: UUID, body: schemas.NewIdentityCheck, product: Product, caller: Caller
) -> schemas.DataRequest:
    """How it was made sure that who asks is the one whom it concerns."""
    how = IdentityCheck(body.identity)
    note_identity(product, request_id, how, words=body.words, caller=caller)
    return _shown(product, request_id, caller)


@router.post("/{request_id}/extension", dependencies=_HANDLE)
def extend_data_request(
    request_id: UUID, body: schemas.NewExtension, product: Product, caller: Caller
) -> schemas.DataRequest:
    """Two months more, once, within the first month; the person was told why."""
    extend_request(
        product, request_id, reason=body.reason, told_by=Channel(body.told_by), caller=caller
    )
    return _shown(product, request_id, caller)


@router.post("/{request_id}/notes", dependencies=_HANDLE)
def add_note_to_request(
    request_id: UUID, body: schemas.NewRequestNote, product: Product, caller: Caller
) -> schemas.DataRequest:
    """What was done meanwhile, or that a recipient of the data was told (article 19)."""
    add_note(product, request_id, words=body.words, is_telling=body.is_telling, caller=caller)
    return _shown(product, request_id, caller)


@router.post("/{request_id}/outcome", dependencies=_HANDLE)
def close_data_request(
    request_id: UUID, body: schemas.NewRequestOutcome, product: Product, caller: Caller
) -> schemas.DataRequest:
    """The answer, by a person. Granting an erasure erases before this returns."""
    outcome = RequestState(body.outcome.upper())
    close_request(product, request_id, outcome, words=body.words, caller=caller)
    return _shown(product, request_id, caller)


def _shown(product: Runtime, request_id: UUID, caller: Principal) -> schemas.DataRequest:
    shown: RequestShown = show_request(product, request_id, caller=caller)
    return presenters.whole(shown)
