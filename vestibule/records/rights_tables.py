"""What people asked about their data, and the links by which they look at it themselves."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from vestibule.domain.ids import new_uuid
from vestibule.records.tables import Base, Json


class DataRequest(Base):
    """A request and its deadline; what was said about it stands in the steps.

    ``requester`` names somebody who is no customer here. ``customer_id`` is NULL for them, and
    once the customer was erased: that a request was answered in time can still be shown then.
    """

    __tablename__ = "data_request"
    __table_args__ = (
        CheckConstraint(
            "\"right\" IN ('access', 'rectification', 'erasure', 'restriction',"
            " 'portability', 'objection')",
            name="right",
        ),
        CheckConstraint(
            "channel IN ('page', 'letter', 'email', 'in_person', 'phone')", name="channel"
        ),
        CheckConstraint(
            "identity IN ('personal_link', 'document_seen', 'contact_on_file', 'known_in_person')",
            name="identity",
        ),
        CheckConstraint("state IN ('OPEN', 'ANSWERED', 'REFUSED', 'TAKEN_BACK')", name="state"),
        CheckConstraint("(state = 'OPEN') = (closed_at IS NULL)", name="closed"),
        CheckConstraint("received_on <= due_on", name="due"),
        Index("ix_data_request_state_due_on_id", "state", "due_on", "id"),
        Index("ix_data_request_customer_id", "customer_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_uuid)
    customer_id: Mapped[UUID | None] = mapped_column(ForeignKey("customer.id", ondelete="SET NULL"))
    requester: Mapped[str | None]
    right: Mapped[str]
    channel: Mapped[str]
    identity: Mapped[str | None]
    state: Mapped[str] = mapped_column(default="OPEN")
    received_on: Mapped[date]
    due_on: Mapped[date]
    extended_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class DataRequestStep(Base):
    """Something that was said or done about a request. Goes with its customer.

    ``details`` holds what a person wants corrected, by field.
    """

    __tablename__ = "data_request_step"
    __table_args__ = (
        CheckConstraint(
            "action IN ('received', 'identified', 'extended', 'noted', 'told', 'answered',"
            " 'refused', 'taken_back')",
            name="action",
        ),
        Index("ix_data_request_step_request_id_number", "request_id", "number"),
        Index("ix_data_request_step_customer_id", "customer_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_uuid)
    number: Mapped[int] = mapped_column(BigInteger, Identity(always=True))
    """In the order in which they were taken."""
    request_id: Mapped[UUID] = mapped_column(ForeignKey("data_request.id", ondelete="CASCADE"))
    customer_id: Mapped[UUID | None] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"))
    action: Mapped[str]
    words: Mapped[str] = mapped_column(default="", server_default=text("''"))
    details: Mapped[Json | None] = mapped_column(JSONB(none_as_null=True))
    by: Mapped[str]
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]


class PersonalLink(Base):
    """Opens a customer's own page. Only the SHA-256 of its token is stored.

    ``browser_sha256`` is of what the first browser that opened it was given: no other one can.
    """

    __tablename__ = "personal_link"
    __table_args__ = (Index("ix_personal_link_customer_id", "customer_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_uuid)
    token_sha256: Mapped[str] = mapped_column(unique=True)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"))
    identity: Mapped[str]
    made_by: Mapped[str]
    made_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    browser_sha256: Mapped[str | None]
    opened_at: Mapped[datetime | None]
    """The first time."""
    last_opened_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[str | None]


class PersonalSession(Base):
    """A customer at their own page, for minutes. It ends with its link."""

    __tablename__ = "personal_session"

    token_sha256: Mapped[str] = mapped_column(primary_key=True)
    link_id: Mapped[UUID] = mapped_column(
        ForeignKey("personal_link.id", ondelete="CASCADE"), index=True
    )
    expires_at: Mapped[datetime] = mapped_column(index=True)
