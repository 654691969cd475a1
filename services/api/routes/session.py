"""Signing in by a one-time link, a password or an invitation, and out; where one is."""

from datetime import timedelta
from typing import Any, cast

from fastapi import APIRouter, Response, status

from services.api import people_presenters as presenters
from services.api import people_schemas, schemas
from services.api.dependencies import KNOWN, Caller, Here, Product, Token
from vestibule.domain.errors import InvalidInputError, InvitationSpentError
from vestibule.records import accounts, sign_ins, venues
from vestibule.workflows.manage_people import accept_invitation
from vestibule.workflows.own_account import go_to_venue
from vestibule.workflows.principal import Principal, authenticate
from vestibule.workflows.remind_of_appeals import appeals_overdue_for
from vestibule.workflows.remind_of_requests import requests_pressing_for
from vestibule.workflows.sign_in import end_session, exchange_link
from vestibule.workflows.sign_in_with_password import (
    Browser,
    finish_with_code,
    sign_in_with_password,
)
from vestibule.workflows.sign_in_with_provider import begin_with_provider, finish_with_provider

router = APIRouter(tags=["session"])


def _life(here: Here) -> timedelta:
    return timedelta(hours=here.settings.session_hours)


def browser_of(told: people_schemas.BrowserTold) -> Browser:
    return Browser(source=told.source, device_token=told.device_token, words=told.words)


@router.post("/session", status_code=status.HTTP_201_CREATED)
def exchange_sign_in_link(body: schemas.SignIn, here: Here) -> schemas.NewSession:
    """Exchange the secret part of a one-time sign-in link for an access token. Works once."""
    session = exchange_link(
        here.runtime.database, here.runtime.clock, body.token, life=_life(here), device=body.words
    )
    return schemas.NewSession(access_token=session.access_token, expires_at=session.expires_at)


@router.post("/session/password")
def sign_in_by_password(
    body: people_schemas.PasswordSignIn, here: Here
) -> people_schemas.SignInStep:
    """In by e-mail address and password; where a second factor is set up a code is owed then.

    429 ``too_many_attempts`` slows guessing down and locks nobody out.
    """
    found = sign_in_with_password(
        here.runtime,
        body.email,
        body.password,
        browser=browser_of(body.browser),
        life=_life(here),
    )
    return presenters.step(found)


@router.post("/session/code")
def sign_in_by_code(body: people_schemas.CodeSignIn, here: Here) -> people_schemas.SignInStep:
    """The second factor, with the ticket that the password gave."""
    found = finish_with_code(
        here.runtime, body.ticket, body.code, browser=browser_of(body.browser), life=_life(here)
    )
    return presenters.step(found)


@router.get("/session", dependencies=KNOWN)
def who_am_i(caller: Caller, product: Product) -> schemas.Session:
    """Who is calling, their roles, what they may do where, and where they are."""
    return _session(product, caller)


@router.patch("/session", dependencies=KNOWN)
def go_elsewhere(
    body: people_schemas.PlaceChange, caller: Caller, token: Token, product: Product
) -> schemas.Session:
    """Be at another venue: photos and visits of this session take place there from now on."""
    go_to_venue(product, caller, token, body.venue_id)
    return _session(product, authenticate(product.database, product.clock, token))


def _session(product: Product, caller: Principal) -> schemas.Session:
    with product.database.look() as transaction:
        account = accounts.find(transaction, caller.account_id) if caller.account_id else None
        opened = venues.in_order(transaction)
        overdue = appeals_overdue_for(product, transaction, caller)
        pressing = requests_pressing_for(product, transaction, caller)
    named = {
        venue.id: schemas.VenueOfSession(
            id=venue.id,
            name=venue.name,
            timezone=venue.timezone,
            closes_at_hour=venue.closes_at_hour,
        )
        for venue in opened
    }
    return schemas.Session(
        actor=caller.actor,
        name=account.name if account else caller.actor,
        account_id=caller.account_id,
        expires_at=caller.expires_at,
        roles=[
            schemas.RoleHeld(role=cast(Any, grant.role.value), venue_id=grant.venue_id)
            for grant in caller.grants
        ],
        permissions=presenters.permissions(caller),
        owes_second_factor=caller.owes_second_factor,
        venue=named[caller.venue_id],
        venues=[named[one] for one in caller.rights.places(list(named))],
        appeals_overdue=overdue,
        requests_pressing=pressing,
    )


@router.delete("/session", status_code=status.HTTP_204_NO_CONTENT, dependencies=KNOWN)
def sign_out(caller: Caller, token: Token, product: Product) -> Response:
    end_session(product.database, product.clock, token, actor=caller.actor)
    return Response(status_code=status.HTTP_204_NO_CONTENT)


# ── the company's own sign-in ───────────────────────────────────────────────────────────────
@router.get("/session/company")
def get_company_sign_in(product: Product) -> people_schemas.CompanySignIn:
    company = product.company
    return people_schemas.CompanySignIn(name=company.name if company else None)


@router.post("/session/company")
def begin_company_sign_in(
    body: people_schemas.CompanyBeginning, here: Here
) -> people_schemas.CompanyFlow:
    """OpenID Connect: authorization code with PKCE. 404 where none is set up."""
    public = here.settings.public_url
    if public and not body.redirect_uri.startswith(public.rstrip("/") + "/"):
        raise InvalidInputError("Not an address of this product.", fields=["redirect_uri"])
    url, flow = begin_with_provider(here.runtime, body.redirect_uri)
    return people_schemas.CompanyFlow(url=url, flow=flow)


@router.post("/session/company/callback")
def finish_company_sign_in(
    body: people_schemas.CompanyCallback, here: Here
) -> people_schemas.SignInStep:
    """Whoever was invited here and is verified there is signed in."""
    found = finish_with_provider(
        here.runtime,
        body.flow,
        state=body.state,
        code=body.code,
        browser=browser_of(body.browser),
        life=_life(here),
    )
    return presenters.step(found)


# ── invitations ─────────────────────────────────────────────────────────────────────────────
@router.post("/invitations/lookup")
def look_at_invitation(
    body: people_schemas.InvitationToken, product: Product
) -> people_schemas.Invitation:
    """Whom an invitation is for; 410 once it no longer works."""
    with product.database.look() as transaction:
        account = sign_ins.invited(transaction, body.token, now=product.clock.now())
    if account is None:
        raise InvitationSpentError()
    return people_schemas.Invitation(name=account.name, email=account.email)


@router.post("/invitations/acceptance")
def accept_an_invitation(
    body: people_schemas.InvitationAcceptance, here: Here
) -> people_schemas.SignInStep:
    """Choose a password and be signed in. Works once."""
    found = accept_invitation(
        here.runtime,
        body.token,
        body.password,
        browser=browser_of(body.browser),
        life=_life(here),
    )
    return presenters.step(found)
