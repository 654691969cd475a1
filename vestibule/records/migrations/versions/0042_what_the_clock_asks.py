"""What the clock asks every few seconds or minutes no longer reads whole tables

Guests who are being erased, and faces that were decided: few of many. Works with the previous
release.
"""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.create_index(
            "ix_customer_erasing",
            "customer",
            ["id"],
            postgresql_where=sa.text("status = 'ERASING'"),
            postgresql_concurrently=True,
            if_not_exists=True,
        )
        op.create_index(
            "ix_template_decided",
            "template",
            ["decided_by"],
            postgresql_where=sa.text("decided_by IS NOT NULL"),
            postgresql_concurrently=True,
            if_not_exists=True,
        )


def downgrade() -> None:
    op.drop_index("ix_template_decided", "template")
    op.drop_index("ix_customer_erasing", "customer")
