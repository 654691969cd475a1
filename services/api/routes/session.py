"""Signing in with a one-time link, and out."""

from datetime import timedelta
from typing import Any, cast

from fastapi import APIRouter, Response, status

from services.api import schemas
from services.api.dependencies import KNOWN, Caller, Here, Product, Token
from vestibule.records import accounts, venues
from vestibule.workflows.sign_in import Principal, end_session, exchange_link

router = APIRouter(prefix="/session", tags=["session"])


@router.post("", status_code=status.HTTP_201_CREATED)
def exchange_sign_in_link(body: schemas.SignIn, here: Here) -> schemas.NewSession:
    """Exchange the secret part of a one-time sign-in link for an access token. Works once."""
    session = exchange_link(
        here.runtime.database,
        here.runtime.clock,
        body.token,
        life=timedelta(hours=here.settings.session_hours),
    )
    return schemas.NewSession(access_token=session.access_token, expires_at=session.expires_at)


@router.get("", dependencies=KNOWN)
def who_am_i(caller: Caller, product: Product) -> schemas.Session:
    """Who is calling, their roles, what they may do where, and where they are."""
    return _session(product, caller)


def _session(product: Product, caller: Principal) -> schemas.Session:
    with product.database.look() as transaction:
        account = accounts.find(transaction, caller.account_id) if caller.account_id else None
        opened = venues.in_order(transaction)
    named = {venue.id: schemas.VenueNamed(id=venue.id, name=venue.name) for venue in opened}
    return schemas.Session(
        actor=caller.actor,
        name=account.name if account else caller.actor,
        account_id=caller.account_id,
        expires_at=caller.expires_at,
        roles=[
            schemas.RoleHeld(role=cast(Any, grant.role.value), venue_id=grant.venue_id)
            for grant in caller.grants
        ],
        permissions=[
            schemas.PermissionHeld(
                permission=permission.value,
                venue_ids=None if venue_ids is None else sorted(venue_ids),
            )
            for permission, venue_ids in caller.rights.venues_by_permission.items()
        ],
        venue=named[caller.venue_id],
        venues=[named[one] for one in caller.rights.places(list(named))],
    )


@router.delete("", status_code=status.HTTP_204_NO_CONTENT, dependencies=KNOWN)
def sign_out(caller: Caller, token: Token, product: Product) -> Response:
    end_session(product.database, product.clock, token, actor=caller.actor)
    return Response(status_code=status.HTTP_204_NO_CONTENT)
