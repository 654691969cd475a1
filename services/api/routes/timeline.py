"""The history of a customer as one list."""

from typing import Annotated, cast, get_args
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from services.api import cursors, timeline_schemas
from services.api.dependencies import Caller, Product, only, principal
from vestibule.domain.errors import NotFoundError
from vestibule.domain.permissions import Permission
from vestibule.records import customers, venues
from vestibule.records.timeline import PERMISSION_BY_KIND, timeline
from vestibule.records.timeline_event import Event
from vestibule.workflows.record_look import record_part

router = APIRouter(prefix="/customers", tags=["customers"], dependencies=[Depends(principal)])


@router.get("/{customer_id}/timeline", dependencies=only(Permission.VIEW_CUSTOMERS))
def get_timeline(
    customer_id: UUID,
    product: Product,
    caller: Caller,
    kind: Annotated[
        list[timeline_schemas.KindName] | None,
        Query(description="Only these kinds; repeated for several."),
    ] = None,
    cursor: Annotated[str | None, Query(max_length=400)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 30,
) -> timeline_schemas.Timeline:
    """Visits, offers, consents, faces, merges; incidents and decisions for those who may see them.

    Follow ``next_cursor`` until it is null.
    """
    before = cursors.read_cursor(cursor) if cursor else None
    now = product.clock.now()
    may_see = {
        name: caller.venues(permission)
        for name, permission in PERMISSION_BY_KIND.items()
        if caller.may(permission)
    }
    asked = {name: where for name, where in may_see.items() if not kind or name in kind}
    with product.database.begin() as transaction:
        found = customers.find_present(transaction, customer_id)
        if found is None:
            raise NotFoundError()
        events = timeline(transaction, found.id, allowed=asked, limit=limit, before=before, now=now)
        names = {venue.id: venue.name for venue in venues.in_order(transaction)}
    record_part(product, found.id, actor=caller.actor, of="timeline")
    last = events[limit - 1] if len(events) > limit else None
    order = get_args(timeline_schemas.KindName)
    return timeline_schemas.Timeline(
        items=[_shown(event, names) for event in events[:limit]],
        kinds=[cast(timeline_schemas.KindName, name) for name in order if name in may_see],
        next_cursor=cursors.write_cursor((last.at, last.id)) if last else None,
    )


def _shown(event: Event, venue_names: dict[UUID, str]) -> timeline_schemas.TimelineEvent:
    return timeline_schemas.TimelineEvent(
        id=event.id,
        kind=cast(timeline_schemas.KindName, event.kind),
        at=event.at,
        source=event.source,
        venue=venue_names.get(event.venue_id) if event.venue_id else None,
        facts=dict(event.facts),
    )
