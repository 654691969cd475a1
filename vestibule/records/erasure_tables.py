"""Erasures, how far each came, and the little that keeps an erased person from coming back."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from vestibule.domain.ids import new_uuid
from vestibule.records.tables import Base, Json


class ErasureRecord(Base):
    """One person who is being erased or was. Names nobody: ids that lead nowhere any more.

    ``customer_id`` is the file that the others were merged into. ``subjects`` are ids of all of
    its files and templates, and keys of objects, to look for them again. Whoever works on it holds
    it until ``held_until``. ``trouble`` is the code of what stopped it last. ``receipt`` is the
    exact text that ``signature`` signs.
    """

    __tablename__ = "erasure"
    __table_args__ = (
        CheckConstraint("state IN ('RUNNING', 'DONE')", name="state"),
        CheckConstraint("cause IN ('REQUEST', 'RESTORE', 'RETENTION')", name="cause"),
        CheckConstraint("state <> 'DONE' OR receipt IS NOT NULL", name="receipt"),
        Index("ix_erasure_customer_id", "customer_id"),
        Index("ix_erasure_requested_at_id", "requested_at", "id"),
        Index("ix_erasure_open", "requested_at", postgresql_where=text("state = 'RUNNING'")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_uuid)
    customer_id: Mapped[UUID]
    subjects: Mapped[Json]
    state: Mapped[str] = mapped_column(default="RUNNING")
    cause: Mapped[str] = mapped_column(default="REQUEST")
    requested_by: Mapped[str]
    requested_at: Mapped[datetime]
    held_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    trouble: Mapped[str | None]
    finished_at: Mapped[datetime | None]
    receipt: Mapped[str | None]
    signature: Mapped[bytes | None] = mapped_column(LargeBinary)


class ErasureStep(Base):
    """A store that is emptied of the person; ``found`` is what was there before it began.

    Begun and done are commits of their own: one that a kill cut short runs again, and tells the
    same of what it found.
    """

    __tablename__ = "erasure_step"

    erasure_id: Mapped[UUID] = mapped_column(
        ForeignKey("erasure.id", ondelete="CASCADE"), primary_key=True
    )
    name: Mapped[str] = mapped_column(primary_key=True)
    found: Mapped[Json]
    begun_at: Mapped[datetime]
    done_at: Mapped[datetime | None]


class Suppression(Base):
    """That somebody of this e-mail, phone, number or name was erased: a keyed digest, no more.

    An import leaves such rows out until ``ends_at``. Without the installation's key a digest can
    be compared with nothing.
    """

    __tablename__ = "suppression"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('email', 'phone', 'reference', 'name_birth', 'name')", name="kind"
        ),
        Index("ix_suppression_digest", "digest"),
        Index("ix_suppression_ends_at", "ends_at"),
        Index("ix_suppression_erasure_id", "erasure_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_uuid)
    erasure_id: Mapped[UUID] = mapped_column(ForeignKey("erasure.id", ondelete="CASCADE"))
    kind: Mapped[str]
    digest: Mapped[str]
    made_at: Mapped[datetime]
    ends_at: Mapped[datetime]
