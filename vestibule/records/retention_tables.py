"""How long things are kept, what is held back from expiring, and who was told that a face goes."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from vestibule.domain.ids import new_uuid
from vestibule.records.tables import Base, Json


class RetentionPolicyVersion(Base):
    """Append-only: the highest number is in force. Without any row the shipped policy is."""

    __tablename__ = "retention_policy"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content: Mapped[Json]
    reason: Mapped[str]
    adopted_by: Mapped[str]
    adopted_by_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    adopted_at: Mapped[datetime]


class LegalHold(Base):
    """Nothing about a customer, or nothing of an incident, expires until ``ends_at``.

    There is always an end. A hold keeps things; it makes nobody searchable. Erasing the customer
    takes the row along.
    """

    __tablename__ = "legal_hold"
    __table_args__ = (
        CheckConstraint("(customer_id IS NULL) <> (incident_id IS NULL)", name="what"),
        CheckConstraint("placed_at < ends_at", name="ends"),
        CheckConstraint("(lifted_at IS NULL) = (lifted_reason IS NULL)", name="lifted"),
        Index("ix_legal_hold_customer_id", "customer_id"),
        Index("ix_legal_hold_incident_id", "incident_id"),
        Index("ix_legal_hold_ends_at_id", "ends_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_uuid)
    customer_id: Mapped[UUID | None] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"))
    incident_id: Mapped[UUID | None] = mapped_column(ForeignKey("incident.id", ondelete="CASCADE"))
    reason: Mapped[str]
    placed_by: Mapped[str]
    placed_by_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    placed_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    lifted_at: Mapped[datetime | None]
    lifted_by: Mapped[str | None]
    lifted_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    lifted_reason: Mapped[str | None]


class FaceReminder(Base):
    """Since when a guest's file says that their faces go unless they come again."""

    __tablename__ = "face_reminder"

    customer_id: Mapped[UUID] = mapped_column(
        ForeignKey("customer.id", ondelete="CASCADE"), primary_key=True
    )
    made_at: Mapped[datetime]


class FileReminder(Base):
    """Since when it is announced that a guest's whole file goes unless they come again."""

    __tablename__ = "file_reminder"

    customer_id: Mapped[UUID] = mapped_column(
        ForeignKey("customer.id", ondelete="CASCADE"), primary_key=True
    )
    made_at: Mapped[datetime]


class RetentionRound(Base):
    """One row a kind: when it was looked through last, and what went since the beginning."""

    __tablename__ = "retention_round"

    kind: Mapped[str] = mapped_column(primary_key=True)
    looked_at: Mapped[datetime]
    removed: Mapped[int] = mapped_column(BigInteger, default=0)
    removed_at: Mapped[datetime | None]
