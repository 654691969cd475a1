"""Who may see which incident, and who may decide it.

Managers see those of their venues, the data protection officer all. Door staff see what they
reported themselves, until it is decided. What somebody may not see is not there for them.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from vestibule.domain.errors import IncidentChangedError, NotFoundError, PersonNeededError
from vestibule.domain.names_in_words import NamesToHide
from vestibule.domain.permissions import Permission
from vestibule.records import audit, incident_lists, incidents, legal_holds
from vestibule.records.database import Transaction
from vestibule.records.forgotten_people import erased_in, hidden_in
from vestibule.records.incident_lists import Filters, Listed, Page, Place, Sight
from vestibule.records.incident_tables import Incident, IncidentAttachment, IncidentRevision
from vestibule.records.retention_tables import LegalHold
from vestibule.workflows.runtime import Runtime
from vestibule.workflows.sign_in import Principal


@dataclass(frozen=True, slots=True)
class WholeIncident:
    """``names`` are those of every account that the history and the attachments name.

    ``holds`` keep it from expiring; who merely reported it is not told of any, and only who may
    place holds is told their reasons.
    """

    listed: Listed
    revisions: list[IncidentRevision]
    attachments: list[IncidentAttachment]
    names: dict[UUID, str]
    holds: list[LegalHold]
    may_know_reasons: bool
    erased_kept_until: datetime | None
    """Somebody in it was erased, and a legal hold keeps what a claim needs until then."""
    hidden: NamesToHide
    """Not to be read by the caller in what people wrote."""
    may_edit: bool
    may_decide: bool
    may_verify: bool
    may_close: bool


def list_incidents(
    runtime: Runtime, filters: Filters, *, limit: int, after: Place | None, by: Principal
) -> tuple[Page, int]:
    """A page, and how many wait for a decision. The look is recorded with what it showed."""
    with runtime.database.begin() as transaction:
        sight = sight_of(by)
        page = incident_lists.page(transaction, sight, filters, limit=limit, after=after)
        waiting = incident_lists.open_count(transaction, sight)
        audit.append(
            transaction,
            at=runtime.clock.now(),
            actor=by.actor,
            action="incident.list",
            subject="incidents",
            incidents=[str(item.incident.id) for item in page.items],
        )
    return page, waiting


def look_at_incident(runtime: Runtime, incident_id: UUID, *, by: Principal) -> WholeIncident:
    """All of it. The look is recorded. Raises NotFoundError."""
    with runtime.database.begin() as transaction:
        incident = require_seen(incidents.find(transaction, incident_id), by)
        whole = _whole(transaction, incident, by, now=runtime.clock.now())
        record(runtime, transaction, incident, "view", by)
    return whole


def sight_of(by: Principal) -> Sight:
    return Sight(
        venues=by.venues(Permission.VIEW_INCIDENTS),
        reporter_id=by.account_id if by.may(Permission.REPORT_INCIDENTS) else None,
    )


def require_seen(incident: Incident | None, by: Principal) -> Incident:
    """Raises NotFoundError for one that the caller may not see: they do not learn that it is."""
    if incident is None or not _is_seen(incident, by):
        raise NotFoundError()
    return incident


def require_person(by: Principal) -> UUID:
    """Their account. Raises PersonNeededError for an API key."""
    if by.account_id is None:
        raise PersonNeededError()
    return by.account_id


def require_decider(incident: Incident, by: Principal) -> UUID:
    """Raises ForbiddenError unless the caller is a person who may decide at the venue."""
    by.require(Permission.VERIFY_INCIDENTS, incident.venue_id)
    return require_person(by)


def require_version(incident: Incident, seen_version: int) -> None:
    """Raises IncidentChangedError unless it is still as the caller saw it."""
    if incident.version != seen_version:
        raise IncidentChangedError(seen=seen_version, version=incident.version)


def may_edit(incident: Incident, by: Principal) -> bool:
    """Who reported it, until it is decided; then managers of the venue, until it is closed."""
    if incident.state in ("DISMISSED", "CLOSED") or by.account_id is None:
        return False
    if by.may(Permission.VERIFY_INCIDENTS, incident.venue_id):
        return True
    return incident.state == "REPORTED" and _is_own(incident, by)


def record(
    runtime: Runtime,
    transaction: Transaction,
    incident: Incident,
    what: str,
    by: Principal,
    **details: object,
) -> None:
    """The entry of the audit log; the last thing in a transaction."""
    audit.append(
        transaction,
        at=runtime.clock.now(),
        actor=by.actor,
        action=f"incident.{what}",
        subject=f"incident:{incident.id}",
        venue=str(incident.venue_id),
        customers=[str(one) for one in incidents.customers_in(transaction, incident.id)],
        **details,
    )


def _is_seen(incident: Incident, by: Principal) -> bool:
    if by.may(Permission.VIEW_INCIDENTS, incident.venue_id):
        return True
    return incident.state == "REPORTED" and _is_own(incident, by)


def _is_own(incident: Incident, by: Principal) -> bool:
    may_report = by.may(Permission.REPORT_INCIDENTS, incident.venue_id)
    return may_report and by.account_id == incident.reporter_id


def _whole(
    transaction: Transaction, incident: Incident, by: Principal, *, now: datetime
) -> WholeIncident:
    revisions = incidents.revisions_of(transaction, incident.id)
    attachments = incidents.attachments_of(transaction, incident.id)
    named = {row.by_id for row in revisions} | {row.added_by_id for row in attachments}
    is_decider = by.account_id is not None and by.may(
        Permission.VERIFY_INCIDENTS, incident.venue_id
    )
    is_open = incident.state == "REPORTED"
    may_decide = is_decider and is_open and by.account_id != incident.reporter_id
    correctors = incidents.correctors_of(transaction, [incident.id]).get(incident.id, frozenset())
    may_know = by.may(Permission.MANAGE_PRIVACY)
    erased = erased_in(transaction, incident.id)
    hidden = hidden_in(transaction, [incident.id]) if erased and not may_know else {}
    return WholeIncident(
        listed=incident_lists.listed(transaction, [incident])[0],
        revisions=revisions,
        attachments=attachments,
        names=incident_lists.account_names(transaction, named),
        holds=(
            legal_holds.on_incident(transaction, incident.id, now=now)
            if by.may(Permission.VIEW_INCIDENTS, incident.venue_id)
            else []
        ),
        may_know_reasons=may_know,
        erased_kept_until=legal_holds.ends_of(transaction, erased, now=now) if erased else None,
        hidden=hidden.get(incident.id, NamesToHide()),
        may_edit=may_edit(incident, by),
        may_decide=may_decide,
        may_verify=may_decide and by.account_id not in correctors,
        may_close=is_decider and incident.state == "VERIFIED",
    )
