"""Enrolling from a photo file, and how an enrolment came out."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response, status
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError, model_validator

from services.api import presenters, schemas
from services.api.dependencies import Caller, Here, Product, principal
from services.api.progress import WaitS, wait_until_ended
from services.api.routes.faces import consent_given
from services.api.uploads import read_upload
from vestibule.domain.errors import NotFoundError
from vestibule.records import photos, tables
from vestibule.workflows.request_enrolment import Who, request_enrolment_from_photo

router = APIRouter(prefix="/enrolments", tags=["enrolment"], dependencies=[Depends(principal)])


class EnrolmentFields(schemas.Request):
    """The text fields beside the photo. Consent fields may be left out if it is on record."""

    customer_id: UUID | None = None
    name: schemas.Name | None = None
    reference: schemas.Reference | None = None
    consent: schemas.ConsentGiven | None = None

    @model_validator(mode="before")
    @classmethod
    def _gather_consent(cls, fields: Any) -> Any:
        flat = dict(fields)
        names = {"consent_basis": "basis", "notice_shown": "notice_shown", "given_by": "given_by"}
        given = {inner: flat.pop(outer) for outer, inner in names.items() if outer in flat}
        if given:
            given["notice_shown"] = str(given.get("notice_shown", "")).lower() in (
                "true",
                "1",
                "on",
            )
            flat["consent"] = given
        return flat


ENROLMENT_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["photo"],
                    "properties": {
                        "photo": {"type": "string", "format": "binary"},
                        "customer_id": {"type": "string", "format": "uuid"},
                        "name": {"type": "string", "maxLength": 200},
                        "reference": {"type": "string", "maxLength": 200},
                        "consent_basis": {"type": "string", "enum": ["explicit-consent"]},
                        "notice_shown": {"type": "boolean"},
                        "given_by": {"type": "string", "maxLength": 200},
                    },
                }
            }
        },
    }
}


@router.post("", status_code=status.HTTP_202_ACCEPTED, openapi_extra=ENROLMENT_BODY)
async def enrol_from_photo(
    request: Request, response: Response, here: Here, caller: Caller
) -> schemas.Enrolment:
    """Enrol the one face a photo means. Send the same file again and nothing is doubled."""
    upload = await read_upload(request, limit_bytes=here.settings.max_upload_bytes)
    fields = _validated(upload.fields)
    enrolment, job = await run_in_threadpool(
        request_enrolment_from_photo,
        here.runtime,
        upload.content,
        Who(customer_id=fields.customer_id, name=fields.name, reference=fields.reference),
        consent_given(fields.consent),
        actor=caller.actor,
    )
    response.headers["Location"] = f"/v1/enrolments/{enrolment.id}"
    return presenters.enrolment(enrolment, job)


def _validated(fields: Mapping[str, str]) -> EnrolmentFields:
    try:
        return EnrolmentFields.model_validate(fields)
    except ValidationError as error:
        found = [{**item, "loc": ("body", *item["loc"])} for item in error.errors()]
        raise RequestValidationError(found) from error


@router.get("/{enrolment_id}")
async def get_enrolment(enrolment_id: UUID, here: Here, wait_s: WaitS = 0) -> schemas.Enrolment:
    """How it came out; waits for that up to ``wait_s`` seconds."""
    found = await run_in_threadpool(_find, here.runtime, enrolment_id)
    if wait_s and found[1].finished_at is None:
        await wait_until_ended(here, found[1].id, wait_s=wait_s)
        found = await run_in_threadpool(_find, here.runtime, enrolment_id)
    return presenters.enrolment(*found)


def _find(product: Product, enrolment_id: UUID) -> tuple[tables.Enrolment, tables.Job]:
    with product.database.look() as transaction:
        found = photos.find_enrolment(transaction, enrolment_id)
    if found is None:
        raise NotFoundError()
    return found
