"""Customers: list, search, open, correct, erase; their consents and templates."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response, status

from services.api import cursors, presenters, schemas
from services.api.dependencies import Caller, Product, only, principal
from services.api.images import JPEG_RESPONSE, jpeg_of
from services.api.routes.faces import consent_given
from vestibule.domain.errors import NotFoundError
from vestibule.domain.ids import CustomerId
from vestibule.domain.permissions import Permission
from vestibule.records import audit, customers, gallery, visits
from vestibule.records.customer_search import search
from vestibule.records.tables import Venue
from vestibule.workflows import erase_customer as erasing
from vestibule.workflows.check_age import today_at
from vestibule.workflows.record_consent import record_consent, withdraw_consent
from vestibule.workflows.record_look import record_look, record_picture
from vestibule.workflows.register_customer import (
    NewCustomer,
    correct_customer,
    register_customer,
)
from vestibule.workflows.sealed_faces import load_crop
from vestibule.workflows.see_faces import require_face_shown

router = APIRouter(prefix="/customers", tags=["customers"], dependencies=[Depends(principal)])


@router.get("", dependencies=only(Permission.VIEW_CUSTOMERS))
def list_customers(
    product: Product,
    caller: Caller,
    query: Annotated[
        str,
        Query(max_length=200, description="Words of a name, loyalty number, e-mail or phone."),
    ] = "",
    tag: Annotated[str | None, Query(max_length=40, description="Only with this tag.")] = None,
    cursor: Annotated[str | None, Query(max_length=1_200)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> schemas.CustomerPage:
    """The best matches first, everybody by name. Follow ``next_cursor`` until it is null.

    Case and accents do not matter; where few match, who is written ``alike`` is told too. Who was
    shown is recorded.
    """
    after = cursors.read_rank(cursor) if cursor else None
    with product.database.begin() as transaction:
        page = search(transaction, query, limit=limit, tag=tag, after=after)
    if page.items:
        record_look(
            product,
            actor=caller.actor,
            action="customer.search",
            subject="customers",
            customers=[item.customer.id for item in page.items],
        )
    space_id = product.engine.space.id
    return schemas.CustomerPage(
        items=[presenters.customer_summary(item, space_id=space_id) for item in page.items],
        alike=[presenters.customer_summary(item, space_id=space_id) for item in page.alike],
        total=page.total,
        next_cursor=cursors.write(*page.next_after) if page.next_after else None,
    )


@router.post("", status_code=status.HTTP_201_CREATED, dependencies=only(Permission.EDIT_CUSTOMERS))
def create_customer(
    body: schemas.NewCustomer, product: Product, caller: Caller
) -> schemas.Customer:
    """A customer without a face: nobody has to be recognised to be a guest."""
    given = body.model_dump()
    given["venue_id"] = given.pop("home_venue_id") or caller.venue_id
    given["tags"] = tuple(given["tags"] or ())
    customer = register_customer(product, NewCustomer(**given), actor=caller.actor)
    return _whole(product, customer.id)


@router.get("/{customer_id}", dependencies=only(Permission.VIEW_CUSTOMERS))
def get_customer(customer_id: UUID, product: Product, caller: Caller) -> schemas.Customer:
    """The whole file, of a merged one the file that it became. Looking at it is recorded."""
    shown = _whole(product, customer_id)
    with product.database.begin() as transaction:
        audit.append(
            transaction,
            at=product.clock.now(),
            actor=caller.actor,
            action="customer.view",
            subject=f"customer:{shown.id}",
        )
    return shown


def _whole(product: Product, customer_id: UUID) -> schemas.Customer:
    with product.database.begin() as transaction:
        found = customers.overviews_by_id(transaction, [customer_id]).get(customer_id)
        if found is None:
            raise NotFoundError()
        whose = found.customer
        home = transaction.get_one(Venue, whose.venue_id)
        return presenters.customer(
            found,
            space_id=product.engine.space.id,
            visits=visits.visits_of(transaction, whose.id),
            templates=gallery.templates_of(transaction, whose.id),
            consents=customers.consents_of(transaction, whose.id),
            home=home,
            today=today_at(product, home),
            now=product.clock.now(),
        )


@router.patch("/{customer_id}", dependencies=only(Permission.EDIT_CUSTOMERS))
def change_customer(
    customer_id: UUID, body: schemas.CustomerChange, product: Product, caller: Caller
) -> schemas.Customer:
    changes = body.model_dump(exclude_unset=True)
    for name in ("name", "notes", "home_venue_id"):
        if changes.get(name, "") is None:
            del changes[name]
    if "home_venue_id" in changes:
        changes["venue_id"] = changes.pop("home_venue_id")
    correct_customer(product, customer_id, changes, actor=caller.actor)
    return _whole(product, customer_id)


@router.delete("/{customer_id}", dependencies=only(Permission.ERASE_CUSTOMERS))
def erase_customer(customer_id: UUID, product: Product, caller: Caller) -> schemas.Erasure:
    """Remove rows, vectors and images; answers only when nobody can find the person any more."""
    erasure = erasing.erase_customer(product, CustomerId(customer_id), actor=caller.actor)
    return schemas.Erasure.model_validate(erasure, from_attributes=True)


@router.get(
    "/{customer_id}/portrait",
    response_class=Response,
    responses=JPEG_RESPONSE,
    dependencies=only(Permission.VIEW_CUSTOMERS, Permission.IDENTIFY),
)
def get_portrait(customer_id: UUID, product: Product, caller: Caller) -> Response:
    """The crop of the newest template, of those that are searched if there are any."""
    with product.database.begin() as transaction:
        found = customers.find_present(transaction, customer_id)
        if found is None:
            raise NotFoundError()
        shown_to = (Permission.VIEW_CUSTOMERS, Permission.IDENTIFY)
        require_face_shown(transaction, found, caller, *shown_to)
        templates = gallery.templates_of(transaction, found.id)
    record_picture(product, found.id, actor=caller.actor, of="portrait")
    in_use = [t for t in templates if t.status == "ACTIVE"]
    here = [t for t in in_use if t.space_id == product.engine.space.id]
    shown = here or in_use or templates
    if not shown:
        raise NotFoundError()
    return jpeg_of(lambda: load_crop(product, shown[0].crop_key))


@router.post(
    "/{customer_id}/consents",
    status_code=status.HTTP_201_CREATED,
    dependencies=only(Permission.RECORD_CONSENT),
)
def give_consent(
    customer_id: UUID, body: schemas.ConsentGiven, product: Product, caller: Caller
) -> schemas.Consent:
    """It ends when the notice says so. Other purposes are agreed to apart, with ``also``."""
    given = consent_given(body, caller)
    assert given is not None
    consent = record_consent(product, customer_id, given, actor=caller.actor)
    return presenters.consent(consent, now=product.clock.now())


@router.post(
    "/{customer_id}/consents/{consent_id}/withdrawal", dependencies=only(Permission.RECORD_CONSENT)
)
def take_consent_back(
    customer_id: UUID, consent_id: UUID, product: Product, caller: Caller
) -> schemas.Consent:
    """From the answer on, no photo finds this customer."""
    consent = withdraw_consent(product, customer_id, consent_id, actor=caller.actor)
    return presenters.consent(consent, now=product.clock.now())
