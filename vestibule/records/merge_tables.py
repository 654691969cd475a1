"""Files that may be one person, and files that were made one."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from vestibule.domain.ids import new_uuid
from vestibule.records.tables import Base, Json


class DuplicateSuggestion(Base):
    """Two files that share something, in the order of their ids, and what that is.

    Worked out anew for a customer whenever their profile changes.
    """

    __tablename__ = "duplicate_suggestion"
    __table_args__ = (
        UniqueConstraint("customer_id", "other_customer_id"),
        Index("ix_duplicate_suggestion_other_customer_id", "other_customer_id"),
        Index("ix_duplicate_suggestion_weight_id", "weight", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_uuid)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"))
    other_customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"))
    reasons: Mapped[list[str]] = mapped_column(JSONB)
    weight: Mapped[int]
    made_at: Mapped[datetime]


class CustomerMerge(Base):
    """``merged_id`` became a part of ``kept_id``. ``snapshot`` is what the merge changed, for
    taking it back: rows by table and column, and fields of both files before and after.

    Erasing either customer takes the row along.
    """

    __tablename__ = "customer_merge"
    __table_args__ = (
        Index("ix_customer_merge_kept_id", "kept_id"),
        Index("ix_customer_merge_merged_id", "merged_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_uuid)
    kept_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"))
    merged_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"))
    snapshot: Mapped[Json]
    merged_by: Mapped[str]
    merged_at: Mapped[datetime]
    undone_by: Mapped[str | None]
    undone_at: Mapped[datetime | None]
