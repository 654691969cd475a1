"""When what is held of one person goes by the clocks in force, if nothing else happens."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select, true

from vestibule.domain.retention import Kept
from vestibule.records import idle_faces, idle_files
from vestibule.records.announced_end import AnnouncedEnd
from vestibule.records.database import Transaction
from vestibule.records.incident_tables import Incident, IncidentPerson
from vestibule.records.retained import retained
from vestibule.records.watchlist_tables import WatchlistEntry, WatchlistProposal

TOLD = (
    Kept.VISIT,
    Kept.PURCHASE,
    Kept.OFFER,
    Kept.CONSENT,
    Kept.CONSENT_PROOF,
    Kept.INCIDENT,
    Kept.DISMISSED_INCIDENT,
    Kept.PROPOSAL,
    Kept.ENTRY,
    Kept.DATA_REQUEST,
)
"""What a person is shown of; each has rows of its own. The file and the faces come before."""

_ONLY: Mapping[Kept, ColumnElement[bool]] = {
    Kept.INCIDENT: Incident.state != "DISMISSED",
    Kept.DISMISSED_INCIDENT: Incident.state == "DISMISSED",
    Kept.PROPOSAL: WatchlistProposal.id.not_in(select(WatchlistEntry.proposal_id)),
}
"""What one table holds of two kinds: those that became an entry go with it."""


@dataclass(frozen=True, slots=True)
class End:
    """``goes_at`` is when the first of them goes; None while something open keeps all of them.

    ``is_announced``: that it goes was said on their file, so it is near.
    """

    kind: Kept
    kept_days: int
    goes_at: datetime | None
    is_announced: bool = False


def ends_of(
    transaction: Transaction,
    customer_ids: Sequence[UUID],
    *,
    days: Mapping[Kept, int],
    now: datetime,
) -> list[End]:
    """Of kinds of which there is something. ``customer_ids`` begin with the one that stands."""
    found = [
        *_announced(transaction, Kept.CUSTOMER, idle_files.END, customer_ids[0], days, now),
        *_announced(transaction, Kept.TEMPLATE, idle_faces.END, customer_ids[0], days, now),
    ]
    for kind in TOLD:
        count, since = _first(transaction, kind, customer_ids, now)
        if count:
            goes_at = since and max(now, since + timedelta(days=days[kind]))
            found.append(End(kind, days[kind], goes_at))
    return found


def _announced(
    transaction: Transaction,
    kind: Kept,
    end: AnnouncedEnd,
    customer_id: UUID,
    days: Mapping[Kept, int],
    now: datetime,
) -> Iterator[End]:
    """There is always a file; whoever has no face is not among those whose face goes."""
    expected = end.expected_of(transaction, customer_id, kept_days=days[kind], now=now)
    if expected is not None:
        goes_at, is_announced = expected
        yield End(kind, days[kind], goes_at, is_announced)
    elif kind is Kept.CUSTOMER:
        yield End(kind, days[kind], None)


def _first(
    transaction: Transaction, kind: Kept, customer_ids: Sequence[UUID], now: datetime
) -> tuple[int, datetime | None]:
    """How many there are, and since when the clock of the first runs that may go."""
    thing = retained(kind, now=now)
    if thing.customer is not None:
        theirs = thing.customer.in_(customer_ids)
    else:
        in_them = select(IncidentPerson.incident_id)
        theirs = thing.key.in_(in_them.where(IncidentPerson.customer_id.in_(customer_ids)))
    if kind in _ONLY:
        theirs = and_(theirs, _ONLY[kind])
    may_go = true() if thing.may_go is None else thing.may_go
    rows = select(thing.since.label("since"), may_go.label("may_go")).where(theirs).subquery()
    query = select(func.count(), func.min(rows.c.since).filter(rows.c.may_go)).select_from(rows)
    count, since = transaction.execute(query).one()
    return count, since
