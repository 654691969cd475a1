"""The audit log."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Identity, Index
from sqlalchemy.orm import Mapped, mapped_column

from vestibule.records.tables import Base, Json


class AuditEntry(Base):
    """Append-only, by a trigger for everybody and by rights for services.

    ``entry_sha256`` covers the entry and the hash of the one before it.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_at_number", "at", "number"),
        Index("ix_audit_entry_actor_at_number", "actor", "at", "number"),
        Index("ix_audit_entry_action_at_number", "action", "at", "number"),
        Index("ix_audit_entry_subject_at_number", "subject", "at", "number"),
        Index(
            "ix_audit_entry_details",
            "details",
            postgresql_using="gin",
            postgresql_ops={"details": "jsonb_path_ops"},
            # Entries come one by one: none waits in a list that every search would read.
            postgresql_with={"fastupdate": "off"},
        ),
    )

    number: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str]
    action: Mapped[str]
    subject: Mapped[str]
    details: Mapped[Json]
    previous_sha256: Mapped[str]
    entry_sha256: Mapped[str]


class AuditStart(Base):
    """One row: the last entry that went because its time was up, and how many had by then.

    The entry after it names its hash. A sealed copy lies in object storage, and counts before this.
    """

    __tablename__ = "audit_start"
    __table_args__ = (CheckConstraint("id = 1", name="id"),)

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    number: Mapped[int] = mapped_column(BigInteger)
    entries: Mapped[int] = mapped_column(BigInteger)
    entry_sha256: Mapped[str]
    removed_at: Mapped[datetime]
