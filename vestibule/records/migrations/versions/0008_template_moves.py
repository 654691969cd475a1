"""The history of templates that were moved between customers.

Works with the previous release, which moves nothing.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_OWNERS = {
    "template_id": "template",
    "from_customer_id": "customer",
    "to_customer_id": "customer",
}


def upgrade() -> None:
    op.create_table(
        "template_move",
        sa.Column("id", sa.Uuid(), nullable=False),
        *[sa.Column(column, sa.Uuid(), nullable=False) for column in _OWNERS],
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("before", postgresql.JSONB(), nullable=False),
        sa.Column("moved_by", sa.String(), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_by", sa.String(), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        *[
            sa.ForeignKeyConstraint(
                [column],
                [f"{owner}.id"],
                name=op.f(f"fk_template_move_{column}"),
                ondelete="CASCADE",
            )
            for column, owner in _OWNERS.items()
        ],
        sa.PrimaryKeyConstraint("id", name=op.f("pk_template_move")),
    )
    for column in _OWNERS:
        op.create_index(f"ix_template_move_{column}", "template_move", [column])


def downgrade() -> None:
    op.drop_table("template_move")
