"""Light band of faces

Must work with the previous release: add first, remove one release later. Short locks only.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("face", sa.Column("light_band", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("face", "light_band")
