"""Incidents of one kind are found without reading them all

Works with the previous release, which knows no incidents.
"""

from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_incident_kind_occurred_at_id", "incident", ["kind", "occurred_at", "id"])


def downgrade() -> None:
    op.drop_index("ix_incident_kind_occurred_at_id", "incident")
