"""What guests are offered, one by one or as a segment."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from vestibule.domain.ids import new_uuid
from vestibule.records.tables import Base

_KINDS = "kind IN ('drink', 'entry', 'reduction', 'cloakroom', 'table', 'other')"


class OfferRound(Base):
    """The same offer to the guests who were of a segment when it was made.

    ``venue_id`` NULL is the whole chain. ``id`` is the caller's: sent again it goes on, and makes
    nothing twice.
    """

    __tablename__ = "offer_round"
    __table_args__ = (
        CheckConstraint(
            "segment IN ('never', 'lapsed', 'new', 'returning', 'regular')", name="segment"
        ),
        CheckConstraint(_KINDS, name="kind"),
        Index("ix_offer_round_made_at_id", "made_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    venue_id: Mapped[UUID | None] = mapped_column(ForeignKey("venue.id"))
    segment: Mapped[str]
    kind: Mapped[str]
    words_en: Mapped[str]
    words_fr: Mapped[str]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    made_by: Mapped[str]
    made_at: Mapped[datetime]


class Offer(Base):
    """``venue_id`` NULL: it holds at every venue of the chain. It is redeemed once or taken back.

    Who may see it is asked each time: see ``records/offer_gate.py``.
    """

    __tablename__ = "offer"
    __table_args__ = (
        UniqueConstraint("round_id", "customer_id"),
        CheckConstraint(_KINDS, name="kind"),
        CheckConstraint("words_en <> '' OR words_fr <> ''", name="words"),
        CheckConstraint("ends_at > starts_at", name="time"),
        CheckConstraint("redeemed_at IS NULL OR taken_back_at IS NULL", name="once"),
        Index("ix_offer_customer_id_made_at_id", "customer_id", "made_at", "id"),
        Index(
            "ix_offer_open",
            "customer_id",
            postgresql_where=text("redeemed_at IS NULL AND taken_back_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_uuid)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"))
    venue_id: Mapped[UUID | None] = mapped_column(ForeignKey("venue.id"))
    round_id: Mapped[UUID | None] = mapped_column(ForeignKey("offer_round.id"))
    kind: Mapped[str]
    words_en: Mapped[str]
    words_fr: Mapped[str]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    made_by: Mapped[str]
    made_at: Mapped[datetime]
    redeemed_at: Mapped[datetime | None]
    redeemed_by: Mapped[str | None]
    redeemed_venue_id: Mapped[UUID | None] = mapped_column(ForeignKey("venue.id"))
    taken_back_at: Mapped[datetime | None]
    taken_back_by: Mapped[str | None]
