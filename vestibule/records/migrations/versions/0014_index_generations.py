"""Generations of the vector index: which one serves, and which are kept beside it

Works with the previous release, which knows one generation and asks nobody.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "index_generation",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("space_id", sa.String(), nullable=False),
        sa.Column("pack", sa.String(), nullable=False),
        sa.Column("low_light", sa.String(), nullable=False),
        sa.Column("metric", sa.String(), nullable=False),
        sa.Column("dimension", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("is_configured", sa.Boolean(), nullable=False),
        sa.Column("comparison", JSONB(), nullable=True),
        sa.Column("clears_templates", sa.Boolean(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        *[
            sa.Column(name, sa.DateTime(timezone=True), nullable=name != "created_at")
            for name in ("created_at", "ready_at", "served_at", "dropped_at", "cleared_at")
        ],
        sa.CheckConstraint(
            "state IN ('BUILDING', 'READY', 'SERVING', 'STANDBY', 'DROPPED')",
            name=op.f("ck_index_generation_state"),
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_index_generation")),
    )
    op.create_index(
        "uq_index_generation_serving",
        "index_generation",
        ["state"],
        unique=True,
        postgresql_where=sa.text("state = 'SERVING'"),
    )


def downgrade() -> None:
    op.drop_table("index_generation")
