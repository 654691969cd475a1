"""Erasures with their steps and receipts, and digests of who was erased

Works with the previous release, which knows none of these tables and erases as it did.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    _erasures()
    _steps()
    _suppressions()


def downgrade() -> None:
    for table in ("suppression", "erasure_step", "erasure"):
        op.drop_table(table)


def _erasures() -> None:
    op.create_table(
        "erasure",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("subjects", JSONB(), nullable=False),
        *[sa.Column(name, sa.String(), nullable=False) for name in ("state", "cause")],
        sa.Column("requested_by", sa.String(), nullable=False),
        sa.Column("requested_at", _TIME, nullable=False),
        sa.Column("held_until", _TIME, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("trouble", sa.String(), nullable=True),
        sa.Column("finished_at", _TIME, nullable=True),
        sa.Column("receipt", sa.String(), nullable=True),
        sa.Column("signature", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("state IN ('RUNNING', 'DONE')", name=op.f("ck_erasure_state")),
        sa.CheckConstraint("cause IN ('REQUEST', 'RESTORE')", name=op.f("ck_erasure_cause")),
        sa.CheckConstraint(
            "(state = 'DONE') = (receipt IS NOT NULL)", name=op.f("ck_erasure_receipt")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasure")),
    )
    op.create_index("ix_erasure_customer_id", "erasure", ["customer_id"])
    op.create_index("ix_erasure_requested_at_id", "erasure", ["requested_at", "id"])
    op.create_index(
        "ix_erasure_open",
        "erasure",
        ["requested_at"],
        postgresql_where=sa.text("state = 'RUNNING'"),
    )


def _steps() -> None:
    op.create_table(
        "erasure_step",
        sa.Column("erasure_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("found", JSONB(), nullable=False),
        sa.Column("begun_at", _TIME, nullable=False),
        sa.Column("done_at", _TIME, nullable=True),
        sa.ForeignKeyConstraint(
            ["erasure_id"],
            ["erasure.id"],
            name=op.f("fk_erasure_step_erasure_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("erasure_id", "name", name=op.f("pk_erasure_step")),
    )


def _suppressions() -> None:
    op.create_table(
        "suppression",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("erasure_id", sa.Uuid(), nullable=False),
        *[sa.Column(name, sa.String(), nullable=False) for name in ("kind", "digest")],
        *[sa.Column(name, _TIME, nullable=False) for name in ("made_at", "ends_at")],
        sa.CheckConstraint(
            "kind IN ('email', 'phone', 'reference', 'name_birth', 'name')",
            name=op.f("ck_suppression_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["erasure_id"],
            ["erasure.id"],
            name=op.f("fk_suppression_erasure_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suppression")),
    )
    for column in ("digest", "ends_at", "erasure_id"):
        op.create_index(f"ix_suppression_{column}", "suppression", [column])
