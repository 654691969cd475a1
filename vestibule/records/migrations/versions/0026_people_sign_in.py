"""Passwords, second factors, invitations, devices and failures to sign in

Works with the previous release, which signs in by one-time links alone.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def _moment(name: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _account(*, nullable: bool = False) -> sa.Column[object]:
    return sa.Column("account_id", sa.Uuid(), nullable=nullable)


def _of_account(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["account_id"], ["account.id"], name=op.f(f"fk_{table}_account_id"), ondelete="CASCADE"
    )


def upgrade() -> None:
    op.add_column("account", sa.Column("password_hash", sa.String(), nullable=True))
    op.add_column("account", _moment("password_set_at"))
    op.add_column("account", sa.Column("totp_secret", sa.LargeBinary(), nullable=True))
    op.add_column("account", _moment("totp_since"))
    op.add_column("account", sa.Column("totp_last_step", sa.BigInteger(), nullable=True))
    op.add_column("account", sa.Column("oidc_issuer", sa.String(), nullable=True))
    op.add_column("account", sa.Column("oidc_subject", sa.String(), nullable=True))
    op.create_index(
        "uq_account_oidc_issuer_oidc_subject",
        "account",
        ["oidc_issuer", "oidc_subject"],
        unique=True,
        postgresql_where=sa.text("oidc_subject IS NOT NULL"),
    )
    _add_to_tokens()
    _make_tables()


def _add_to_tokens() -> None:
    op.add_column("access_token", sa.Column("signed_in_by", sa.String(), nullable=True))
    op.add_column("access_token", sa.Column("device", sa.String(), nullable=True))
    op.add_column("access_token", sa.Column("venue_id", sa.Uuid(), nullable=True))
    op.add_column("access_token", _moment("last_used_at"))
    op.add_column("access_token", sa.Column("made_by", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_access_token_venue_id"), "access_token", "venue", ["venue_id"], ["id"]
    )
    op.create_foreign_key(
        op.f("fk_access_token_made_by"), "access_token", "account", ["made_by"], ["id"]
    )
    with op.get_context().autocommit_block():
        op.create_index(
            "ix_access_token_account_id",
            "access_token",
            ["account_id"],
            postgresql_concurrently=True,
        )


def _make_tables() -> None:
    for table in ("invitation", "recovery_code", "known_device", "sign_in_ticket"):
        key = "code_sha256" if table == "recovery_code" else "token_sha256"
        op.create_table(
            table,
            sa.Column(key, sa.String(), nullable=False),
            _account(),
            *_columns_of(table),
            _of_account(table),
            sa.PrimaryKeyConstraint(key, name=op.f(f"pk_{table}")),
        )
        indexed = "expires_at" if table == "sign_in_ticket" else "account_id"
        op.create_index(op.f(f"ix_{table}_{indexed}"), table, [indexed])
    op.create_table(
        "sign_in_attempts",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        _moment("last_failed_at", nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_sign_in_attempts")),
    )
    op.create_index(
        op.f("ix_sign_in_attempts_last_failed_at"), "sign_in_attempts", ["last_failed_at"]
    )
    op.create_table(
        "sign_in_policy",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("second_factor_roles", JSONB(), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        _moment("changed_at", nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_sign_in_policy_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_policy")),
    )


def _columns_of(table: str) -> list[sa.Column[object]]:
    if table == "invitation":
        made_by: sa.Column[object] = sa.Column("made_by", sa.String(), nullable=False)
        times = [_moment("created_at", nullable=False), _moment("expires_at", nullable=False)]
        return [made_by, *times, _moment("used_at")]
    by_table = {
        "recovery_code": _moment("used_at"),
        "known_device": _moment("last_used_at", nullable=False),
        "sign_in_ticket": _moment("expires_at", nullable=False),
    }
    return [by_table[table]]


def downgrade() -> None:
    for table in (
        "sign_in_policy",
        "sign_in_attempts",
        "sign_in_ticket",
        "known_device",
        "recovery_code",
        "invitation",
    ):
        op.drop_table(table)
    op.drop_index("ix_access_token_account_id", "access_token")
    for column in ("made_by", "last_used_at", "venue_id", "device", "signed_in_by"):
        op.drop_column("access_token", column)
    op.drop_index("uq_account_oidc_issuer_oidc_subject", "account")
    for column in (
        "oidc_subject",
        "oidc_issuer",
        "totp_last_step",
        "totp_since",
        "totp_secret",
        "password_set_at",
        "password_hash",
    ):
        op.drop_column("account", column)
