"""Enrolling from a photo file, and how an enrolment came out."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response, status
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError, model_validator

from services.api import enrolment_presenter, enrolment_schemas, schemas
from services.api.dependencies import Caller, Here, Product, needs, only, principal
from services.api.images import JPEG_RESPONSE, NO_STORE
from services.api.progress import WaitS, wait_until_ended
from services.api.routes.faces import consent_given
from services.api.uploads import read_upload
from vestibule.domain.errors import NotFoundError
from vestibule.domain.permissions import Permission
from vestibule.domain.quality import Fault
from vestibule.records import customers, photos, tables
from vestibule.workflows.enrolment_source import held_pixels
from vestibule.workflows.override_enrolment import override_enrolment, pick_face
from vestibule.workflows.record_look import record_look
from vestibule.workflows.request_enrolment import Who, request_enrolment_from_photo
from vestibule.workflows.see_faces import require_face_shown
from vestibule.workflows.sign_in import Principal

PICTURE_LONG_SIDE_PX = 640

router = APIRouter(prefix="/enrolments", tags=["enrolment"], dependencies=[Depends(principal)])


class EnrolmentFields(schemas.Request):
    """The text fields beside the photo. Consent fields may be left out if it is on record."""

    customer_id: UUID | None = None
    name: schemas.Name | None = None
    reference: schemas.Reference | None = None
    birth_date: date | None = None
    consent: schemas.ConsentGiven | None = None
    living_person_seen: bool = False

    @model_validator(mode="before")
    @classmethod
    def _gather_consent(cls, fields: Any) -> Any:
        flat = dict(fields)
        names = {
            "consent_basis": "basis",
            "notice_shown": "notice_shown",
            "given_by": "given_by",
            "also": "also",
            "consent_language": "language",
            "notice_version": "notice_version",
        }
        given = {inner: flat.pop(outer) for outer, inner in names.items() if outer in flat}
        if given:
            given["notice_shown"] = str(given.get("notice_shown", "")).lower() in (
                "true",
                "1",
                "on",
            )
            given["also"] = str(given.get("also", "")).split()
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
                        "birth_date": {"type": "string", "format": "date"},
                        "consent_basis": {"type": "string", "enum": ["explicit-consent"]},
                        "notice_shown": {"type": "boolean"},
                        "given_by": {"type": "string", "maxLength": 200},
                        "also": {
                            "type": "string",
                            "description": "offers, statistics, sharing: those agreed to as well, "
                            "with spaces between.",
                        },
                        "consent_language": {"type": "string", "enum": ["en", "fr"]},
                        "notice_version": {"type": "string", "maxLength": 40},
                        "living_person_seen": {"type": "boolean"},
                    },
                }
            }
        },
    }
}


@router.post(
    "",
    status_code=status.HTTP_202_ACCEPTED,
    openapi_extra=ENROLMENT_BODY,
    dependencies=only(Permission.ENROL),
)
async def enrol_from_photo(
    request: Request, response: Response, here: Here, caller: Caller
) -> enrolment_schemas.Enrolment:
    """Enrol the one face a photo means. Send the same file again and nothing is doubled."""
    upload = await read_upload(request, limit_bytes=here.settings.max_upload_bytes)
    fields = _validated(upload.fields)
    enrolment, job = await run_in_threadpool(
        request_enrolment_from_photo,
        here.runtime,
        upload.content,
        Who(
            customer_id=fields.customer_id,
            name=fields.name,
            reference=fields.reference,
            birth_date=fields.birth_date,
            living_person_seen=fields.living_person_seen,
            venue_id=caller.venue_id,
        ),
        consent_given(fields.consent, caller),
        actor=caller.actor,
    )
    response.headers["Location"] = f"/v1/enrolments/{enrolment.id}"
    return enrolment_presenter.accepted(enrolment, job)


def _validated(fields: Mapping[str, str]) -> EnrolmentFields:
    try:
        return EnrolmentFields.model_validate(fields)
    except ValidationError as error:
        found = [{**item, "loc": ("body", *item["loc"])} for item in error.errors()]
        raise RequestValidationError(found) from error


@router.get("/{enrolment_id}", dependencies=only(Permission.ENROL))
async def get_enrolment(
    enrolment_id: UUID, here: Here, caller: Caller, wait_s: WaitS = 0
) -> enrolment_schemas.Enrolment:
    """How it came out, with all that was found; waits for that up to ``wait_s`` seconds."""
    job = await run_in_threadpool(_find_job, here.runtime, enrolment_id)
    if wait_s and job.finished_at is None:
        await wait_until_ended(here, job.id, wait_s=wait_s)
    return await run_in_threadpool(_shown, here.runtime, enrolment_id, caller)


def _find_job(product: Product, enrolment_id: UUID) -> tables.Job:
    with product.database.look() as transaction:
        found = photos.find_enrolment(transaction, enrolment_id)
    if found is None:
        raise NotFoundError()
    return found[1]


def _shown(product: Product, enrolment_id: UUID, caller: Principal) -> enrolment_schemas.Enrolment:
    with product.database.begin() as transaction:
        found = photos.find_enrolment(transaction, enrolment_id)
        if found is None:
            raise NotFoundError()
        return enrolment_presenter.shown(product, transaction, *found, to=caller)


@router.get(
    "/{enrolment_id}/picture",
    response_class=Response,
    responses=JPEG_RESPONSE,
    dependencies=only(Permission.ENROL),
)
def get_enrolment_picture(enrolment_id: UUID, product: Product, caller: Caller) -> Response:
    """What is held of a rejected photo, to show what is wrong; gone when the hold ends."""
    with product.database.begin() as transaction:
        found = photos.find_enrolment(transaction, enrolment_id)
        if found is None or found[0].outcome != "rejected":
            raise NotFoundError()
        customer = customers.find_present(transaction, found[0].customer_id)
        if customer is None:
            raise NotFoundError()
        require_face_shown(transaction, customer, caller, Permission.ENROL)
    record_look(
        product,
        actor=caller.actor,
        action="enrolment.view",
        subject=f"enrolment:{enrolment_id}",
        customers=[found[0].customer_id],
    )
    image = held_pixels(product, found[0])
    small = product.codec.resize_to_fit(image, long_side_px=PICTURE_LONG_SIDE_PX)
    content = product.codec.encode_jpeg(small)
    return Response(content, media_type="image/jpeg", headers=NO_STORE)


@router.post("/{enrolment_id}/override", status_code=status.HTTP_202_ACCEPTED)
def override(
    enrolment_id: UUID,
    body: enrolment_schemas.EnrolmentOverride,
    product: Product,
    caller: Annotated[Principal, Depends(needs(Permission.OVERRIDE_ENROLMENT))],
) -> enrolment_schemas.Enrolment:
    """Accept a rejected photo with a written reason, while it is held. It is judged again."""
    codes = [Fault(code) for code in body.codes]
    taken_up = override_enrolment(product, enrolment_id, codes, body.reason, actor=caller.actor)
    return enrolment_presenter.accepted(*taken_up)


@router.post(
    "/{enrolment_id}/face",
    status_code=status.HTTP_202_ACCEPTED,
    dependencies=only(Permission.ENROL),
)
def pick(
    enrolment_id: UUID, body: enrolment_schemas.FacePick, product: Product, caller: Caller
) -> enrolment_schemas.Enrolment:
    """Say which of two faces is meant, while they are held."""
    taken_up = pick_face(product, enrolment_id, body.face - 1, actor=caller.actor)
    return enrolment_presenter.accepted(*taken_up)
