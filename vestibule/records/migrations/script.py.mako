"""${message}

Must work with the previous release: add first, remove one release later. Short locks only.
"""
# A test compares this with the release before. What that one uses may only be removed by a
# migration that says ``contracts = "the first release that does without it"``; an index on a
# table that it has is made CONCURRENTLY in an ``autocommit_block``. docs/operations/upgrade.md

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    ${downgrades if downgrades else "pass"}
