"""The worker processes there are, and what they could not read."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from vestibule.domain.ids import new_uuid
from vestibule.records.tables import Base


class Worker(Base):
    """A worker process with its watcher, as it last said. Rows of the dead are removed later."""

    __tablename__ = "worker"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    host: Mapped[str]
    queues: Mapped[list[str]] = mapped_column(JSONB)
    running: Mapped[int]
    is_taking: Mapped[bool]
    crashes: Mapped[int]
    stuck: Mapped[int]
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]


class UnreadableMessage(Base):
    """A message on a queue that was none of ours, or damaged. What it said is not kept."""

    __tablename__ = "unreadable_message"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_uuid)
    queue: Mapped[str]
    why: Mapped[str]
    size_bytes: Mapped[int]
    seen_at: Mapped[datetime]
