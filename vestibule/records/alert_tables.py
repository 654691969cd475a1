"""Alerts at the door: who was seen, what managers answered, what watchers are told of it."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from vestibule.domain.ids import new_uuid
from vestibule.records.tables import Base


class Alert(Base):
    """A face at the door looked like somebody on the watchlist.

    ``answer`` NULL: nobody has answered yet. *lapsed*: the entry ended before anybody did.
    ``face_id`` is the face to compare, until its photo expires; ``template_id`` the enrolled one
    that it looked like.
    """

    __tablename__ = "alert"
    __table_args__ = (
        CheckConstraint("answer IN ('same_person', 'not_them', 'lapsed')", name="answer"),
        CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name="answered"),
        Index(
            "uq_alert_standing",
            "customer_id",
            "venue_id",
            "night",
            unique=True,
            postgresql_where=text("answer IS NULL OR answer = 'same_person'"),
        ),
        Index("ix_alert_venue_id_raised_at_id", "venue_id", "raised_at", "id"),
        Index("ix_alert_raised_at_id", "raised_at", "id"),
        Index("ix_alert_open", "raised_at", postgresql_where=text("answer IS NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_uuid)
    venue_id: Mapped[UUID] = mapped_column(ForeignKey("venue.id"))
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"))
    entry_id: Mapped[UUID] = mapped_column(
        ForeignKey("watchlist_entry.id", ondelete="CASCADE"), index=True
    )
    face_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("face.id", ondelete="SET NULL"), index=True
    )
    template_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("template.id", ondelete="SET NULL"), index=True
    )
    night: Mapped[date]
    raised_at: Mapped[datetime]
    escalated_at: Mapped[datetime | None]
    answer: Mapped[str | None]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[str | None]
    answered_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))


class AlertSighting(Base):
    """A face that raised an alert, or that was seen again while one stood.

    ``door_said`` is what somebody at the door answered: an opinion, which closes nothing.
    """

    __tablename__ = "alert_sighting"

    face_id: Mapped[UUID] = mapped_column(
        ForeignKey("face.id", ondelete="CASCADE"), primary_key=True
    )
    alert_id: Mapped[UUID] = mapped_column(ForeignKey("alert.id", ondelete="CASCADE"), index=True)
    entry_id: Mapped[UUID] = mapped_column(
        ForeignKey("watchlist_entry.id", ondelete="CASCADE"), index=True
    )
    seen_at: Mapped[datetime]
    door_said: Mapped[str | None]
    door_said_by: Mapped[str | None]


class AlertEvent(Base):
    """What watchers are told, in the order of ``number``, which is the order of the commits."""

    __tablename__ = "alert_event"
    __table_args__ = (CheckConstraint("kind IN ('raised', 'escalated', 'answered')", name="kind"),)

    number: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    id: Mapped[UUID] = mapped_column(default=new_uuid, unique=True)
    alert_id: Mapped[UUID] = mapped_column(ForeignKey("alert.id", ondelete="CASCADE"), index=True)
    venue_id: Mapped[UUID] = mapped_column(ForeignKey("venue.id"))
    kind: Mapped[str]
    at: Mapped[datetime] = mapped_column(index=True)


class AlertRejection(Base):
    """A face that a manager said is not this customer, so that the pair is not raised again.

    ``sealed`` is its embedding under a key of its own, ``sealing_key``, which is itself sealed
    under the installation's: removing the row makes it unreadable. It is only ever used to leave
    the customer out, and ends with the entry (docs/adr/0030).
    """

    __tablename__ = "alert_rejection"
    __table_args__ = (Index("ix_alert_rejection_customer_id_space_id", "customer_id", "space_id"),)

    alert_id: Mapped[UUID] = mapped_column(
        ForeignKey("alert.id", ondelete="CASCADE"), primary_key=True
    )
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"))
    space_id: Mapped[str]
    sealing_key: Mapped[bytes] = mapped_column(LargeBinary)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
