"""Attempts that ended with their process, failed jobs that were seen, and the workers there are

Must work with the previous release: add first, remove one release later. Short locks only.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("job", sa.Column("crashes", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("job", sa.Column("dismissed_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "worker",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("queues", JSONB(), nullable=False),
        sa.Column("running", sa.Integer(), nullable=False),
        sa.Column("is_taking", sa.Boolean(), nullable=False),
        sa.Column("crashes", sa.Integer(), nullable=False),
        sa.Column("stuck", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_worker")),
    )


def downgrade() -> None:
    op.drop_table("worker")
    op.drop_column("job", "dismissed_at")
    op.drop_column("job", "crashes")
