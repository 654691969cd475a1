"""A club, its staff and what they do about incidents; and how to do things at once."""

import threading
from uuid import uuid4

from sqlalchemy import select

from vestibule.domain.incidents import IncidentKind, Involved
from vestibule.domain.permissions import Grant, Role, rights_of
from vestibule.records import accounts, incidents, venues
from vestibule.records.audit_tables import AuditEntry
from vestibule.records.incident_lists import Filters
from vestibule.records.tables import Venue
from vestibule.workflows.attach_to_incident import (
    attach_to_incident,
)
from vestibule.workflows.decide_incident import verify_incident
from vestibule.workflows.edit_incident import IncidentEdit, edit_incident
from vestibule.workflows.report_incident import NewIncident, report_incident
from vestibule.workflows.see_incidents import list_incidents, look_at_incident
from vestibule.workflows.sign_in import Principal


class House:
    """A club, its staff and what they do about incidents."""

    def __init__(self, stage) -> None:
        self.stage = stage
        self.runtime = stage.runtime
        with self.runtime.database.begin() as transaction:
            self.venue_id = venues.home(transaction).id

    def staff(self, role: Role, *, venue_id=None) -> Principal:
        now = self.runtime.clock.now()
        with self.runtime.database.begin() as transaction:
            name = role.value
            account = accounts.add(transaction, name=name, email=None, status="ACTIVE", now=now)
        return self.principal(Grant(role, venue_id or self.venue_id), account.id)

    def principal(self, grant: Grant, account_id) -> Principal:
        venue_id = grant.venue_id or self.venue_id
        return Principal(grant.role.value, None, account_id, rights_of([grant]), venue_id)

    def other_venue(self):
        venue_id = uuid4()
        with self.runtime.database.begin() as transaction:
            transaction.add(
                Venue(
                    id=venue_id,
                    name="Elsewhere",
                    timezone="Europe/Paris",
                    closes_at_hour=8,
                    created_at=self.runtime.clock.now(),
                )
            )
        return venue_id

    def report(self, by: Principal, *people: Involved, **fields):
        new = NewIncident(
            **{
                "id": uuid4(),
                "kind": IncidentKind.VIOLENCE,
                "severity": 3,
                "account": "Pushed somebody.",
                "people": people,
                **fields,
            }
        )
        return report_incident(self.runtime, new, by=by)

    def look(self, incident_id, by: Principal):
        return look_at_incident(self.runtime, incident_id, by=by)

    def row(self, incident_id):
        with self.runtime.database.begin() as transaction:
            return incidents.find(transaction, incident_id)

    def version(self, incident_id) -> int:
        return self.row(incident_id).version

    def verify(self, incident_id, by: Principal, *, seen: int | None = None) -> None:
        seen = seen or self.version(incident_id)
        verify_incident(self.runtime, incident_id, seen_version=seen, reason=None, by=by)

    def edit(self, incident_id, by: Principal, *, seen: int | None = None, **fields) -> None:
        seen = seen or self.version(incident_id)
        edit = IncidentEdit(**fields)
        edit_incident(self.runtime, incident_id, edit, seen_version=seen, by=by)

    def attach(self, incident_id, by: Principal, content: bytes, name: str = "file"):
        return attach_to_incident(self.runtime, incident_id, content, name=name, by=by)

    def listed(self, by: Principal, **filters) -> list:
        page, _ = list_incidents(self.runtime, Filters(**filters), limit=100, after=None, by=by)
        return [item.incident.id for item in page.items]

    def audited(self, incident_id) -> list[str]:
        with self.runtime.database.begin() as transaction:
            query = select(AuditEntry.action).where(AuditEntry.subject == f"incident:{incident_id}")
            return list(transaction.scalars(query.order_by(AuditEntry.number)))


def at_once(calls) -> None:
    start = threading.Barrier(len(calls))

    def run(call) -> None:
        start.wait()
        call()

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
