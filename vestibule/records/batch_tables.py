"""Large work in pieces: a batch, its chunks, and what could not be done."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from vestibule.domain.ids import new_uuid
from vestibule.records.tables import Base, Json


class Batch(Base):
    """``generation`` is the one being filled. ``at_once`` chunks are worked on at a time.

    PAUSED and FAILED can be resumed. ``pace``: FULL never waits; POLITE waits before each step
    while somebody waits for an answer; SLOW also rests as long as it worked.
    """

    __tablename__ = "batch"
    __table_args__ = (
        CheckConstraint("kind IN ('REBUILD', 'REEMBED', 'IMPORT')", name="kind"),
        CheckConstraint(
            "state IN ('RUNNING', 'PAUSED', 'DONE', 'CANCELLED', 'FAILED')", name="state"
        ),
        CheckConstraint("pace IN ('FULL', 'POLITE', 'SLOW')", name="pace"),
        Index("ix_batch_created_at", "created_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_uuid)
    kind: Mapped[str]
    state: Mapped[str]
    generation: Mapped[int | None] = mapped_column(ForeignKey("index_generation.number"))
    parameters: Mapped[Json]
    pace: Mapped[str]
    at_once: Mapped[int]
    error_code: Mapped[str | None]
    error_detail: Mapped[str | None]
    requested_by: Mapped[str]
    created_at: Mapped[datetime]
    resumed_at: Mapped[datetime]
    resumed_done: Mapped[int] = mapped_column(default=0)
    finished_at: Mapped[datetime | None]


class BatchChunk(Base):
    """Some of a batch's items. ``position`` of them are settled: a worker that takes the chunk
    over goes on there. FINISH comes once, after every WORK chunk, and ends the batch. LIST adds
    WORK chunks of an import; its one item is the last folder whose photos are in a chunk.

    ``items`` are ids of templates, or photos of an import; emptied when the chunk is done.
    ``attempts`` counts the jobs that ended without any progress.
    """

    __tablename__ = "batch_chunk"
    __table_args__ = (
        UniqueConstraint("batch_id", "number"),
        CheckConstraint("kind IN ('LIST', 'WORK', 'FINISH')", name="kind"),
        CheckConstraint("state IN ('WAITING', 'SENT', 'DONE')", name="state"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_uuid)
    batch_id: Mapped[UUID] = mapped_column(ForeignKey("batch.id", ondelete="CASCADE"))
    number: Mapped[int]
    kind: Mapped[str]
    state: Mapped[str] = mapped_column(default="WAITING")
    items: Mapped[list[str]] = mapped_column(JSONB)
    size: Mapped[int]
    position: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    job_id: Mapped[UUID | None]


class BatchFailure(Base):
    """An item that could not be done, and why. Erasing the customer takes the row along."""

    __tablename__ = "batch_failure"
    __table_args__ = (
        Index("ix_batch_failure_batch_id", "batch_id"),
        Index("ix_batch_failure_customer_id", "customer_id"),
        Index("ix_batch_failure_template_id", "template_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_uuid)
    batch_id: Mapped[UUID] = mapped_column(ForeignKey("batch.id", ondelete="CASCADE"))
    customer_id: Mapped[UUID | None] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"))
    template_id: Mapped[UUID | None] = mapped_column(ForeignKey("template.id", ondelete="CASCADE"))
    item: Mapped[str | None]
    code: Mapped[str]
    at: Mapped[datetime]
