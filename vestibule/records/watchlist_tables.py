"""The watchlist: policies, proposals, what people decided of them, entries, appeals."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from vestibule.domain.ids import new_uuid
from vestibule.records.tables import Base, Json


class WatchlistPolicyVersion(Base):
    """Append-only: the highest number is in force. Without any row the shipped policy is."""

    __tablename__ = "watchlist_policy_version"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content: Mapped[Json]
    reason: Mapped[str]
    adopted_by: Mapped[str]
    adopted_by_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    adopted_at: Mapped[datetime]


class WatchlistProposal(Base):
    """That somebody be kept out; it keeps nobody out. ``venue_id`` NULL is the whole chain.

    ``evidence`` is the arithmetic as ``domain.watchlist_scoring`` gives it. ``proposed_by_id`` is
    NULL where the algorithm proposed. WITHDRAWN: its evidence changed before people decided.
    """

    __tablename__ = "watchlist_proposal"
    __table_args__ = (
        CheckConstraint("origin IN ('algorithm', 'person')", name="origin"),
        CheckConstraint(
            "state IN ('OPEN', 'APPROVED', 'REJECTED', 'EXPIRED', 'WITHDRAWN')", name="state"
        ),
        CheckConstraint("(origin = 'person') = (proposed_by_id IS NOT NULL)", name="proposer"),
        CheckConstraint("days > 0 AND approvals_needed > 0", name="bounds"),
        CheckConstraint("(state = 'OPEN') = (closed_at IS NULL)", name="closed"),
        Index(
            "uq_watchlist_proposal_open",
            "customer_id",
            "venue_id",
            unique=True,
            postgresql_nulls_not_distinct=True,
            postgresql_where=text("state = 'OPEN'"),
        ),
        Index("ix_watchlist_proposal_state_created_at_id", "state", "created_at", "id"),
        Index("ix_watchlist_proposal_customer_id", "customer_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_uuid)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"))
    venue_id: Mapped[UUID | None] = mapped_column(ForeignKey("venue.id"))
    origin: Mapped[str]
    state: Mapped[str] = mapped_column(default="OPEN")
    policy_number: Mapped[int]
    points: Mapped[int]
    """In thousandths of a point."""
    days: Mapped[int]
    approvals_needed: Mapped[int]
    evidence: Mapped[Json]
    reason: Mapped[str] = mapped_column(default="")
    extends_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("watchlist_entry.id", ondelete="SET NULL", use_alter=True), index=True
    )
    proposed_by: Mapped[str]
    proposed_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class WatchlistEvidence(Base):
    """An incident that a proposal rests on, and who reported it.

    The incident is named without a foreign key: what was decided stays explained when it is gone.
    """

    __tablename__ = "watchlist_evidence"

    proposal_id: Mapped[UUID] = mapped_column(
        ForeignKey("watchlist_proposal.id", ondelete="CASCADE"), primary_key=True
    )
    incident_id: Mapped[UUID] = mapped_column(primary_key=True, index=True)
    reporter_id: Mapped[UUID]


class WatchlistDecision(Base):
    """One person's word on a proposal, once."""

    __tablename__ = "watchlist_decision"
    __table_args__ = (
        UniqueConstraint("proposal_id", "account_id"),
        CheckConstraint("verdict IN ('approve', 'reject')", name="verdict"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_uuid)
    proposal_id: Mapped[UUID] = mapped_column(
        ForeignKey("watchlist_proposal.id", ondelete="CASCADE")
    )
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    decided_by: Mapped[str]
    verdict: Mapped[str]
    reason: Mapped[str]
    decided_at: Mapped[datetime]


class WatchlistEntry(Base):
    """Somebody is kept out from ``starts_at`` until before ``ends_at``; there is always an end.

    ``first_ends_at`` is the end that was approved; an appeal may bring it nearer. ``lifted_at`` is
    when it ended early. ``venue_id`` NULL is the whole chain.
    """

    __tablename__ = "watchlist_entry"
    __table_args__ = (
        CheckConstraint("starts_at < first_ends_at AND ends_at <= first_ends_at", name="ends"),
        Index("ix_watchlist_entry_customer_id_ends_at", "customer_id", "ends_at"),
        Index("ix_watchlist_entry_ends_at_id", "ends_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_uuid)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"))
    venue_id: Mapped[UUID | None] = mapped_column(ForeignKey("venue.id"))
    proposal_id: Mapped[UUID] = mapped_column(
        ForeignKey("watchlist_proposal.id", ondelete="CASCADE"), unique=True
    )
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    first_ends_at: Mapped[datetime]
    created_at: Mapped[datetime]
    lifted_at: Mapped[datetime | None]
    lifted_by: Mapped[str | None]
    lifted_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    lifted_reason: Mapped[str | None]


class WatchlistAppeal(Base):
    """The customer's word against an entry, with the day by which somebody else decides."""

    __tablename__ = "watchlist_appeal"
    __table_args__ = (
        CheckConstraint("outcome IN ('upheld', 'shortened', 'lifted')", name="outcome"),
        CheckConstraint(
            "(outcome IS NULL) = (decided_at IS NULL)"
            " AND (outcome IS NULL) = (decided_by_id IS NULL)",
            name="decided",
        ),
        Index(
            "uq_watchlist_appeal_open",
            "entry_id",
            unique=True,
            postgresql_where=text("outcome IS NULL"),
        ),
        Index("ix_watchlist_appeal_due_at_id", "due_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_uuid)
    entry_id: Mapped[UUID] = mapped_column(
        ForeignKey("watchlist_entry.id", ondelete="CASCADE"), index=True
    )
    statement: Mapped[str]
    recorded_by: Mapped[str]
    recorded_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    """NULL where the customer wrote it themselves, on their own page."""
    recorded_at: Mapped[datetime]
    due_at: Mapped[datetime]
    outcome: Mapped[str | None]
    outcome_reason: Mapped[str | None]
    decided_by: Mapped[str | None]
    decided_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime | None]
