"""Lists of customers that are imported."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from vestibule.domain.ids import new_uuid
from vestibule.records.tables import Base, Json


class CustomerImport(Base):
    """``file_key`` is the sealed file, NULL once it is not needed. ``position`` rows are settled: a
    worker that takes the job over goes on there.

    PREVIEWED: nothing of it is among the customers. ``problems`` are rows, fields and codes, no
    content; ``sample`` shows the first rows until the import begins.
    """

    __tablename__ = "customer_import"
    __table_args__ = (
        CheckConstraint("state IN ('PREVIEWED', 'RUNNING', 'DONE', 'FAILED')", name="state"),
        Index("ix_customer_import_created_at", "created_at"),
        Index("ix_customer_import_expires_at", "expires_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_uuid)
    state: Mapped[str]
    venue_id: Mapped[UUID] = mapped_column(ForeignKey("venue.id"))
    file_key: Mapped[str | None]
    encoding: Mapped[str]
    delimiter: Mapped[str]
    columns: Mapped[Json]
    rows: Mapped[int]
    fitting: Mapped[int]
    problems: Mapped[list[Json]] = mapped_column(JSONB)
    sample: Mapped[list[Json]] = mapped_column(JSONB)
    position: Mapped[int] = mapped_column(default=0)
    created: Mapped[int] = mapped_column(default=0)
    updated: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
    job_id: Mapped[UUID | None]
    requested_by: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
