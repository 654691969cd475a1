"""People who sign in, and their roles at venues."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, text
from sqlalchemy.dialects.postgresql import JSONB
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
    password_hash: Mapped[str | None]
    """Argon2id with its parameters and salt; NULL for who has no password."""
    password_set_at: Mapped[datetime | None]
    totp_secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Sealed under the installation's key; in use from ``totp_since`` on."""
    totp_since: Mapped[datetime | None]
    totp_last_step: Mapped[int | None] = mapped_column(BigInteger)
    """The time step of the last code that was taken: it and those before are spent."""
    oidc_issuer: Mapped[str | None]
    oidc_subject: Mapped[str | None]


Index(
    "uq_account_is_owner",
    Account.is_owner,
    unique=True,
    postgresql_where=text("is_owner"),
)
Index(
    "uq_account_oidc_issuer_oidc_subject",
    Account.oidc_issuer,
    Account.oidc_subject,
    unique=True,
    postgresql_where=text("oidc_subject IS NOT NULL"),
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


class Invitation(Base):
    """A link that lets its account choose a password, once. Only the token's SHA-256 is stored."""

    __tablename__ = "invitation"

    token_sha256: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), index=True
    )
    made_by: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class RecoveryCode(Base):
    """One of several that stand in for a lost second factor, each once. 80 random bits, hashed."""

    __tablename__ = "recovery_code"

    code_sha256: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), index=True
    )
    used_at: Mapped[datetime | None]


class KnownDevice(Base):
    """A browser that this account signed in with before. What others try does not slow it down."""

    __tablename__ = "known_device"

    token_sha256: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), index=True
    )
    last_used_at: Mapped[datetime]


class SignInAttempts(Base):
    """How often signing in failed under one key, which is a hash: no address is kept.

    ``held_back`` attempts came too early since the one that the audit log tells of at ``told_at``.
    """

    __tablename__ = "sign_in_attempts"

    key: Mapped[str] = mapped_column(primary_key=True)
    failures: Mapped[int]
    last_failed_at: Mapped[datetime] = mapped_column(index=True)
    told_at: Mapped[datetime | None]
    held_back: Mapped[int] = mapped_column(default=0, server_default=text("0"))


class SignInTicket(Base):
    """The password was right and the second factor is still owed, for minutes."""

    __tablename__ = "sign_in_ticket"

    token_sha256: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    expires_at: Mapped[datetime] = mapped_column(index=True)


class SignInPolicy(Base):
    """One row: whose password alone is not enough."""

    __tablename__ = "sign_in_policy"
    __table_args__ = (CheckConstraint("id = 1", name="id"),)

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    second_factor_roles: Mapped[list[str]] = mapped_column(JSONB)
    changed_by: Mapped[str]
    changed_at: Mapped[datetime]
