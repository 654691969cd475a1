"""A customer's own page: only what is theirs, by the link that staff made for them.

No role and no key opens these routes, and what opens them opens nothing else.
"""

from functools import partial
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response, status

from services.api import personal_presenters as presenters
from services.api import personal_schemas as schemas
from services.api.dependencies import AtOwnPage, Product, Token
from services.api.images import JPEG_RESPONSE, jpeg_of
from services.api.personal_archive import archive_of
from vestibule.domain.data_rights import Channel, IdentityCheck, Right
from vestibule.workflows.appeal_entry import appeal_oneself
from vestibule.workflows.object_to_use import set_objections
from vestibule.workflows.personal_links import (
    Guest,
    leave_personal_page,
    open_personal_link,
)
from vestibule.workflows.record_consent import withdraw_consent
from vestibule.workflows.record_look import record_part
from vestibule.workflows.register_customer import correct_customer
from vestibule.workflows.runtime import Runtime
from vestibule.workflows.sealed_faces import load_crop
from vestibule.workflows.see_personal_data import own_picture_key, see_personal_data
from vestibule.workflows.take_data_request import GUEST, Asked, ask_oneself

router = APIRouter(prefix="/me", tags=["one's own page"])
ZIP_RESPONSE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/zip": {}}, "description": "A ZIP: data.json by its schema.json."}
}


@router.post("/session", status_code=status.HTTP_201_CREATED)
def open_own_page(body: schemas.PersonalLinkToken, product: Product) -> schemas.PersonalSession:
    """Exchange the link's token for a short session. The first browser to do so keeps the link."""
    opened = open_personal_link(
        product, body.token, browser_token=body.browser_token, source=body.source
    )
    return schemas.PersonalSession.model_validate(opened, from_attributes=True)


@router.delete("/session", status_code=status.HTTP_204_NO_CONTENT)
def leave_own_page(guest: AtOwnPage, token: Token, product: Product) -> Response:
    leave_personal_page(product, token, guest)
    return Response(status_code=status.HTTP_204_NO_CONTENT)


@router.get("")
def see_own_data(guest: AtOwnPage, product: Product) -> schemas.PersonalData:
    """All that is held, in the open. It is recorded."""
    return _data(product, guest)


@router.get("/export", response_class=Response, responses=ZIP_RESPONSE)
def take_own_data_along(guest: AtOwnPage, product: Product) -> Response:
    """The same with the pictures and a page to read, in their language. It is recorded."""
    return zipped(product, guest.customer_id, actor=GUEST)


@router.get("/pictures/{picture_id}", response_class=Response, responses=JPEG_RESPONSE)
def get_own_picture(picture_id: UUID, guest: AtOwnPage, product: Product) -> Response:
    """Of one of their own faces."""
    key = own_picture_key(product, guest.customer_id, picture_id)
    record_part(product, guest.customer_id, actor=GUEST, of="picture")
    return jpeg_of(lambda: load_crop(product, key))


@router.patch("/contact")
def change_own_contact(
    body: schemas.ContactChange, guest: AtOwnPage, product: Product
) -> schemas.PersonalData:
    """Phone, e-mail and language hold at once: they decide over nothing."""
    changes = body.model_dump(exclude_unset=True)
    correct_customer(product, guest.customer_id, changes, actor=GUEST)
    return _data(product, guest)


@router.post("/consents/{consent_id}/withdrawal")
def withdraw_own_consent(
    consent_id: UUID, guest: AtOwnPage, product: Product
) -> schemas.PersonalData:
    """From the answer on, no photo finds them by it."""
    withdraw_consent(product, guest.customer_id, consent_id, actor=GUEST)
    return _data(product, guest)


@router.post("/objections")
def object_oneself(
    body: schemas.OwnObjections, guest: AtOwnPage, product: Product
) -> schemas.PersonalData:
    """To statistics, to offers, or to neither any more. It holds at once."""
    set_objections(
        product,
        guest.customer_id,
        to_statistics=body.to_statistics,
        to_offers=body.to_offers,
        actor=GUEST,
    )
    return _data(product, guest)


@router.post("/appeals", status_code=status.HTTP_201_CREATED)
def appeal_by_oneself(
    body: schemas.OwnAppeal, guest: AtOwnPage, product: Product
) -> schemas.PersonalData:
    """Against every entry that keeps them out and has no open appeal."""
    appeal_oneself(product, guest.customer_id, statement=body.statement, actor=GUEST)
    return _data(product, guest)


@router.post("/requests", status_code=status.HTTP_201_CREATED)
def ask_by_oneself(
    body: schemas.OwnRequest, guest: AtOwnPage, product: Product
) -> schemas.PersonalData:
    """What the officer answers within a month. 409 while one of the kind is open."""
    wishes = {"name": body.name, "birth_date": body.birth_date and body.birth_date.isoformat()}
    asked = Asked(
        right=Right(body.right),
        channel=Channel.PAGE,
        words=body.words,
        wishes={field: value for field, value in wishes.items() if value},
        identity=IdentityCheck.PERSONAL_LINK,
    )
    ask_oneself(product, guest.customer_id, asked)
    return _data(product, guest)


def zipped(product: Runtime, customer_id: UUID, *, actor: str) -> Response:
    held = see_personal_data(product, customer_id, actor=actor, action="customer.take_along")
    data = presenters.personal_data(held, now=product.clock.now())
    name = f"vestibule-{product.clock.now():%Y-%m-%d}.zip"
    return Response(
        archive_of(data, held, read=partial(load_crop, product)),
        media_type="application/zip",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "private, no-store",
        },
    )


def _data(product: Runtime, guest: Guest) -> schemas.PersonalData:
    held = see_personal_data(product, guest.customer_id, actor=GUEST, action="customer.see_own")
    return presenters.personal_data(held, now=product.clock.now())
