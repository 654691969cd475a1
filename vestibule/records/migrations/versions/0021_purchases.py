"""What guests bought, and the thresholds from which staff is asked to take care

Works with the previous release, which knows none of these tables.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    _create_purchase()
    op.create_table(
        "purchase_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("purchase_id", sa.Uuid(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("changes", JSONB(), nullable=False),
        sa.ForeignKeyConstraint(
            ["purchase_id"],
            ["purchase.id"],
            name=op.f("fk_purchase_change_purchase_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchase_change")),
    )
    op.create_index("ix_purchase_change_purchase_id", "purchase_change", ["purchase_id"])
    op.create_table(
        "unknown_purchases",
        sa.Column("venue_id", sa.Uuid(), nullable=False),
        sa.Column("night", sa.Date(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["venue_id"], ["venue.id"], name=op.f("fk_unknown_purchases_venue_id")
        ),
        sa.PrimaryKeyConstraint("venue_id", "night", name=op.f("pk_unknown_purchases")),
    )
    _create_policy()


def _create_purchase() -> None:
    op.create_table(
        "purchase",
        *[sa.Column(name, sa.Uuid(), nullable=False) for name in ("id", "venue_id", "customer_id")],
        sa.Column("till", sa.String(), nullable=False),
        sa.Column("receipt", sa.String(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("occurred_at", _TIME, nullable=False),
        sa.Column("night", sa.Date(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("alcohol_hundredths", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.CheckConstraint("state IN ('VALID', 'VOIDED')", name=op.f("ck_purchase_state")),
        sa.CheckConstraint("alcohol_hundredths >= 0", name=op.f("ck_purchase_alcohol")),
        sa.ForeignKeyConstraint(["venue_id"], ["venue.id"], name=op.f("fk_purchase_venue_id")),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
            name=op.f("fk_purchase_customer_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchase")),
        sa.UniqueConstraint(
            "venue_id",
            "till",
            "receipt",
            "line",
            name=op.f("uq_purchase_venue_id_till_receipt_line"),
        ),
    )
    op.create_index(
        "ix_purchase_customer_id_occurred_at_id", "purchase", ["customer_id", "occurred_at", "id"]
    )


def _create_policy() -> None:
    op.create_table(
        "consumption_policy",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        *[
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ("window_minutes", "watch_hundredths", "care_hundredths")
        ],
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("adopted_by_id", sa.Uuid(), nullable=False),
        sa.Column("adopted_at", _TIME, nullable=False),
        sa.CheckConstraint(
            "window_minutes BETWEEN 30 AND 1440", name=op.f("ck_consumption_policy_window")
        ),
        sa.CheckConstraint(
            "watch_hundredths > 0 AND care_hundredths > watch_hundredths",
            name=op.f("ck_consumption_policy_thresholds"),
        ),
        sa.ForeignKeyConstraint(
            ["adopted_by_id"], ["account.id"], name=op.f("fk_consumption_policy_adopted_by_id")
        ),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_consumption_policy")),
    )


def downgrade() -> None:
    for table in ("consumption_policy", "unknown_purchases", "purchase_change", "purchase"):
        op.drop_table(table)
