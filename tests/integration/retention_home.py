"""A stage with its clock, old things put there in short ways, and what is left of them."""

from datetime import timedelta
from types import SimpleNamespace
from uuid import UUID, uuid4

from sqlalchemy import func, select

from tests.integration.incident_house import House
from tests.integration.watchlisted import manager
from vestibule.domain.incidents import Involved, Part
from vestibule.domain.permissions import Role
from vestibule.domain.retention import as_shipped, content_of
from vestibule.records import retention_policies, visits
from vestibule.records.audit_tables import AuditEntry
from vestibule.records.incident_tables import Incident
from vestibule.records.purchase_tables import Purchase
from vestibule.records.retention_tables import LegalHold, RetentionPolicyVersion
from vestibule.records.visit_tables import Visit

DAYS = as_shipped().days


class Home:
    """A stage with its clock, staff, and short ways to put old things there."""

    def __init__(self, stage) -> None:
        self.stage, self.runtime, self.clock = stage, stage.runtime, stage.runtime.clock
        self.house = House(stage)

    def pass_days(self, days: float) -> None:
        self.clock.moment += timedelta(days=days)

    def visit(self, guest: UUID, *, days_ago: float = 0) -> None:
        at = self.clock.now() - timedelta(days=days_ago)
        with self.runtime.database.begin() as transaction:
            visits.add_visit(
                transaction,
                guest,
                venue_id=self.house.venue_id,
                night=at.date(),
                entered_at=at,
                source="hand",
            )

    def purchase(self, guest: UUID, *, days_ago: float = 0) -> None:
        at = self.clock.now() - timedelta(days=days_ago)
        with self.runtime.database.begin() as transaction:
            transaction.add(
                Purchase(
                    venue_id=self.house.venue_id,
                    customer_id=guest,
                    till="1",
                    receipt=uuid4().hex,
                    line=1,
                    occurred_at=at,
                    night=at.date(),
                    amount_minor=900,
                    currency="EUR",
                    category="beer",
                    alcohol_hundredths=100,
                    recorded_by="till",
                    created_at=at,
                )
            )

    def incident(self, *guests: UUID, **fields) -> UUID:
        involved = [Involved(Part.ACTOR, guest, None) for guest in guests]
        incident_id = self.house.report(self.house.staff(Role.HOST), *involved)
        with self.runtime.database.begin() as transaction:
            row = transaction.get_one(Incident, incident_id)
            for name, value in fields.items():
                setattr(row, name, value)
        return incident_id

    def hold(self, *, customer_id=None, incident_id=None, days: float = 10_000) -> UUID:
        now = self.clock.now()
        hold = LegalHold(
            customer_id=customer_id,
            incident_id=incident_id,
            reason="A claim.",
            placed_by="dpo",
            placed_by_id=manager(self.runtime),
            placed_at=now,
            ends_at=now + timedelta(days=days),
        )
        with self.runtime.database.begin() as transaction:
            transaction.add(hold)
        return hold.id

    def adopt(self, **days: int) -> None:
        with self.runtime.database.begin() as transaction:
            number = retention_policies.in_force(transaction).number + 1
            transaction.add(
                RetentionPolicyVersion(
                    number=number,
                    content={**content_of(as_shipped()), **days},
                    reason="test",
                    adopted_by="dpo",
                    adopted_by_id=manager(self.runtime),
                    adopted_at=self.clock.now(),
                )
            )

    def count(self, table, *where) -> int:
        with self.runtime.database.begin() as transaction:
            return transaction.scalar(select(func.count()).select_from(table).where(*where)) or 0

    def visits_of(self, guest: UUID) -> int:
        return self.count(Visit, Visit.customer_id == guest)

    def entries_of(self, action: str) -> list[AuditEntry]:
        query = select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.number)
        with self.runtime.database.begin() as transaction:
            return list(transaction.scalars(query))

    def strike(self) -> None:
        with self.runtime.database.begin() as transaction:
            for table in (RetentionPolicyVersion, LegalHold, Incident):
                for row in transaction.scalars(select(table)):
                    transaction.delete(row)


def guest(home: Home, axis: int = 1) -> SimpleNamespace:
    vector = home.stage.axis(axis)
    customer = home.stage.guest(f"Guest {axis}", vector)
    return SimpleNamespace(id=customer.id, vector=vector)
