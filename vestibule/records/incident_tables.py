"""Incidents, the people in them, their history and what is attached."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from vestibule.domain.ids import new_uuid
from vestibule.records.tables import Base, Json

_KINDS = (
    "'violence', 'harassment', 'weapon', 'theft', 'damage', 'drugs', 'over_consumption', 'fraud', "
    "'other'"
)


class Incident(Base):
    """``version`` grows with every change; who changes one says which version they saw.

    ``decided_by_id`` verified or dismissed it, and ``decision_reason`` says why; both are emptied
    when an edit asks for a new decision, and the revisions keep them. ``night`` is the venue's.
    """

    __tablename__ = "incident"
    __table_args__ = (
        CheckConstraint(f"kind IN ({_KINDS})", name="kind"),
        CheckConstraint("severity BETWEEN 1 AND 5", name="severity"),
        CheckConstraint("state IN ('REPORTED', 'VERIFIED', 'DISMISSED', 'CLOSED')", name="state"),
        CheckConstraint("decided_by_id <> reporter_id", name="decided_by_another"),
        Index("ix_incident_occurred_at_id", "occurred_at", "id"),
        Index("ix_incident_venue_id_occurred_at_id", "venue_id", "occurred_at", "id"),
        Index("ix_incident_state_occurred_at_id", "state", "occurred_at", "id"),
        Index("ix_incident_kind_occurred_at_id", "kind", "occurred_at", "id"),
        Index("ix_incident_reporter_id_occurred_at_id", "reporter_id", "occurred_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_uuid)
    venue_id: Mapped[UUID] = mapped_column(ForeignKey("venue.id"))
    kind: Mapped[str]
    severity: Mapped[int]
    occurred_at: Mapped[datetime]
    night: Mapped[date]
    account: Mapped[str]
    """What happened, in the words of who reported it."""
    state: Mapped[str] = mapped_column(default="REPORTED")
    version: Mapped[int] = mapped_column(default=1)
    reporter_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    decided_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime | None]
    decision_reason: Mapped[str | None]
    closed_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    closed_at: Mapped[datetime | None]
    is_demo: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class IncidentPerson(Base):
    """Somebody in an incident: a customer, or somebody unnamed who is described.

    A customer who is erased leaves their incidents. Nobody is in one twice, unless two files were
    merged since; ``records.incidents`` then takes the weightiest part.
    """

    __tablename__ = "incident_person"
    __table_args__ = (
        CheckConstraint("part IN ('actor', 'victim', 'witness')", name="part"),
        CheckConstraint("(customer_id IS NULL) <> (description IS NULL)", name="who"),
        Index("ix_incident_person_incident_id", "incident_id"),
        Index("ix_incident_person_customer_id", "customer_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_uuid)
    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incident.id", ondelete="CASCADE"))
    customer_id: Mapped[UUID | None] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"))
    description: Mapped[str | None]
    part: Mapped[str]


class IncidentRevision(Base):
    """One step in the life of an incident. ``changes`` maps a field to what it was and became.

    Numbered by the version that the incident had after it.
    """

    __tablename__ = "incident_revision"
    __table_args__ = (
        CheckConstraint(
            "action IN ('REPORTED', 'EDITED', 'VERIFIED', 'DISMISSED', 'CLOSED', 'ATTACHED', "
            "'DETACHED')",
            name="action",
        ),
    )

    incident_id: Mapped[UUID] = mapped_column(
        ForeignKey("incident.id", ondelete="CASCADE"), primary_key=True
    )
    version: Mapped[int] = mapped_column(primary_key=True)
    action: Mapped[str]
    by_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
    reason: Mapped[str | None]
    changes: Mapped[Json]


class IncidentAttachment(Base):
    """A picture or a document, sealed in object storage under a key of its own.

    ``sealing_key`` is sealed under the installation's; deleting the row makes the object
    unreadable at once.
    """

    __tablename__ = "incident_attachment"
    __table_args__ = (
        CheckConstraint("media_type IN ('image/jpeg', 'application/pdf')", name="media_type"),
        Index("ix_incident_attachment_incident_id", "incident_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_uuid)
    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incident.id", ondelete="CASCADE"))
    name: Mapped[str]
    media_type: Mapped[str]
    size_bytes: Mapped[int]
    sha256: Mapped[str]
    object_key: Mapped[str]
    sealing_key: Mapped[bytes] = mapped_column(LargeBinary)
    added_by_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime]
