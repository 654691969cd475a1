"""Links to customers' own pages, and who is there through one. Tokens are stored as hashes."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, update

from vestibule.records.access import digest
from vestibule.records.database import Transaction
from vestibule.records.rights_tables import PersonalLink, PersonalSession


def add(transaction: Transaction, link: PersonalLink) -> None:
    transaction.add(link)
    transaction.flush()


def find_for_change(transaction: Transaction, link_id: UUID) -> PersonalLink | None:
    query = select(PersonalLink).where(PersonalLink.id == link_id).with_for_update()
    return transaction.scalar(query.execution_options(populate_existing=True))


def of_customer(transaction: Transaction, customer_id: UUID) -> list[PersonalLink]:
    """The newest first."""
    query = select(PersonalLink).where(PersonalLink.customer_id == customer_id)
    return list(transaction.scalars(query.order_by(PersonalLink.created_at.desc())))


def revoke_open(transaction: Transaction, customer_id: UUID, *, by: str, now: datetime) -> None:
    """All that still open something."""
    transaction.execute(
        update(PersonalLink)
        .where(PersonalLink.customer_id == customer_id, PersonalLink.revoked_at.is_(None))
        .values(revoked_at=now, revoked_by=by)
    )


def lock_live(transaction: Transaction, token: str, *, now: datetime) -> PersonalLink | None:
    """The link of that token, locked, unless it was taken back or is too old."""
    query = select(PersonalLink).where(
        PersonalLink.token_sha256 == digest(token),
        PersonalLink.revoked_at.is_(None),
        PersonalLink.expires_at > now,
    )
    query = query.with_for_update().execution_options(populate_existing=True)
    return transaction.scalar(query)


def begin_session(
    transaction: Transaction, token: str, *, link_id: UUID, now: datetime, expires_at: datetime
) -> None:
    """Those that ended go with it."""
    end_sessions(transaction, now=now)
    row = PersonalSession(token_sha256=digest(token), link_id=link_id, expires_at=expires_at)
    transaction.add(row)
    transaction.flush()


def end_sessions(transaction: Transaction, *, now: datetime) -> None:
    transaction.execute(delete(PersonalSession).where(PersonalSession.expires_at <= now))


def find_session(
    transaction: Transaction, token: str, *, now: datetime
) -> tuple[PersonalSession, PersonalLink] | None:
    """One that has not ended, of a link that still holds."""
    query = (
        select(PersonalSession, PersonalLink)
        .join(PersonalLink, PersonalLink.id == PersonalSession.link_id)
        .where(
            PersonalSession.token_sha256 == digest(token),
            PersonalSession.expires_at > now,
            PersonalLink.revoked_at.is_(None),
            PersonalLink.expires_at > now,
        )
    )
    found = transaction.execute(query).first()
    return None if found is None else (found[0], found[1])


def end_session(transaction: Transaction, token: str) -> None:
    transaction.execute(
        delete(PersonalSession).where(PersonalSession.token_sha256 == digest(token))
    )
