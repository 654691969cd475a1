"""Visits: entering and leaving, by hand and by tickets; who is here tonight."""

from datetime import datetime
from typing import Annotated, Any, cast
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response, status

from services.api import cursors, visit_schemas
from services.api.dependencies import Caller, Product, only, principal
from vestibule.domain.errors import InvalidInputError, NotFoundError
from vestibule.domain.night import night_of
from vestibule.domain.permissions import Permission
from vestibule.records import gallery, venues, visits
from vestibule.records.database import Transaction
from vestibule.records.tables import Customer, Venue
from vestibule.records.visit_tables import Visit
from vestibule.workflows import record_visit as recording
from vestibule.workflows.record_look import record_night
from vestibule.workflows.runtime import Runtime
from vestibule.workflows.sign_in import Principal

router = APIRouter(tags=["visits"], dependencies=[Depends(principal)])
VenueQuery = Annotated[
    UUID | None, Query(description="Where the caller is, unless another is named.")
]


@router.post(
    "/visits",
    status_code=status.HTTP_201_CREATED,
    responses={200: {"model": visit_schemas.VisitOnRecord, "description": "It was on record."}},
    dependencies=only(Permission.RECORD_VISITS),
)
def enter(
    body: visit_schemas.NewVisit, response: Response, product: Product, caller: Caller
) -> visit_schemas.VisitOnRecord:
    """A guest came in. Told again in the same night it is the same visit."""
    venue_id = body.venue_id or caller.venue_id
    caller.require(Permission.RECORD_VISITS, venue_id)
    entry = recording.Entry(
        venue_id=venue_id,
        source=body.source,
        customer_id=body.customer_id,
        reference=body.reference,
        entered_at=body.entered_at,
    )
    recorded = recording.record_visit(product, entry, actor=caller.actor)
    if not recorded.is_new:
        response.status_code = status.HTTP_200_OK
    return _one(product, recorded.visit.id, is_new=recorded.is_new)


@router.post("/visits/{visit_id}/exit", dependencies=only(Permission.RECORD_VISITS))
def leave(
    visit_id: UUID, body: visit_schemas.Exit, product: Product, caller: Caller
) -> visit_schemas.VisitOnRecord:
    """They left. Told twice, the first time counts."""
    _require_here(product, caller, visit_id)
    recording.record_exit(product, visit_id, left_at=body.left_at, actor=caller.actor)
    return _one(product, visit_id)


@router.delete("/visits/{visit_id}/exit", dependencies=only(Permission.RECORD_VISITS))
def take_exit_back(visit_id: UUID, product: Product, caller: Caller) -> visit_schemas.VisitOnRecord:
    """They did not leave, or are back."""
    _require_here(product, caller, visit_id)
    recording.take_exit_back(product, visit_id, actor=caller.actor)
    return _one(product, visit_id)


@router.delete(
    "/visits/{visit_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    dependencies=only(Permission.RECORD_VISITS),
)
def remove_visit(visit_id: UUID, product: Product, caller: Caller) -> None:
    """One that was told by mistake; a confirmed face's is taken back by answering *not them*."""
    _require_here(product, caller, visit_id)
    recording.remove_visit(product, visit_id, actor=caller.actor)


@router.get("/tonight", dependencies=only(Permission.VIEW_TONIGHT))
def tonight(
    product: Product,
    caller: Caller,
    venue_id: VenueQuery = None,
    cursor: Annotated[str | None, Query(max_length=400)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> visit_schemas.Tonight:
    """How many came, how many are inside, and who; a night ends when the venue closes."""
    after = cursors.read_cursor(cursor) if cursor else None
    with product.database.begin() as transaction:
        venue = _venue(transaction, caller, venue_id)
        counted = _count(product, transaction, venue)
        rows = visits.list_night(
            transaction, venue_id=venue.id, night=counted["night"], limit=limit, after=after
        )
        faces = gallery.with_faces(transaction, [customer.id for _, customer in rows])
    seen = [customer.id for _, customer in rows[:limit]]
    record_night(product, venue.id, customers=seen, actor=caller.actor)
    shown = [
        _shown(visit, customer, has_face=customer.id in faces) for visit, customer in rows[:limit]
    ]
    last = rows[limit - 1][0] if len(rows) > limit else None
    return visit_schemas.Tonight(
        **counted,
        items=shown,
        next_cursor=cursors.write_cursor((last.entered_at, last.id)) if last else None,
    )


@router.post("/tonight/heads", dependencies=only(Permission.RECORD_VISITS))
def count_heads(
    body: visit_schemas.NewHeadCount, product: Product, caller: Caller
) -> visit_schemas.NightCount:
    """Count people whom nobody knows through the door, for the occupancy."""
    venue_id = body.venue_id or caller.venue_id
    caller.require(Permission.RECORD_VISITS, venue_id)
    recording.count_heads(
        product, body.change, venue_id=venue_id, request_key=body.key, actor=caller.actor
    )
    with product.database.begin() as transaction:
        venue = transaction.get_one(Venue, venue_id)
        return visit_schemas.NightCount(**_count(product, transaction, venue))


def _venue(transaction: Transaction, caller: Principal, venue_id: UUID | None) -> Venue:
    wanted = venue_id or caller.venue_id
    caller.require(Permission.VIEW_TONIGHT, wanted)
    found = venues.find(transaction, wanted)
    if found is None:
        raise InvalidInputError("There is no such venue.", fields=["venue_id"])
    return found


def _count(product: Runtime, transaction: Transaction, venue: Venue) -> dict[str, Any]:
    now: datetime = product.clock.now()
    night = night_of(now, timezone=venue.timezone, closes_at_hour=venue.closes_at_hour)
    counted = visits.count_night(transaction, venue_id=venue.id, night=night)
    return {
        "venue_id": venue.id,
        "venue_name": venue.name,
        "night": night,
        "entered": counted.entered,
        "inside": counted.inside,
        "uncounted": counted.uncounted,
        "occupancy": counted.occupancy,
        "capacity": venue.capacity,
    }


def _require_here(product: Runtime, caller: Principal, visit_id: UUID) -> None:
    with product.database.look() as transaction:
        visit = visits.find(transaction, visit_id)
    if visit is None:
        raise NotFoundError()
    caller.require(Permission.RECORD_VISITS, visit.venue_id)


def _one(
    product: Runtime, visit_id: UUID, *, is_new: bool | None = None
) -> visit_schemas.VisitOnRecord:
    with product.database.begin() as transaction:
        visit = visits.find(transaction, visit_id)
        if visit is None:
            raise NotFoundError()
        customer = transaction.get_one(Customer, visit.customer_id)
        has_face = bool(gallery.with_faces(transaction, [customer.id]))
    return _shown(visit, customer, has_face=has_face, is_new=is_new)


def _shown(
    visit: Visit, customer: Customer, *, has_face: bool, is_new: bool | None = None
) -> visit_schemas.VisitOnRecord:
    return visit_schemas.VisitOnRecord(
        id=visit.id,
        customer_id=customer.id,
        customer_name=customer.name,
        portrait_url=f"/v1/customers/{customer.id}/portrait" if has_face else None,
        venue_id=visit.venue_id,
        night=visit.night,
        entered_at=visit.entered_at,
        left_at=visit.left_at,
        source=cast(Any, visit.source),
        is_new=is_new,
    )
