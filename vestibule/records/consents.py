"""Which consents count now, and what of them must be told or tended.

"Now" is Postgres' own clock, read by the statement itself: no caller can forget it or bring another
one, and a consent that expires while a query waits for a lock does not slip through.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, join, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, aliased

from vestibule.domain.jurisdiction import Basis
from vestibule.records.consent_tables import ConsentProof, LegalProvision
from vestibule.records.database import Transaction
from vestibule.records.tables import Consent, Customer
from vestibule.records.watchlist_tables import WatchlistEntry

NOW = func.statement_timestamp()
Owner = InstrumentedAttribute[UUID]
"""The column that says whose consent is asked for."""


def stands(consent: type[Consent] = Consent) -> ColumnElement[bool]:
    """Neither withdrawn nor expired."""
    return and_(
        consent.withdrawn_at.is_(None),
        or_(consent.expires_at.is_(None), consent.expires_at > NOW),
    )


def agrees_to(
    purpose: str, customer_id: Owner = Customer.id, *, venue_id: UUID | None = None
) -> ColumnElement[bool]:
    """At that venue, or anywhere where none is named. Sharing carries it to every venue."""
    consent = aliased(Consent)
    given = exists().where(
        consent.customer_id == customer_id, consent.purpose == purpose, stands(consent)
    )
    if venue_id is None:
        return given
    shared = aliased(Consent)
    shares = exists().where(
        shared.customer_id == customer_id, shared.purpose == "sharing", stands(shared)
    )
    here = or_(consent.venue_id.is_(None), consent.venue_id == venue_id, shares)
    return given.where(here)


def is_sought_by_law(
    customer_id: Owner = Customer.id, *, venue_id: UUID | None = None
) -> ColumnElement[bool]:
    """On the watchlist where an approved provision of law lets faces be compared with it."""
    entry, provision = aliased(WatchlistEntry), aliased(LegalProvision)
    both = join(entry, provision, _same_place(entry, provision))
    query = (
        exists()
        .select_from(both)
        .where(entry.customer_id == customer_id, _entry_holds(entry), provision_counts(provision))
    )
    if venue_id is None:
        return query
    return query.where(
        or_(entry.venue_id.is_(None), entry.venue_id == venue_id),
        or_(provision.venue_id.is_(None), provision.venue_id == venue_id),
    )


def _same_place(
    entry: type[WatchlistEntry], provision: type[LegalProvision]
) -> ColumnElement[bool]:
    return or_(
        entry.venue_id.is_(None),
        provision.venue_id.is_(None),
        entry.venue_id == provision.venue_id,
    )


def _entry_holds(entry: type[WatchlistEntry]) -> ColumnElement[bool]:
    return and_(entry.starts_at <= NOW, entry.ends_at > NOW, entry.lifted_at.is_(None))


def provision_counts(
    provision: type[LegalProvision] = LegalProvision,
) -> ColumnElement[bool]:
    return and_(
        provision.state == "APPROVED", provision.ends_at > NOW, provision.ended_at.is_(None)
    )


@dataclass(frozen=True, slots=True)
class Ground:
    """Why and where a customer may be searched. ``venue_ids`` None is every venue."""

    basis: str
    venue_ids: frozenset[UUID] | None


def grounds(transaction: Transaction, customer_ids: Iterable[UUID]) -> dict[UUID, Ground]:
    """Of those who may be searched at all; consent comes before law."""
    ids = set(customer_ids)
    found = _by_consent(transaction, ids)
    for customer_id, venue_id in _by_law(transaction, ids):
        known = found.get(customer_id, Ground(Basis.LEGAL_PROVISION.value, frozenset()))
        found[customer_id] = Ground(known.basis, _widened(known.venue_ids, venue_id))
    return found


def _by_consent(transaction: Transaction, ids: set[UUID]) -> dict[UUID, Ground]:
    query = select(Consent.customer_id, Consent.purpose, Consent.basis, Consent.venue_id).where(
        Consent.customer_id.in_(ids), Consent.purpose.in_(("recognition", "sharing")), stands()
    )
    rows = transaction.execute(query.order_by(Consent.given_at)).all()
    sharing = {row.customer_id for row in rows if row.purpose == "sharing"}
    found: dict[UUID, Ground] = {}
    for row in rows:
        if row.purpose != "recognition":
            continue
        known = found.get(row.customer_id, Ground(row.basis, frozenset()))
        venue_id = None if row.customer_id in sharing else row.venue_id
        found[row.customer_id] = Ground(row.basis, _widened(known.venue_ids, venue_id))
    return found


def _by_law(transaction: Transaction, ids: set[UUID]) -> list[tuple[UUID, UUID | None]]:
    """Each with a venue where both the entry and the provision hold; None is every one."""
    entry, provision = WatchlistEntry, LegalProvision
    query = (
        select(entry.customer_id, func.coalesce(entry.venue_id, provision.venue_id))
        .join(provision, _same_place(entry, provision))
        .where(entry.customer_id.in_(ids), _entry_holds(entry), provision_counts())
    )
    return [(customer_id, venue_id) for customer_id, venue_id in transaction.execute(query)]


def _widened(venues: frozenset[UUID] | None, venue_id: UUID | None) -> frozenset[UUID] | None:
    return None if venues is None or venue_id is None else venues | {venue_id}


def agreeing_to(
    transaction: Transaction,
    purpose: str,
    customer_ids: Iterable[UUID],
    *,
    venue_id: UUID | None = None,
) -> set[UUID]:
    """Those of them; the question to ask before anything is done for that purpose."""
    query = select(Customer.id).where(
        Customer.id.in_(list(customer_ids)),
        Customer.status == "ACTIVE",
        agrees_to(purpose, venue_id=venue_id),
    )
    return set(transaction.scalars(query))


def standing_of(transaction: Transaction, customer_id: UUID) -> list[Consent]:
    """Those that count now, the latest first."""
    query = select(Consent).where(Consent.customer_id == customer_id, stands())
    return list(transaction.scalars(query.order_by(Consent.given_at.desc(), Consent.id)))


def take_lapsed(transaction: Transaction, *, now: datetime, limit: int) -> list[Consent]:
    """Expired consents that nobody took note of yet, marked as noted."""
    query = (
        select(Consent.id)
        .where(
            Consent.withdrawn_at.is_(None), Consent.lapsed_at.is_(None), Consent.expires_at <= NOW
        )
        .order_by(Consent.expires_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    ids = list(transaction.scalars(query))
    if not ids:
        return []
    marked = update(Consent).where(Consent.id.in_(ids)).values(lapsed_at=now).returning(Consent)
    return list(transaction.scalars(marked))


# ── renewal ─────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class Ending:
    """A customer's consent to a purpose, and when the last of them ends."""

    customer: Customer
    purpose: str
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class EndingPage:
    items: list[Ending]
    total: int


