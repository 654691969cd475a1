"""What guests bought, as the till says it, and from how much on staff is asked to take care."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from vestibule.domain.ids import new_uuid
from vestibule.records.tables import Base, Json


class Purchase(Base):
    """One line of a receipt. ``till``, ``receipt`` and ``line`` name it once at a venue.

    ``amount_minor`` counts the smallest unit of ``currency``, ``alcohol_hundredths`` hundredths of
    a unit of 10 g. A VOIDED one counts nothing and stays, so that the till's repetition is known.
    """

    __tablename__ = "purchase"
    __table_args__ = (
        UniqueConstraint("venue_id", "till", "receipt", "line"),
        CheckConstraint("state IN ('VALID', 'VOIDED')", name="state"),
        CheckConstraint("alcohol_hundredths >= 0", name="alcohol"),
        Index("ix_purchase_customer_id_occurred_at_id", "customer_id", "occurred_at", "id"),
        Index("ix_purchase_occurred_at", "occurred_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_uuid)
    venue_id: Mapped[UUID] = mapped_column(ForeignKey("venue.id"))
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"))
    till: Mapped[str]
    receipt: Mapped[str]
    line: Mapped[int]
    occurred_at: Mapped[datetime]
    night: Mapped[date]
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str]
    category: Mapped[str]
    alcohol_hundredths: Mapped[int]
    state: Mapped[str] = mapped_column(default="VALID")
    recorded_by: Mapped[str]
    created_at: Mapped[datetime]


class PurchaseChange(Base):
    """A correction or a void: of each field what it was and became."""

    __tablename__ = "purchase_change"
    __table_args__ = (Index("ix_purchase_change_purchase_id", "purchase_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_uuid)
    purchase_id: Mapped[UUID] = mapped_column(ForeignKey("purchase.id", ondelete="CASCADE"))
    at: Mapped[datetime]
    by: Mapped[str]
    reason: Mapped[str]
    changes: Mapped[Json]


class UnknownPurchases(Base):
    """How many purchases of a night were of nobody known here. Nothing else of them is kept."""

    __tablename__ = "unknown_purchases"

    venue_id: Mapped[UUID] = mapped_column(ForeignKey("venue.id"), primary_key=True)
    night: Mapped[date] = mapped_column(primary_key=True)
    count: Mapped[int]


class ConsumptionPolicyVersion(Base):
    """The chain's thresholds; the latest version is in force."""

    __tablename__ = "consumption_policy"
    __table_args__ = (
        CheckConstraint("window_minutes BETWEEN 30 AND 1440", name="window"),
        CheckConstraint(
            "watch_hundredths > 0 AND care_hundredths > watch_hundredths", name="thresholds"
        ),
    )

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    window_minutes: Mapped[int]
    watch_hundredths: Mapped[int]
    care_hundredths: Mapped[int]
    reason: Mapped[str]
    adopted_by_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    adopted_at: Mapped[datetime]
