"""One's own account: password, second factor, sessions."""

from fastapi import APIRouter, Depends, Response, status

from services.api import people_presenters as presenters
from services.api import people_schemas as schemas
from services.api.dependencies import KNOWN, Caller, Product, Token, principal
from vestibule.domain.errors import NotFoundError
from vestibule.records import access, accounts
from vestibule.workflows import second_factor
from vestibule.workflows.own_account import (
    change_password,
    end_other_sessions,
    end_own_session,
    own_id,
    prove_password,
)

router = APIRouter(prefix="/account", tags=["account"], dependencies=[Depends(principal)])


@router.get("", dependencies=KNOWN)
def get_own_account(product: Product, caller: Caller) -> schemas.OwnAccount:
    with product.database.look() as transaction:
        account = accounts.find(transaction, own_id(caller))
        if account is None:
            raise NotFoundError()
        return presenters.own_account(transaction, account, caller)


@router.post("/password", dependencies=KNOWN)
def change_own_password(
    body: schemas.PasswordChange, product: Product, caller: Caller, token: Token
) -> schemas.SessionsEnded:
    """Every other session ends. ``weak_password`` says in ``facts.fault`` what it lacks."""
    ended = change_password(product, caller, token, current=body.current, new=body.new)
    return schemas.SessionsEnded(ended=ended)


# ── second factor ───────────────────────────────────────────────────────────────────────────
@router.post("/second-factor", dependencies=KNOWN)
def set_up_second_factor(
    body: schemas.PasswordProof, product: Product, caller: Caller
) -> schemas.SecondFactorSecret:
    """A new secret for an authenticator app; it counts once a code of it is confirmed."""
    prove_password(product, caller, body.password)
    found = second_factor.begin_second_factor(product, own_id(caller), actor=caller.actor)
    return presenters.secret(found)


@router.post("/second-factor/confirmation", dependencies=KNOWN)
def confirm_second_factor(
    body: schemas.SecondFactorCode, product: Product, caller: Caller
) -> schemas.RecoveryCodes:
    """From now on a code is asked for. Keep the recovery codes: nobody can show them again."""
    codes = second_factor.confirm_second_factor(
        product, own_id(caller), body.code, actor=caller.actor
    )
    return schemas.RecoveryCodes(codes=codes)


@router.post("/second-factor/removal", status_code=status.HTTP_204_NO_CONTENT, dependencies=KNOWN)
def remove_own_second_factor(
    body: schemas.PasswordProof, product: Product, caller: Caller
) -> Response:
    prove_password(product, caller, body.password)
    second_factor.remove_second_factor(product, own_id(caller), actor=caller.actor)
    return Response(status_code=status.HTTP_204_NO_CONTENT)


@router.post("/recovery-codes", dependencies=KNOWN)
def make_recovery_codes(
    body: schemas.PasswordProof, product: Product, caller: Caller
) -> schemas.RecoveryCodes:
    """Ten new ones; those before are worth nothing from then on."""
    prove_password(product, caller, body.password)
    codes = second_factor.replace_recovery_codes(product, own_id(caller), actor=caller.actor)
    return schemas.RecoveryCodes(codes=codes)


# ── sessions ────────────────────────────────────────────────────────────────────────────────
@router.get("/sessions", dependencies=KNOWN)
def list_own_sessions(product: Product, caller: Caller, token: Token) -> schemas.SessionList:
    """Where one is signed in, the latest used first."""
    with product.database.look() as transaction:
        rows = access.sessions_of(transaction, own_id(caller), now=product.clock.now())
    return schemas.SessionList(items=[presenters.session(row, this=token) for row in rows])


@router.delete("/sessions/{session_id}", status_code=status.HTTP_204_NO_CONTENT, dependencies=KNOWN)
def end_one_session(session_id: str, product: Product, caller: Caller) -> Response:
    end_own_session(product, caller, session_id)
    return Response(status_code=status.HTTP_204_NO_CONTENT)


@router.delete("/sessions", dependencies=KNOWN)
def end_all_other_sessions(product: Product, caller: Caller, token: Token) -> schemas.SessionsEnded:
    """All but the one that asks."""
    return schemas.SessionsEnded(ended=end_other_sessions(product, caller, token))
