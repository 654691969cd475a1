"""A copy of the keyring tells without how many destroyed keys it was written

Works with the previous release, which knows no keyring.
"""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "keyring_copy",
        sa.Column("without", sa.Integer(), server_default=sa.text("0"), nullable=False),
    )


def downgrade() -> None:
    op.drop_column("keyring_copy", "without")
