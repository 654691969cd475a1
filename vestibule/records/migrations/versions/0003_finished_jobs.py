"""An index of finished jobs: how long the last ones took decides whether one more is taken.

Must work with the previous release: add first, remove one release later. Short locks only.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_job_finished",
        "job",
        ["queue", "finished_at"],
        postgresql_where=sa.text("finished_at IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_job_finished", table_name="job")
