"""A guest answers on their own phone: a one-time link, opened from a QR code."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from vestibule.domain.errors import ConsentLinkSpentError, InvalidInputError, NotFoundError
from vestibule.domain.jurisdiction import Basis
from vestibule.domain.notice import Notice
from vestibule.records import audit, consent_links, consents, customers, notices
from vestibule.records.consent_tables import ConsentLink
from vestibule.records.database import Transaction
from vestibule.workflows.check_age import require_of_age
from vestibule.workflows.keep_consent_proof import Shown, agree_with_proof, withdraw_with_proof
from vestibule.workflows.record_consent import ConsentGiven
from vestibule.workflows.runtime import Runtime
from vestibule.workflows.sign_in import Principal

LIFE = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class MadeLink:
    """``id`` says which it is, to ask how far it is; ``token`` opens it."""

    id: str
    token: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Asked:
    """What the guest's phone shows. ``agreed`` are the purposes that stand now."""

    asks: str
    name: str
    notice: Notice
    agreed: tuple[str, ...]


def make_consent_link(runtime: Runtime, customer_id: UUID, *, asks: str, by: Principal) -> MadeLink:
    """``asks`` is give or withdraw. Raises NotFoundError, and UnderAgeError for a minor."""
    token, now = secrets.token_urlsafe(32), runtime.clock.now()
    with runtime.database.begin() as transaction:
        consent_links.remove_expired(transaction, now=now)
        customer = customers.lock_present(transaction, customer_id)
        if customer is None:
            raise NotFoundError()
        if asks == "give":
            require_of_age(runtime, transaction, customer)
        link = ConsentLink(
            customer_id=customer.id,
            venue_id=by.venue_id,
            asks=asks,
            notice_version=notices.in_force(transaction).version,
            made_by=by.actor,
            made_at=now,
            expires_at=now + LIFE,
        )
        link_id = consent_links.add(transaction, token, link)
        audit.append(
            transaction,
            at=now,
            actor=by.actor,
            action="consent.ask_by_phone",
            subject=f"customer:{customer.id}",
            asks=asks,
        )
    return MadeLink(link_id, token, now + LIFE)


def state_of_link(runtime: Runtime, customer_id: UUID, link_id: str) -> str:
    """Waiting, answered or expired, for who waits beside the guest. Raises NotFoundError."""
    with runtime.database.look() as transaction:
        link = consent_links.find_made(transaction, customer_id, link_id)
        if link is None:
            raise NotFoundError()
        standing = customers.standing_for(transaction, customer_id)
        if consent_links.was_answered(transaction, link, standing):
            return "answered"
        return "waiting" if link.expires_at > runtime.clock.now() else "expired"


def look_at_link(runtime: Runtime, token: str) -> Asked:
    """Looking spends nothing. Raises ConsentLinkSpentError."""
    with runtime.database.begin() as transaction:
        link = _find(runtime, transaction, token)
        customer = customers.find_present(transaction, link.customer_id)
        notice = notices.find(transaction, link.notice_version)
        if customer is None or notice is None:
            raise ConsentLinkSpentError()
        agreed = {row.purpose for row in consents.standing_of(transaction, customer.id)}
        return Asked(link.asks, customer.name, notice, tuple(sorted(agreed)))


def answer_by_phone(
    runtime: Runtime, token: str, purposes: Sequence[str], *, typed_name: str, language: str
) -> str:
    """What was asked for, done once. Says which it was. Raises ConsentLinkSpentError.

    What does not fit is refused before the link is spent.
    """
    if not purposes or not typed_name.strip():
        raise InvalidInputError("Tick a box and write your name.", fields=["purposes"])
    with runtime.database.begin() as transaction:
        link = _find(runtime, transaction, token)
        link.used_at = runtime.clock.now()
        asks, customer_id = link.asks, link.customer_id
        venue_id, version = link.venue_id, link.notice_version
        audit.append(
            transaction,
            at=runtime.clock.now(),
            actor="the guest",
            action="consent.answer_by_phone",
            subject=f"customer:{customer_id}",
            asks=asks,
        )
    shown = Shown(method="phone", language=language, typed_name=typed_name)
    if asks == "withdraw":
        withdraw_with_proof(runtime, customer_id, purposes, shown, actor="the guest")
        return asks
    given = ConsentGiven(
        basis=Basis.EXPLICIT_CONSENT.value,
        given_by="the customer on their phone",
        purposes=tuple(purposes),
        venue_id=venue_id,
        notice_version=version,
    )
    agree_with_proof(runtime, customer_id, given, shown, actor="the guest")
    return asks


def _find(runtime: Runtime, transaction: Transaction, token: str) -> ConsentLink:
    link = consent_links.find(transaction, token, now=runtime.clock.now())
    if link is None:
        raise ConsentLinkSpentError()
    return link
