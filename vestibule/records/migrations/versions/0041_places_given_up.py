"""A place of backups that is no more can be given up

Works with the previous release, which goes on to wait for such a place.
"""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

_COLUMNS = ("given_up_by", "fate", "reason")


def upgrade() -> None:
    op.add_column(
        "keyring_copy", sa.Column("given_up_at", sa.DateTime(timezone=True), nullable=True)
    )
    for name in _COLUMNS:
        op.add_column("keyring_copy", sa.Column(name, sa.String(), nullable=True))
    op.create_check_constraint(
        op.f("ck_keyring_copy_fate"), "keyring_copy", "fate IN ('destroyed', 'unreachable')"
    )


def downgrade() -> None:
    op.drop_constraint("ck_keyring_copy_fate", "keyring_copy")
    for name in (*_COLUMNS, "given_up_at"):
        op.drop_column("keyring_copy", name)
