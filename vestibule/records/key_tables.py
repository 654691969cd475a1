"""The keys that faces of customers are sealed under. The rows of ``customer_key`` are in no dump.

They lie beside the backups in one file that is written anew (docs/adr/0032), so that a key that is
destroyed is gone from there too.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from vestibule.records.tables import Base


class CustomerKey(Base):
    """``wrapped`` is the key, sealed under the installation's; NULL once it was destroyed.

    The row of a destroyed key stays: no other is made for that customer, and whoever restores an
    older backup sees who was erased since. It names a customer that is no more, by a random id.
    So there is no foreign key.
    """

    __tablename__ = "customer_key"
    __table_args__ = (
        CheckConstraint("(wrapped IS NULL) = (destroyed_at IS NOT NULL)", name="destroyed"),
    )

    customer_id: Mapped[UUID] = mapped_column(primary_key=True)
    wrapped: Mapped[bytes | None] = mapped_column(LargeBinary)
    made_at: Mapped[datetime]
    destroyed_at: Mapped[datetime | None]


class KeyringState(Base):
    """One row. ``seals_since``: from then on everything that runs can read sealed faces."""

    __tablename__ = "keyring_state"
    __table_args__ = (CheckConstraint("id = 1", name="only"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seals_since: Mapped[datetime | None]


class KeyringCopy(Base):
    """The keyring beside the backups at ``place``. ``without`` is how many keys were destroyed when
    it was written: it is behind once there are more. A place that was given up says since when,
    by whom, what became of it and why; writing there takes that back."""

    __tablename__ = "keyring_copy"
    __table_args__ = (CheckConstraint("fate IN ('destroyed', 'unreachable')", name="fate"),)

    place: Mapped[str] = mapped_column(primary_key=True)
    written_at: Mapped[datetime]
    without: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    given_up_at: Mapped[datetime | None]
    given_up_by: Mapped[str | None]
    fate: Mapped[str | None]
    reason: Mapped[str | None]
