"""What guests buy, in figures, and from how much on staff is asked to take care."""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from services.api import purchase_presenters as presenters
from services.api import purchase_schemas as schemas
from services.api.cursors import read_cursor, write_cursor
from services.api.dependencies import Product, needs, only
from vestibule.domain.consumption import ConsumptionPolicy, hundredths
from vestibule.domain.permissions import Permission
from vestibule.workflows import show_consumption as showing
from vestibule.workflows.sign_in import Principal

router = APIRouter(tags=["purchases"])

Onlooker = Annotated[Principal, Depends(needs(Permission.VIEW_PURCHASES))]
Editor = Annotated[Principal, Depends(needs(Permission.EDIT_POLICY))]


@router.get("/customers/{customer_id}/consumption")
def get_consumption(customer_id: UUID, product: Product, caller: Onlooker) -> schemas.Consumption:
    """Tonight, in 30 days, favourites, and whether staff is asked to take care. The look is
    recorded."""
    return presenters.consumption(showing.show_consumption(product, customer_id, by=caller))


@router.get("/customers/{customer_id}/purchases")
def list_purchases(
    customer_id: UUID,
    product: Product,
    caller: Onlooker,
    cursor: Annotated[str | None, Query(max_length=300)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 25,
) -> schemas.PurchasePage:
    """The latest first, voided ones too. The look is recorded."""
    after = read_cursor(cursor) if cursor else None
    page = showing.list_purchases(product, customer_id, limit=limit, after=after, by=caller)
    return schemas.PurchasePage(
        items=[presenters.purchase(row) for row in page.items],
        next_cursor=write_cursor(page.next_after) if page.next_after else None,
    )


@router.get(
    "/consumption-policy", dependencies=only(Permission.VIEW_PURCHASES, Permission.EDIT_POLICY)
)
def get_consumption_policy(product: Product) -> schemas.ConsumptionPolicy:
    """Of the whole chain."""
    return presenters.policy(*showing.policy_in_force(product))


@router.post("/consumption-policy")
def adopt_consumption_policy(
    body: schemas.NewConsumptionPolicy, product: Product, caller: Editor
) -> schemas.ConsumptionPolicy:
    """In force at once. 409 when somebody changed it since ``version``."""
    wanted = ConsumptionPolicy(
        timedelta(minutes=round(body.window_hours * 60)),
        hundredths(body.watch_units),
        hundredths(body.care_units),
    )
    version = showing.adopt_consumption_policy(
        product, wanted, seen_version=body.version, reason=body.reason, by=caller
    )
    return presenters.policy(wanted, version)
