"""Attempts to sign in that came too early are told to the audit log, once a delay

Works with the previous release, which tells none of them.
"""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "sign_in_attempts", sa.Column("told_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.add_column(
        "sign_in_attempts",
        sa.Column("held_back", sa.Integer(), server_default=sa.text("0"), nullable=False),
    )


def downgrade() -> None:
    op.drop_column("sign_in_attempts", "held_back")
    op.drop_column("sign_in_attempts", "told_at")
