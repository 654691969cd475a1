"""What is kept, since when its clock runs, and what of it may not go yet.

One line a kind; whatever else hangs on a row goes with it by its foreign key.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from vestibule.domain.retention import Kept
from vestibule.records.alert_tables import Alert
from vestibule.records.consent_tables import ConsentProof
from vestibule.records.customer_import_tables import CustomerImport
from vestibule.records.gallery_tables import NotThem
from vestibule.records.incident_tables import Incident
from vestibule.records.offer_tables import Offer
from vestibule.records.purchase_tables import Purchase
from vestibule.records.rights_tables import DataRequest, PersonalLink
from vestibule.records.tables import (
    AccessToken,
    Consent,
    Enrolment,
    EnrolmentHold,
    FaceHold,
    Job,
    Photo,
)
from vestibule.records.visit_tables import Visit
from vestibule.records.watchlist_tables import (
    WatchlistAppeal,
    WatchlistEntry,
    WatchlistEvidence,
    WatchlistProposal,
)

Column = ColumnElement[Any] | InstrumentedAttribute[Any]


@dataclass(frozen=True, slots=True)
class Retained:
    """``key`` is the row that is deleted; ``since`` is NULL while no clock runs.

    ``customer`` or ``incident`` is the column that a legal hold looks at, where one can.
    """

    key: InstrumentedAttribute[Any]
    since: Column
    may_go: ColumnElement[bool] | None = None
    customer: Column | None = None
    incident: Column | None = None
    locked: type | None = None
    """Whose rows are locked before, so that nobody is just working on them."""


def retained(kind: Kept, *, now: datetime) -> Retained:
    """KeyError for the kinds that are no rows of one table: faces, files, audit, backups."""
    return _BY_KIND[kind](now)


IN_TABLES: Collection[Kept]
"""The kinds that ``retained`` knows."""

BY_SETTING: Mapping[str, Collection[InstrumentedAttribute[datetime]]] = {
    "photo": (Photo.expires_at,),
    "hold": (FaceHold.expires_at, EnrolmentHold.expires_at),
    "answer": (NotThem.expires_at,),
}
"""What carries its own end, as a setting of the operator made it; no hold applies."""


def _visit(_now: datetime) -> Retained:
    return Retained(Visit.id, Visit.entered_at, customer=Visit.customer_id)


def _purchase(_now: datetime) -> Retained:
    return Retained(Purchase.id, Purchase.occurred_at, customer=Purchase.customer_id)


def _incident(now: datetime) -> Retained:
    return Retained(
        Incident.id,
        Incident.occurred_at,
        and_(Incident.state != "DISMISSED", ~_is_evidence_now(now)),
        incident=Incident.id,
        locked=Incident,
    )


def _dismissed(now: datetime) -> Retained:
    return Retained(
        Incident.id,
        Incident.decided_at,
        and_(Incident.state == "DISMISSED", ~_is_evidence_now(now)),
        incident=Incident.id,
        locked=Incident,
    )


def _is_evidence_now(now: datetime) -> ColumnElement[bool]:
    """Of a proposal that is open, or of an entry that keeps somebody out or is appealed against."""
    query = (
        select(WatchlistEvidence.incident_id)
        .join(WatchlistProposal, WatchlistProposal.id == WatchlistEvidence.proposal_id)
        .outerjoin(WatchlistEntry, WatchlistEntry.proposal_id == WatchlistProposal.id)
        .where(
            WatchlistEvidence.incident_id == Incident.id,
            or_(WatchlistProposal.state == "OPEN", _holds(now), _is_appealed()),
        )
    )
    return query.exists()


def _holds(now: datetime) -> ColumnElement[bool]:
    return and_(WatchlistEntry.ends_at > now, WatchlistEntry.lifted_at.is_(None))


def _is_appealed() -> ColumnElement[bool]:
    query = select(WatchlistAppeal.id).where(
        WatchlistAppeal.entry_id == WatchlistEntry.id, WatchlistAppeal.outcome.is_(None)
    )
    return query.exists()


def _alert(now: datetime) -> Retained:
    """While its entry lasts, what was answered of it keeps the same face from raising another."""
    entry_lasts = select(WatchlistEntry.id).where(WatchlistEntry.id == Alert.entry_id, _holds(now))
    return Retained(
        Alert.id,
        Alert.raised_at,
        and_(Alert.answer.is_not(None), ~entry_lasts.exists()),
        customer=Alert.customer_id,
        locked=Alert,
    )


def _proposal(_now: datetime) -> Retained:
    became_one = select(WatchlistEntry.id).where(WatchlistEntry.proposal_id == WatchlistProposal.id)
    return Retained(
        WatchlistProposal.id,
        WatchlistProposal.closed_at,
        ~became_one.exists(),
        customer=WatchlistProposal.customer_id,
        locked=WatchlistProposal,
    )


def _entry(now: datetime) -> Retained:
    """With the proposal behind it and the appeals against it, whose clock may be the longer one."""
    last_word = (
        select(func.max(WatchlistAppeal.decided_at))
        .where(WatchlistAppeal.entry_id == WatchlistEntry.id)
        .scalar_subquery()
    )
    return Retained(
        WatchlistEntry.proposal_id,
        func.greatest(_ended(), last_word),
        and_(~_holds(now), ~_is_appealed(), ~_is_extended_now(now)),
        customer=WatchlistEntry.customer_id,
        locked=WatchlistEntry,
    )


def _is_extended_now(now: datetime) -> ColumnElement[bool]:
    """By one that lasts: how long somebody has been kept out is counted from the first."""
    longer = aliased(WatchlistEntry)
    query = (
        select(longer.id)
        .join(WatchlistProposal, WatchlistProposal.id == longer.proposal_id)
        .where(
            WatchlistProposal.extends_id == WatchlistEntry.id,
            longer.ends_at > now,
            longer.lifted_at.is_(None),
        )
    )
    return query.exists()


def _ended() -> ColumnElement[datetime]:
    return func.least(WatchlistEntry.lifted_at, WatchlistEntry.ends_at)


def _appeal(now: datetime) -> Retained:
    ended = select(_ended()).where(WatchlistEntry.id == WatchlistAppeal.entry_id)
    whose = select(WatchlistEntry.id).where(
        WatchlistEntry.id == WatchlistAppeal.entry_id, ~_holds(now)
    )
    return Retained(
        WatchlistAppeal.id,
        func.greatest(WatchlistAppeal.decided_at, ended.scalar_subquery()),
        and_(WatchlistAppeal.decided_at.is_not(None), whose.exists()),
        customer=select(WatchlistEntry.customer_id)
        .where(WatchlistEntry.id == WatchlistAppeal.entry_id)
        .scalar_subquery(),
        locked=WatchlistAppeal,
    )


def _import(_now: datetime) -> Retained:
    return Retained(CustomerImport.id, CustomerImport.finished_at)


def _consent(_now: datetime) -> Retained:
    return Retained(Consent.id, _consent_ended(), customer=Consent.customer_id, locked=Consent)


def _consent_ended() -> ColumnElement[datetime]:
    """NULL for one that was given without an end and stands."""
    return func.least(Consent.withdrawn_at, Consent.expires_at)


def _consent_proof(_now: datetime) -> Retained:
    """What no consent names any more was needed until it was made."""
    shown = or_(Consent.proof_id == ConsentProof.id, Consent.withdrawal_proof_id == ConsentProof.id)
    last_end = select(func.max(_consent_ended())).where(shown).scalar_subquery()
    stands = select(Consent.id).where(shown, _consent_ended().is_(None))
    return Retained(
        ConsentProof.id,
        func.coalesce(last_end, ConsentProof.recorded_at),
        ~stands.exists(),
        customer=ConsentProof.customer_id,
    )


def _offer(_now: datetime) -> Retained:
    return Retained(
        Offer.id,
        func.least(Offer.redeemed_at, Offer.taken_back_at, Offer.ends_at),
        customer=Offer.customer_id,
        locked=Offer,
    )


def _data_request(_now: datetime) -> Retained:
    return Retained(
        DataRequest.id,
        DataRequest.closed_at,
        customer=DataRequest.customer_id,
        locked=DataRequest,
    )


def _link(_now: datetime) -> Retained:
    return Retained(PersonalLink.id, PersonalLink.expires_at, customer=PersonalLink.customer_id)


def _enrolment(_now: datetime) -> Retained:
    """Its job goes by its own clock. Pixels that are left over go first, by minutes."""
    ended = select(Job.finished_at).where(Job.id == Enrolment.job_id).scalar_subquery()
    pixels = select(EnrolmentHold.enrolment_id).where(EnrolmentHold.enrolment_id == Enrolment.id)
    return Retained(
        Enrolment.id,
        ended,
        and_(Enrolment.upload_key.is_(None), ~pixels.exists()),
        customer=Enrolment.customer_id,
        locked=Enrolment,
    )


def _job(_now: datetime) -> Retained:
    """But those that photos and enrolments show, which go with these; and what is not about
    anybody: when the gallery was looked through and the demonstration was loaded."""
    is_shown = or_(
        select(Photo.id).where(Photo.job_id == Job.id).exists(),
        select(Enrolment.id).where(Enrolment.job_id == Job.id).exists(),
    )
    return Retained(Job.id, Job.finished_at, and_(Job.kind.not_in(("GALLERY", "DEMO")), ~is_shown))


def _session(_now: datetime) -> Retained:
    """Keys of programs have no session; they are nobody's."""
    return Retained(
        AccessToken.token_sha256,
        func.least(AccessToken.revoked_at, AccessToken.expires_at),
        AccessToken.kind == "session",
    )


_BY_KIND: Mapping[Kept, Callable[[datetime], Retained]] = {
    Kept.VISIT: _visit,
    Kept.PURCHASE: _purchase,
    Kept.INCIDENT: _incident,
    Kept.DISMISSED_INCIDENT: _dismissed,
    Kept.ALERT: _alert,
    Kept.PROPOSAL: _proposal,
    Kept.ENTRY: _entry,
    Kept.APPEAL: _appeal,
    Kept.CONSENT: _consent,
    Kept.CONSENT_PROOF: _consent_proof,
    Kept.OFFER: _offer,
    Kept.DATA_REQUEST: _data_request,
    Kept.LINK: _link,
    Kept.ENROLMENT: _enrolment,
    Kept.JOB: _job,
    Kept.SESSION: _session,
    Kept.IMPORT: _import,
}
IN_TABLES = tuple(_BY_KIND)
