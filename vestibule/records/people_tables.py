"""People who sign in, and their roles at venues."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from vestibule.domain.ids import new_uuid
from vestibule.records.tables import Base


class Account(Base):
    """A person of the staff. ``email`` is in lower case, None for who only signs in by a link.

    An account is never deleted, only DISABLED: entries of the audit log name it.
    """

    __tablename__ = "account"
    __table_args__ = (
        CheckConstraint("status IN ('INVITED', 'ACTIVE', 'DISABLED')", name="status"),
        CheckConstraint("email = lower(email)", name="email"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_uuid)
    name: Mapped[str]
    email: Mapped[str | None] = mapped_column(unique=True)
    status: Mapped[str]
    is_owner: Mapped[bool] = mapped_column(default=False)
    """The account that one-time links of the command line sign in; there is at most one."""
    created_at: Mapped[datetime]


Index(
    "uq_account_is_owner",
    Account.is_owner,
    unique=True,
    postgresql_where=text("is_owner"),
)


class RoleGrant(Base):
    """``venue_id`` NULL is every venue of the chain."""

    __tablename__ = "role_grant"
    __table_args__ = (
        CheckConstraint("role IN ('door', 'host', 'manager', 'dpo', 'admin')", name="role"),
        Index(
            "uq_role_grant_account_id_role_venue_id",
            "account_id",
            "role",
            "venue_id",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_uuid)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    role: Mapped[str]
    venue_id: Mapped[UUID | None] = mapped_column(ForeignKey("venue.id"))
    granted_by: Mapped[str]
    granted_at: Mapped[datetime]
