"""What guests agree to or withdraw from by their own hand, and what shows it."""

import base64
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response, status
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from services.api import consent_schemas as schemas
from services.api import presenters
from services.api.dependencies import Here, Product, needs, only
from services.api.images import NO_STORE
from services.api.uploads import read_upload
from vestibule.domain.errors import InvalidInputError, NotFoundError
from vestibule.domain.jurisdiction import Basis
from vestibule.domain.permissions import Permission
from vestibule.records import customers
from vestibule.workflows.ask_by_phone import make_consent_link, state_of_link
from vestibule.workflows.keep_consent_proof import (
    Shown,
    agree_with_proof,
    open_proof,
    withdraw_with_proof,
)
from vestibule.workflows.record_consent import ConsentGiven
from vestibule.workflows.runtime import Runtime
from vestibule.workflows.see_faces import require_face_shown
from vestibule.workflows.sign_in import Principal

router = APIRouter(prefix="/customers/{customer_id}", tags=["consent"])

Recorder = Annotated[Principal, Depends(needs(Permission.RECORD_CONSENT))]
ProofReader = Annotated[
    Principal, Depends(needs(Permission.RECORD_CONSENT, Permission.MANAGE_PRIVACY))
]
_UNTRUSTED = {
    **NO_STORE,
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
}
PAPER_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["photo", "purposes", "language"],
                    "properties": {
                        "photo": {"type": "string", "format": "binary"},
                        "asks": {"type": "string", "enum": ["give", "withdraw"]},
                        "purposes": {
                            "type": "string",
                            "description": "With spaces between: those that are ticked.",
                        },
                        "language": {"type": "string", "enum": ["en", "fr"]},
                        "notice_version": {"type": "string", "maxLength": 40},
                    },
                }
            }
        },
    }
}
PROOF_RESPONSE: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            kind: {"schema": {"type": "string", "format": "binary"}}
            for kind in ("image/jpeg", "application/pdf", "text/plain")
        },
        "description": "The signature, the scan, or the typed name.",
    }
}


@router.post("/agreements", status_code=status.HTTP_201_CREATED)
def sign_on_tablet(
    customer_id: UUID, body: schemas.Agreement, product: Product, caller: Recorder
) -> schemas.AgreementResult:
    """Agree to purposes or withdraw from them with a drawn signature, or a typed name.

    A withdrawal counts whatever becomes of the signature: ``proof_refused`` says why one was not
    kept. An agreement with such a signature is refused.
    """
    shown = Shown(
        method="tablet",
        language=body.language,
        file=_drawing(body),
        typed_name=body.typed_name,
    )
    return _answered(product, customer_id, body, shown, caller)


@router.post("/agreements/paper", status_code=status.HTTP_201_CREATED, openapi_extra=PAPER_BODY)
async def scan_paper(
    customer_id: UUID, request: Request, here: Here, caller: Recorder
) -> schemas.AgreementResult:
    """The signed paper as a picture or a PDF, encrypted where it is stored."""
    upload = await read_upload(request, limit_bytes=here.settings.max_upload_bytes)
    try:
        body = schemas.Agreement.model_validate(
            {**upload.fields, "purposes": upload.fields.get("purposes", "").split()}
        )
    except ValidationError as error:
        raise RequestValidationError(
            [{**item, "loc": ("body", *item["loc"])} for item in error.errors()]
        ) from error
    shown = Shown(method="paper", language=body.language, file=upload.content)
    return await run_in_threadpool(
        _answered, here.runtime.at_serving(), customer_id, body, shown, caller
    )


@router.get("/agreements/{proof_id}/file", response_class=Response, responses=PROOF_RESPONSE)
def get_proof(customer_id: UUID, proof_id: UUID, product: Product, caller: ProofReader) -> Response:
    """What shows a consent or a withdrawal. Looking at it is recorded.

    Whoever manages privacy answers for every proof; what a legal hold keeps of somebody erased
    opens for them alone.
    """
    if not caller.may(Permission.MANAGE_PRIVACY):
        with product.database.look() as transaction:
            customer = customers.find_present(transaction, customer_id)
            if customer is None:
                raise NotFoundError()
            require_face_shown(transaction, customer, caller, Permission.RECORD_CONSENT)
    opened = open_proof(product, customer_id, proof_id, actor=caller.actor)
    return Response(opened.content, media_type=opened.media_type, headers=_UNTRUSTED)


@router.post("/consent-links", status_code=status.HTTP_201_CREATED)
def ask_on_their_phone(
    customer_id: UUID, body: schemas.ConsentLinkAsked, product: Product, caller: Recorder
) -> schemas.ConsentLinkMade:
    """A link that works for a quarter of an hour and is answered once."""
    made = make_consent_link(product, customer_id, asks=body.asks, by=caller)
    return schemas.ConsentLinkMade(
        id=made.id, path=f"/agree/{made.token}", expires_at=made.expires_at
    )


@router.get("/consent-links/{link_id}", dependencies=only(Permission.RECORD_CONSENT))
def see_whether_answered(
    customer_id: UUID, link_id: schemas.LinkId, product: Product
) -> schemas.ConsentLinkState:
    """Whether the guest has answered on their phone, for who waits beside them."""
    state = state_of_link(product, customer_id, link_id)
    return schemas.ConsentLinkState.model_validate({"state": state})


def _answered(
    product: Runtime,
    customer_id: UUID,
    body: schemas.Agreement,
    shown: Shown,
    caller: Principal,
) -> schemas.AgreementResult:
    if body.asks == "withdraw":
        done = withdraw_with_proof(product, customer_id, body.purposes, shown, actor=caller.actor)
        rows, refused = done.consents, done.proof_refused
    else:
        given = ConsentGiven(
            basis=Basis.EXPLICIT_CONSENT.value,
            given_by=_given_by(shown),
            purposes=tuple(body.purposes),
            venue_id=caller.venue_id,
            notice_version=body.notice_version,
        )
        rows, refused = (
            agree_with_proof(product, customer_id, given, shown, actor=caller.actor),
            None,
        )
    now = product.clock.now()
    return schemas.AgreementResult(
        consents=[presenters.consent(row, now=now) for row in rows], proof_refused=refused
    )


def _given_by(shown: Shown) -> str:
    if shown.method == "paper":
        return "on paper"
    return "the customer in person" if shown.file else "the customer in person, by typed name"


def _drawing(body: schemas.Agreement) -> bytes:
    """Raises InvalidInputError. A withdrawal goes on with what is no picture, and tells it."""
    try:
        return base64.b64decode(body.signature.rpartition(",")[2], validate=True)
    except ValueError as error:
        if body.asks == "withdraw":
            return body.signature.encode()
        raise InvalidInputError("The signature is no picture.", fields=["signature"]) from error
