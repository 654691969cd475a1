"""Where in a trace a job was asked for

Must work with the previous release: add first, remove one release later. Short locks only.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("job", sa.Column("traceparent", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("job", "traceparent")
