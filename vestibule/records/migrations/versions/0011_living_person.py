"""Whether somebody saw, at enrolment, that a living person stood there

Must work with the previous release: add first, remove one release later. Short locks only.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("enrolment", sa.Column("living_person_seen", sa.Boolean(), nullable=True))


def downgrade() -> None:
    op.drop_column("enrolment", "living_person_seen")
