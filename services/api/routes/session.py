"""Signing in with a one-time link, and out."""

from datetime import timedelta

from fastapi import APIRouter, Response, status

from services.api import schemas
from services.api.dependencies import Caller, Here, Product, Token
from vestibule.workflows.sign_in import end_session, exchange_link

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


@router.get("")
def who_am_i(caller: Caller) -> schemas.Session:
    return schemas.Session(actor=caller.actor, expires_at=caller.expires_at)


@router.delete("", status_code=status.HTTP_204_NO_CONTENT)
def sign_out(caller: Caller, token: Token, product: Product) -> Response:
    end_session(product.database, product.clock, token, actor=caller.actor)
    return Response(status_code=status.HTTP_204_NO_CONTENT)
