"""Faces of a photo: look, answer, enrol."""

from uuid import UUID

from fastapi import APIRouter, Depends, Response, status

from services.api import enrolment_presenter, enrolment_schemas, presenters, schemas
from services.api.alert_presenters import with_alert
from services.api.dependencies import Caller, Product, only, principal
from services.api.images import JPEG_RESPONSE, NO_STORE, jpeg
from vestibule.domain.errors import NotFoundError
from vestibule.domain.faces import crop_around
from vestibule.domain.ids import FaceId
from vestibule.domain.permissions import Permission
from vestibule.records import alerts, customers, offers, photos, purchases
from vestibule.records.database import Transaction
from vestibule.workflows.answer_face import answer_face
from vestibule.workflows.hold_faces import open_region
from vestibule.workflows.record_consent import ConsentGiven
from vestibule.workflows.record_look import record_photo
from vestibule.workflows.request_enrolment import Who, request_enrolment_from_face
from vestibule.workflows.sign_in import Principal
from vestibule.workflows.tell_alikeness import tell_alikeness

router = APIRouter(prefix="/faces", tags=["faces"], dependencies=[Depends(principal)])


def consent_given(body: schemas.ConsentGiven | None, caller: Principal) -> ConsentGiven | None:
    """It holds where the caller is; sharing, which is agreed to apart, carries it further."""
    if body is None:
        return None
    return ConsentGiven(
        basis=body.basis,
        given_by=body.given_by,
        purposes=("recognition", *body.also),
        venue_id=caller.venue_id,
        language=body.language,
        notice_version=body.notice_version,
    )


def _at_its_venue(
    transaction: Transaction, face_id: UUID, caller: Principal, permission: Permission
) -> None:
    """Raises ForbiddenError where the face's photo was taken at a venue where they may not."""
    venue_id = photos.venue_of_face(transaction, face_id)
    if venue_id is not None:
        caller.require(permission, venue_id)


@router.get(
    "/{face_id}/crop",
    response_class=Response,
    responses=JPEG_RESPONSE,
    dependencies=only(Permission.IDENTIFY),
)
def get_face_crop(face_id: UUID, product: Product, caller: Caller) -> Response:
    """A recognised face, or an unknown one while it is held for enrolment."""
    with product.database.begin() as transaction:
        _at_its_venue(transaction, face_id, caller, Permission.IDENTIFY)
        face = photos.find_face(transaction, face_id)
        hold = photos.hold_of(transaction, face_id, now=product.clock.now())
    if face is None or face.answer == "not_them":
        raise NotFoundError()
    record_photo(product, face.photo_id, actor=caller.actor)
    if face.crop_key is None and hold is not None:
        region, held = open_region(product, FaceId(face_id))
        crop = crop_around(region, held.box_xyxy_px, widen=1.6)
        small = product.codec.resize_to_fit(crop, long_side_px=320)
        content = product.codec.encode_jpeg(small)
        return Response(content, media_type="image/jpeg", headers=NO_STORE)
    return jpeg(product.blobs, face.crop_key)


@router.post("/{face_id}/answer", dependencies=only(Permission.ANSWER_FACES))
def answer(face_id: UUID, body: schemas.Answer, product: Product, caller: Caller) -> schemas.Face:
    """*same_person* records tonight's visit, *not_them* hides the face, *leave* forgets it."""
    with product.database.look() as transaction:
        _at_its_venue(transaction, face_id, caller, Permission.ANSWER_FACES)
    answer_face(product, FaceId(face_id), body.answer, actor=caller.actor)
    with product.database.begin() as transaction:
        face = photos.find_face(transaction, face_id)
        if face is None:
            raise NotFoundError()
        seen = [face.customer_id] if face.customer_id else []
        overviews = customers.overviews_by_id(transaction, seen)
        now = product.clock.now()
        care = purchases.who_needs_care(transaction, seen, now=now)
        called = alerts.of_faces(transaction, [face.id]).get(face.id)
        venue_id = photos.venue_of_face(transaction, face.id)
        assert venue_id is not None
        here = offers.open_at_door(transaction, seen, venue_id=venue_id, now=now)
    shown = presenters.face(
        face,
        overviews,
        held_until=None,
        alikeness=tell_alikeness(product, face, venue_id=venue_id),
        care=care.get(face.customer_id) if face.customer_id else None,
        offers=here.get(face.customer_id, []) if face.customer_id else [],
    )
    return with_alert(shown, called, caller, venue_id=venue_id)


@router.post(
    "/{face_id}/enrolment",
    status_code=status.HTTP_202_ACCEPTED,
    dependencies=only(Permission.ENROL),
)
def enrol_held_face(
    face_id: UUID,
    body: enrolment_schemas.FaceEnrolment,
    response: Response,
    product: Product,
    caller: Caller,
) -> enrolment_schemas.Enrolment:
    """Enrol an unknown face while it is held, for an existing customer or a new one."""
    with product.database.look() as transaction:
        _at_its_venue(transaction, face_id, caller, Permission.ENROL)
    enrolment, job = request_enrolment_from_face(
        product,
        FaceId(face_id),
        Who(
            customer_id=body.customer_id,
            name=body.name,
            birth_date=body.birth_date,
            living_person_seen=body.living_person_seen,
            venue_id=caller.venue_id,
        ),
        consent_given(body.consent, caller),
        actor=caller.actor,
    )
    response.headers["Location"] = f"/v1/enrolments/{enrolment.id}"
    return enrolment_presenter.accepted(enrolment, job)
