"""Reading the audit log: by time, actor, action and what it is about, newest or oldest first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, or_, select, tuple_

from vestibule.records.audit_tables import AuditEntry
from vestibule.records.database import Database, Transaction

_CUSTOMER = "customer:"
_PAGE = 2_000


@dataclass(frozen=True, slots=True)
class AuditQuery:
    """What is looked for; None asks for nothing. From ``since`` on, before ``until``.

    A ``subject`` that is a customer finds also what names them among others: an identification,
    a list that showed them.
    """

    since: datetime | None = None
    until: datetime | None = None
    actor: str | None = None
    action: str | None = None
    subject: str | None = None


Place = tuple[datetime, int]
"""Where in the log: the moment and the number of an entry."""


def page(
    transaction: Transaction, query: AuditQuery, *, limit: int, before: Place | None
) -> Sequence[AuditEntry]:
    """The newest first; ``before`` is the place of the last one of the page before."""
    wanted = _wanted(query)
    if before is not None:
        wanted = wanted.where(tuple_(AuditEntry.at, AuditEntry.number) < before)
    newest = wanted.order_by(AuditEntry.at.desc(), AuditEntry.number.desc())
    return transaction.scalars(newest.limit(limit)).all()


def all_of(database: Database, query: AuditQuery) -> Iterator[AuditEntry]:
    """Every entry, the oldest first, in pages: no transaction stays open meanwhile."""
    place: Place | None = None
    while True:
        wanted = _wanted(query)
        if place is not None:
            wanted = wanted.where(tuple_(AuditEntry.at, AuditEntry.number) > place)
        oldest = wanted.order_by(AuditEntry.at, AuditEntry.number).limit(_PAGE)
        with database.look() as transaction:
            rows = transaction.scalars(oldest).all()
        yield from rows
        if len(rows) < _PAGE:
            return
        place = (rows[-1].at, rows[-1].number)


def has_recent(transaction: Transaction, *, actor: str, customer_id: str, since: datetime) -> bool:
    """Whether an entry of that actor since then names the customer."""
    subject = f"{_CUSTOMER}{customer_id}"
    return has_recent_of(transaction, actor=actor, subject=subject, since=since)


def has_recent_of(transaction: Transaction, *, actor: str, subject: str, since: datetime) -> bool:
    """The same for anything that an entry can be about."""
    query = _wanted(AuditQuery(since=since, actor=actor, subject=subject))
    return transaction.scalar(query.with_only_columns(AuditEntry.number).limit(1)) is not None


def _wanted(query: AuditQuery) -> Select[AuditEntry]:
    conditions: list[ColumnElement[bool]] = []
    if query.since is not None:
        conditions.append(AuditEntry.at >= query.since)
    if query.until is not None:
        conditions.append(AuditEntry.at < query.until)
    if query.actor is not None:
        conditions.append(AuditEntry.actor == query.actor)
    if query.action is not None:
        conditions.append(AuditEntry.action == query.action)
    if query.subject is not None:
        conditions.append(about(query.subject))
    return select(AuditEntry).where(*conditions)


def about(subject: str) -> ColumnElement[bool]:
    """An entry of that subject, or one that names that customer among others."""
    is_it = AuditEntry.subject == subject
    if not subject.startswith(_CUSTOMER):
        return is_it
    customer_id = subject.removeprefix(_CUSTOMER)
    return or_(
        is_it,
        AuditEntry.details.contains({"customer": customer_id}),
        AuditEntry.details.contains({"customers": [customer_id]}),
    )
