"""In by the company's own sign-in: whoever was invited here and is verified there."""

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime, timedelta

from vestibule.domain.errors import (
    IdentityRefusedError,
    LastAdminError,
    NotFoundError,
    TicketSpentError,
)
from vestibule.domain.permissions import Grant, Role
from vestibule.ports_identity import Company, Identity
from vestibule.records import accounts, audit
from vestibule.records.database import Transaction
from vestibule.records.people_tables import Account
from vestibule.workflows.runtime import Runtime
from vestibule.workflows.sign_in_with_password import Browser, SignedIn, signed_in

FLOW_LIFE = timedelta(minutes=10)
_CONTEXT = "openid flow"
GRANTED_BY = "oidc"


def company_of(runtime: Runtime) -> Company:
    """Raises NotFoundError where none is set."""
    if runtime.company is None:
        raise NotFoundError("No other sign-in is set up.")
    return runtime.company


def begin_with_provider(runtime: Runtime, redirect_uri: str) -> tuple[str, str]:
    """Where the browser goes, and what it brings back with it: sealed, nothing is stored.

    Raises NotFoundError, ProviderUnavailableError.
    """
    request = company_of(runtime).provider.begin(redirect_uri)
    flow = {
        "state": request.state,
        "nonce": request.nonce,
        "verifier": request.code_verifier,
        "redirect_uri": redirect_uri,
        "until": (runtime.clock.now() + FLOW_LIFE).isoformat(),
    }
    sealed = runtime.sealer.seal(json.dumps(flow).encode(), context=_CONTEXT)
    return request.url, urlsafe_b64encode(sealed).decode()


def finish_with_provider(
    runtime: Runtime, flow: str, *, state: str, code: str, browser: Browser, life: timedelta
) -> SignedIn:
    """Raises TicketSpentError, IdentityRefusedError, ProviderUnavailableError, NotFoundError.

    The provider's second factor counts; ours is not asked for.
    """
    company, begun = company_of(runtime), _opened(runtime, flow)
    if not hmac.compare_digest(begun["state"], state):
        raise TicketSpentError()
    try:
        who = company.provider.redeem(
            code,
            redirect_uri=begun["redirect_uri"],
            nonce=begun["nonce"],
            code_verifier=begun["verifier"],
        )
    except IdentityRefusedError as refused:
        _note_refusal(runtime, str(refused.facts.get("reason", "")))
        raise
    with runtime.database.begin() as transaction:
        accounts.hold_people(transaction)
        account = _account(transaction, who)
        if account is not None:
            _follow_groups(transaction, account, who, company, now=runtime.clock.now())
            return signed_in(transaction, runtime, account, browser=browser, life=life, by="oidc")
    _note_refusal(runtime, "not_invited")
    raise IdentityRefusedError(reason="not_invited")


def _opened(runtime: Runtime, flow: str) -> dict[str, str]:
    try:
        sealed = urlsafe_b64decode(flow.encode())
        begun: dict[str, str] = json.loads(runtime.sealer.unseal(sealed, context=_CONTEXT))
    except ValueError as error:
        raise TicketSpentError() from error
    if datetime.fromisoformat(begun["until"]) < runtime.clock.now():
        raise TicketSpentError()
    return begun


def _account(transaction: Transaction, who: Identity) -> Account | None:
    """By issuer and subject; the first time by a verified address that was invited here."""
    found = accounts.by_subject(transaction, issuer=who.issuer, subject=who.subject)
    if found is None and who.email is not None:
        found = accounts.by_email(transaction, who.email)
        if found is not None and found.oidc_subject is not None:
            return None
    if found is None or found.status == "DISABLED":
        return None
    account = accounts.find_for_change(transaction, found.id)
    assert account is not None
    account.oidc_issuer, account.oidc_subject = who.issuer, who.subject
    account.status = "ACTIVE"
    transaction.flush()
    return account


def _follow_groups(
    transaction: Transaction, account: Account, who: Identity, company: Company, *, now: datetime
) -> None:
    """Roles that groups gave come and go with them; those given here stay."""
    if not company.roles_by_group:
        return
    wanted = {Grant(role) for group, role in company.roles_by_group.items() if group in who.groups}
    rows = accounts.grant_rows(transaction, account.id)
    by_hand = {Grant(Role(r.role), r.venue_id) for r in rows if r.granted_by != GRANTED_BY}
    accounts.replace_grants(
        transaction, account.id, by_hand | wanted, granted_by=GRANTED_BY, now=now
    )
    if not accounts.has_admin(transaction):
        raise LastAdminError()


def _note_refusal(runtime: Runtime, reason: str) -> None:
    with runtime.database.begin() as transaction:
        audit.append(
            transaction,
            at=runtime.clock.now(),
            actor="unknown",
            action="session.refused",
            subject="session",
            by="oidc",
            reason=reason,
        )
