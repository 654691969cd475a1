"""How long things are kept, legal holds, and what is found by its age

Works with the previous release, which keeps everything.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)
_INDEXES = {
    "ix_visit_entered_at": ("visit", ["entered_at"]),
    "ix_purchase_occurred_at": ("purchase", ["occurred_at"]),
}


def upgrade() -> None:
    op.create_table(
        "retention_policy",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content", JSONB(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("adopted_by", sa.String(), nullable=False),
        sa.Column("adopted_by_id", sa.Uuid(), nullable=False),
        sa.Column("adopted_at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["adopted_by_id"], ["account.id"], name=op.f("fk_retention_policy_adopted_by_id")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_retention_policy")),
    )
    _make_legal_hold()
    op.create_table(
        "face_reminder",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("made_at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
            name=op.f("fk_face_reminder_customer_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_face_reminder")),
    )
    op.create_table(
        "retention_round",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("looked_at", _TIME, nullable=False),
        sa.Column("removed", sa.BigInteger(), nullable=False),
        sa.Column("removed_at", _TIME, nullable=True),
        sa.PrimaryKeyConstraint("kind", name=op.f("pk_retention_round")),
    )
    with op.get_context().autocommit_block():
        for name, (table, columns) in _INDEXES.items():
            # Anew: one that was interrupted is there and cannot be used.
            op.drop_index(name, table, if_exists=True, postgresql_concurrently=True)
            op.create_index(name, table, columns, postgresql_concurrently=True)


def _make_legal_hold() -> None:
    op.create_table(
        "legal_hold",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("incident_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("placed_by", sa.String(), nullable=False),
        sa.Column("placed_by_id", sa.Uuid(), nullable=False),
        sa.Column("placed_at", _TIME, nullable=False),
        sa.Column("ends_at", _TIME, nullable=False),
        sa.Column("lifted_at", _TIME, nullable=True),
        sa.Column("lifted_by", sa.String(), nullable=True),
        sa.Column("lifted_by_id", sa.Uuid(), nullable=True),
        sa.Column("lifted_reason", sa.String(), nullable=True),
        sa.CheckConstraint(
            "(customer_id IS NULL) <> (incident_id IS NULL)", name=op.f("ck_legal_hold_what")
        ),
        sa.CheckConstraint("placed_at < ends_at", name=op.f("ck_legal_hold_ends")),
        sa.CheckConstraint(
            "(lifted_at IS NULL) = (lifted_reason IS NULL)", name=op.f("ck_legal_hold_lifted")
        ),
        *[
            sa.ForeignKeyConstraint(
                [f"{table}_id"],
                [f"{table}.id"],
                name=op.f(f"fk_legal_hold_{table}_id"),
                ondelete="CASCADE",
            )
            for table in ("customer", "incident")
        ],
        *[
            sa.ForeignKeyConstraint([name], ["account.id"], name=op.f(f"fk_legal_hold_{name}"))
            for name in ("placed_by_id", "lifted_by_id")
        ],
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_hold")),
    )
    for columns in (["customer_id"], ["incident_id"], ["ends_at", "id"]):
        op.create_index(f"ix_legal_hold_{'_'.join(columns)}", "legal_hold", columns)


def downgrade() -> None:
    for name, (table, _columns) in _INDEXES.items():
        op.drop_index(name, table)
    for table in ("retention_round", "face_reminder", "legal_hold", "retention_policy"):
        op.drop_table(table)
