"""Visits: who was there on which night, and how that came to be known."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from vestibule.domain.ids import new_uuid
from vestibule.records.tables import Base


class Visit(Base):
    """Once a customer, venue and night. ``face_id`` is the confirmed face that gave it; NULL once
    its photo has expired.

    ``source`` is face, hand, ticket or import. ``left_at`` is when they left, as far as anybody
    said so; who comes back has not left.
    """

    __tablename__ = "visit"
    __table_args__ = (
        UniqueConstraint("customer_id", "venue_id", "night"),
        Index("ix_visit_venue_id_night", "venue_id", "night"),
        Index("ix_visit_customer_id_entered_at", "customer_id", "entered_at"),
        Index("ix_visit_entered_at", "entered_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_uuid)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"))
    venue_id: Mapped[UUID] = mapped_column(ForeignKey("venue.id"))
    face_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("face.id", ondelete="SET NULL"), index=True
    )
    night: Mapped[date]
    entered_at: Mapped[datetime]
    left_at: Mapped[datetime | None]
    source: Mapped[str] = mapped_column(default="face", server_default=text("'face'"))
    recorded_by: Mapped[str | None]


class HeadCount(Base):
    """People whom nobody knows, counted through the door: ``change`` of them in, or out below zero.

    ``request_key`` is the caller's: the same one counts once.
    """

    __tablename__ = "head_count"
    __table_args__ = (
        UniqueConstraint("venue_id", "request_key"),
        Index("ix_head_count_venue_id_night", "venue_id", "night"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_uuid)
    venue_id: Mapped[UUID] = mapped_column(ForeignKey("venue.id"))
    night: Mapped[date]
    change: Mapped[int]
    request_key: Mapped[str]
    recorded_by: Mapped[str]
    recorded_at: Mapped[datetime]
