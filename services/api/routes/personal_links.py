"""Links to a customer's own page, made and taken back by staff; and their data as a file."""

from uuid import UUID

from fastapi import APIRouter, Response, status

from services.api import personal_presenters as presenters
from services.api import personal_schemas as schemas
from services.api.dependencies import Caller, Product, only
from services.api.routes.personal import ZIP_RESPONSE, zipped
from vestibule.domain.data_rights import IdentityCheck
from vestibule.domain.errors import NotFoundError
from vestibule.domain.permissions import Permission
from vestibule.records import customers
from vestibule.workflows.personal_links import (
    links_of,
    make_personal_link,
    revoke_personal_link,
)
from vestibule.workflows.record_look import record_part
from vestibule.workflows.restrict_use import lift_restriction, restrict_use
from vestibule.workflows.see_faces import require_face_shown

router = APIRouter(prefix="/customers/{customer_id}", tags=["privacy"])
_MAKE = only(Permission.RECORD_CONSENT, Permission.HANDLE_REQUESTS)


@router.get("/personal-links", dependencies=_MAKE)
def list_personal_links(
    customer_id: UUID, product: Product, caller: Caller
) -> schemas.PersonalLinkList:
    found = links_of(product, customer_id)
    record_part(product, customer_id, actor=caller.actor, of="personal_links")
    now = product.clock.now()
    return schemas.PersonalLinkList(items=[presenters.link(one, now=now) for one in found])


@router.post("/personal-links", status_code=status.HTTP_201_CREATED, dependencies=_MAKE)
def make_a_personal_link(
    customer_id: UUID, body: schemas.NewPersonalLink, product: Product, caller: Caller
) -> schemas.PersonalLinkMade:
    """It is told this once, opens in one browser and for a week. One made before opens nothing."""
    made, token = make_personal_link(
        product, customer_id, IdentityCheck(body.identity), caller=caller
    )
    with product.database.look() as transaction:
        customer = customers.find(transaction, made.customer_id)
    shown = presenters.link(made, now=product.clock.now())
    return schemas.PersonalLinkMade(
        **shown.model_dump(), path=f"/me#{token}", language=customer.language if customer else None
    )


@router.delete(
    "/personal-links/{link_id}", status_code=status.HTTP_204_NO_CONTENT, dependencies=_MAKE
)
def take_personal_link_back(
    customer_id: UUID, link_id: UUID, product: Product, caller: Caller
) -> Response:
    """It opens nothing from the answer on, and whoever is there through it is out."""
    revoke_personal_link(product, customer_id, link_id, caller=caller)
    return Response(status_code=status.HTTP_204_NO_CONTENT)


@router.get(
    "/personal-data",
    response_class=Response,
    responses=ZIP_RESPONSE,
    dependencies=only(Permission.HANDLE_REQUESTS),
)
def export_personal_data(customer_id: UUID, product: Product, caller: Caller) -> Response:
    """For who asked by letter: the same file as on their own page. It is recorded."""
    with product.database.look() as transaction:
        customer = customers.find_present(transaction, customer_id)
        if customer is None:
            raise NotFoundError()
        require_face_shown(transaction, customer, caller, Permission.HANDLE_REQUESTS)
    return zipped(product, customer_id, actor=caller.actor)


@router.post("/restriction", dependencies=only(Permission.HANDLE_REQUESTS))
def restrict_use_of_data(customer_id: UUID, product: Product, caller: Caller) -> schemas.DataUse:
    """From the answer on no photo finds them, they are in no segment, and nothing is added."""
    return presenters.data_use(restrict_use(product, customer_id, actor=caller.actor))


@router.post("/restriction/lifting", dependencies=only(Permission.HANDLE_REQUESTS))
def lift_restriction_of_use(
    customer_id: UUID, _body: schemas.RestrictionLifting, product: Product, caller: Caller
) -> schemas.DataUse:
    """Used again as consents allow."""
    return presenters.data_use(lift_restriction(product, customer_id, actor=caller.actor))
