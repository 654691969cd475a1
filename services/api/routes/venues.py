"""Venues of the chain."""

from uuid import UUID

from fastapi import APIRouter, Depends, status

from services.api import people_presenters as presenters
from services.api import people_schemas as schemas
from services.api.dependencies import KNOWN, Caller, Product, only, principal
from vestibule.domain.errors import NotFoundError
from vestibule.domain.permissions import Permission
from vestibule.records import venues
from vestibule.workflows.manage_venues import change_venue, open_venue

router = APIRouter(prefix="/venues", tags=["venues"], dependencies=[Depends(principal)])


@router.get("", dependencies=KNOWN)
def list_venues(product: Product) -> schemas.VenueList:
    """All of the chain, the first one first."""
    with product.database.look() as transaction:
        rows = venues.in_order(transaction)
        return schemas.VenueList(items=[presenters.venue(transaction, row) for row in rows])


@router.post("", status_code=status.HTTP_201_CREATED, dependencies=only(Permission.MANAGE_VENUES))
def add_venue(body: schemas.NewVenue, product: Product, caller: Caller) -> schemas.Venue:
    """Another club of the chain. It cannot be removed: visits will name it."""
    row = open_venue(product, **body.model_dump(), actor=caller.actor)
    return _shown(product, row.id)


@router.patch("/{venue_id}", dependencies=only(Permission.MANAGE_VENUES))
def correct_venue(
    venue_id: UUID, body: schemas.VenueChange, product: Product, caller: Caller
) -> schemas.Venue:
    """What is left out, or null, stays; a ``capacity`` of null is none."""
    given = body.model_dump(exclude_unset=True)
    changes = {name: v for name, v in given.items() if v is not None or name == "capacity"}
    change_venue(product, venue_id, changes, actor=caller.actor)
    return _shown(product, venue_id)


def _shown(product: Product, venue_id: UUID) -> schemas.Venue:
    with product.database.look() as transaction:
        row = venues.find(transaction, venue_id)
        if row is None:
            raise NotFoundError()
        return presenters.venue(transaction, row)