def ending(
    transaction: Transaction, *, after: datetime, until: datetime, offset: int, limit: int
) -> EndingPage:
    """Consents that end between the two, unless a later one of the same purpose goes on."""
    later = aliased(Consent)
    goes_on = exists().where(
        later.customer_id == Consent.customer_id,
        later.purpose == Consent.purpose,
        later.withdrawn_at.is_(None),
        or_(
            later.expires_at.is_(None),
            later.expires_at > Consent.expires_at,
            and_(later.expires_at == Consent.expires_at, later.id > Consent.id),
        ),
    )
    # From those that end then, found by their end: most of all consents do not.
    due = (
        select(Customer, Consent.purpose, Consent.expires_at)
        .join(Consent, Consent.customer_id == Customer.id)
        .where(Consent.withdrawn_at.is_(None), Consent.expires_at > after)
        .where(Consent.expires_at <= until, Customer.status == "ACTIVE", ~goes_on)
    )
    total = transaction.scalar(select(func.count()).select_from(due.subquery())) or 0
    page = due.order_by(Consent.expires_at, Customer.id, Consent.purpose)
    rows = transaction.execute(page.offset(offset).limit(limit))
    return EndingPage([Ending(who, purpose, at) for who, purpose, at in rows if at], total)


# ── what shows it ───────────────────────────────────────────────────────────────────────────
def add_proof(transaction: Transaction, proof: ConsentProof) -> None:
    transaction.add(proof)
    transaction.flush()


def proofs_of(transaction: Transaction, customer_id: UUID) -> list[ConsentProof]:
    return list(
        transaction.scalars(select(ConsentProof).where(ConsentProof.customer_id == customer_id))
    )


def find_proof(transaction: Transaction, customer_id: UUID, proof_id: UUID) -> ConsentProof | None:
    query = select(ConsentProof).where(
        ConsentProof.id == proof_id, ConsentProof.customer_id == customer_id
    )
    return transaction.scalar(query)


def proof_keys(transaction: Transaction, customer_id: UUID) -> list[str]:
    """Of the objects that show what a customer agreed to; they go where the customer goes."""
    query = select(ConsentProof.object_key).where(
        ConsentProof.customer_id == customer_id, ConsentProof.object_key.is_not(None)
    )
    return [key for key in transaction.scalars(query) if key is not None]
