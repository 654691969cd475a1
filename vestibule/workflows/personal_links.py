"""A customer's way to their own page: a link that staff makes, a short session behind it.

The token is random and only its hash is kept. Whichever browser opens a link first keeps it: in
another one it opens nothing, so a link that was read on its way is found out and harms nobody.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from vestibule.domain import sign_in_throttle as throttle
from vestibule.domain.data_rights import IdentityCheck
from vestibule.domain.errors import (
    NotFoundError,
    NotSignedInError,
    PersonalLinkSpentError,
    TooManyAttemptsError,
)
from vestibule.domain.ids import new_uuid
from vestibule.domain.sign_in_throttle import Count
from vestibule.records import access, audit, customers, personal_links, sign_in_attempts
from vestibule.records.database import Transaction
from vestibule.records.rights_tables import PersonalLink
from vestibule.workflows.principal import Principal
from vestibule.workflows.runtime import Runtime
from vestibule.workflows.take_data_request import GUEST

LINK_LIFE = timedelta(days=7)
SESSION_LIFE = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Guest:
    """A customer at their own page: they see and do what concerns them, and nothing else."""

    customer_id: UUID
    link_id: UUID
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Opened:
    """``browser_token`` is for this browser to keep: with it the link opens again."""

    access_token: str
    browser_token: str
    expires_at: datetime


def make_personal_link(
    runtime: Runtime, customer_id: UUID, identity: IdentityCheck, *, caller: Principal
) -> tuple[PersonalLink, str]:
    """The link and its token, which is told once. One made before opens nothing from now on.

    ``identity`` is how the maker knows whom they hand it to. Raises NotFoundError.
    """
    token, now = secrets.token_urlsafe(32), runtime.clock.now()
    with runtime.database.begin() as transaction:
        customer = customers.lock_present(transaction, customer_id)
        if customer is None:
            raise NotFoundError()
        personal_links.revoke_open(transaction, customer.id, by=caller.actor, now=now)
        link = PersonalLink(
            id=new_uuid(),
            token_sha256=access.digest(token),
            customer_id=customer.id,
            identity=identity.value,
            made_by=caller.actor,
            made_by_id=caller.account_id,
            created_at=now,
            expires_at=now + LINK_LIFE,
        )
        personal_links.add(transaction, link)
        _record(runtime, transaction, "make", link, actor=caller.actor, identity=identity.value)
    return link, token


def links_of(runtime: Runtime, customer_id: UUID) -> list[PersonalLink]:
    """The newest first. Raises NotFoundError."""
    with runtime.database.look() as transaction:
        customer = customers.find_present(transaction, customer_id)
        if customer is None:
            raise NotFoundError()
        return personal_links.of_customer(transaction, customer.id)


def revoke_personal_link(
    runtime: Runtime, customer_id: UUID, link_id: UUID, *, caller: Principal
) -> None:
    """It opens nothing from the commit on, and who is there through it is out. Safe to run twice.

    Raises NotFoundError.
    """
    with runtime.database.begin() as transaction:
        link = personal_links.find_for_change(transaction, link_id)
        whose = customers.standing_for(transaction, customer_id)
        if link is None or link.customer_id != whose:
            raise NotFoundError()
        if link.revoked_at is None:
            link.revoked_at, link.revoked_by = runtime.clock.now(), caller.actor
            transaction.flush()
            _record(runtime, transaction, "revoke", link, actor=caller.actor)


def open_personal_link(
    runtime: Runtime, token: str, *, browser_token: str | None, source: str
) -> Opened:
    """Raises PersonalLinkSpentError, with nothing that tells why, and TooManyAttemptsError."""
    keys = _count_attempt(runtime, source)
    now = runtime.clock.now()
    with runtime.database.begin() as transaction:
        link = personal_links.lock_live(transaction, token, now=now)
        if link is not None and _is_its_browser(link, browser_token):
            sign_in_attempts.take_back(transaction, keys)
            return _begin(runtime, transaction, link, browser_token)
        audit.append(
            transaction,
            at=now,
            actor="unknown",
            action="personal_link.refused",
            subject=f"customer:{link.customer_id}" if link else "personal_link",
        )
    raise PersonalLinkSpentError()


def _begin(
    runtime: Runtime, transaction: Transaction, link: PersonalLink, browser_token: str | None
) -> Opened:
    now = runtime.clock.now()
    if link.browser_sha256 is None or browser_token is None:
        browser_token = secrets.token_urlsafe(32)
        link.browser_sha256, link.opened_at = access.digest(browser_token), now
    link.last_opened_at = now
    opened = Opened(
        access_token=secrets.token_urlsafe(32),
        browser_token=browser_token,
        expires_at=min(now + SESSION_LIFE, link.expires_at),
    )
    personal_links.begin_session(
        transaction,
        opened.access_token,
        link_id=link.id,
        now=now,
        expires_at=opened.expires_at,
    )
    _record(runtime, transaction, "open", link, actor=GUEST)
    return opened


def _is_its_browser(link: PersonalLink, browser_token: str | None) -> bool:
    if link.browser_sha256 is None:
        return True
    return browser_token is not None and access.digest(browser_token) == link.browser_sha256


def authenticate_guest(runtime: Runtime, token: str) -> Guest:
    """Raises NotSignedInError."""
    with runtime.database.look() as transaction:
        found = personal_links.find_session(transaction, token, now=runtime.clock.now())
        if found is None:
            raise NotSignedInError()
        session, link = found
        if customers.find(transaction, link.customer_id) is None:
            raise NotSignedInError()
    return Guest(link.customer_id, link.id, session.expires_at)


def leave_personal_page(runtime: Runtime, token: str, guest: Guest) -> None:
    with runtime.database.begin() as transaction:
        personal_links.end_session(transaction, token)
        audit.append(
            transaction,
            at=runtime.clock.now(),
            actor=GUEST,
            action="personal_link.leave",
            subject=f"customer:{guest.customer_id}",
        )


def _count_attempt(runtime: Runtime, source: str) -> dict[Count, str]:
    """By where it comes from: tokens are not guessed, so this only keeps noise down."""
    now = runtime.clock.now()
    found = throttle.keys(account="", source=source, device=None, scope="personal_link")
    keys = {Count.SOURCE: found[Count.SOURCE]}
    with runtime.database.begin() as transaction:
        wait_s = throttle.wait_s(sign_in_attempts.hold(transaction, keys, now=now), now=now)
        if wait_s == 0:
            sign_in_attempts.add_failure(transaction, keys, now=now)
    if wait_s:
        raise TooManyAttemptsError(retry_after_s=wait_s)
    return keys


def _record(
    runtime: Runtime,
    transaction: Transaction,
    deed: str,
    link: PersonalLink,
    *,
    actor: str,
    **details: str,
) -> None:
    audit.append(
        transaction,
        at=runtime.clock.now(),
        actor=actor,
        action=f"personal_link.{deed}",
        subject=f"customer:{link.customer_id}",
        link=str(link.id),
        **details,
    )
