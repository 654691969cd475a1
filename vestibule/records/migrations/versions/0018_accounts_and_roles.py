"""Accounts of the staff, their roles, and whose a session is

Works with the previous release, whose sessions and keys belong to no account.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("is_owner", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "status IN ('INVITED', 'ACTIVE', 'DISABLED')", name=op.f("ck_account_status")
        ),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_account_email")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("email", name=op.f("uq_account_email")),
    )
    op.create_index(
        "uq_account_is_owner",
        "account",
        ["is_owner"],
        unique=True,
        postgresql_where=sa.text("is_owner"),
    )
    op.create_table(
        "role_grant",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("venue_id", sa.Uuid(), nullable=True),
        sa.Column("granted_by", sa.String(), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "role IN ('door', 'host', 'manager', 'dpo', 'admin')", name=op.f("ck_role_grant_role")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
            name=op.f("fk_role_grant_account_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["venue_id"], ["venue.id"], name=op.f("fk_role_grant_venue_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_grant")),
    )
    op.create_index(
        "uq_role_grant_account_id_role_venue_id",
        "role_grant",
        ["account_id", "role", "venue_id"],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    op.add_column("access_token", sa.Column("account_id", sa.Uuid(), nullable=True))
    op.add_column(
        "access_token",
        sa.Column("scopes", JSONB(), nullable=True),
    )
    op.add_column("sign_in_link", sa.Column("account_id", sa.Uuid(), nullable=True))
    for table in ("access_token", "sign_in_link"):
        op.create_foreign_key(
            op.f(f"fk_{table}_account_id"),
            table,
            "account",
            ["account_id"],
            ["id"],
            ondelete="CASCADE",
        )


def downgrade() -> None:
    op.drop_column("sign_in_link", "account_id")
    op.drop_column("access_token", "scopes")
    op.drop_column("access_token", "account_id")
    op.drop_table("role_grant")
    op.drop_table("account")
