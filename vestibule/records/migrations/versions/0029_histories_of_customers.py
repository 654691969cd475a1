"""Visits and consents of a customer are found by an index, the latest first

Works with the previous release, which asks for them in the same way.
"""

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

_INDEXES = {
    "ix_visit_customer_id_entered_at": ("visit", ["customer_id", "entered_at"]),
    "ix_consent_customer_id_given_at": ("consent", ["customer_id", "given_at"]),
}


def upgrade() -> None:
    with op.get_context().autocommit_block():
        for name, (table, columns) in _INDEXES.items():
            # Anew: one that was interrupted is there and cannot be used.
            op.drop_index(name, table, if_exists=True, postgresql_concurrently=True)
            op.create_index(name, table, columns, postgresql_concurrently=True)


def downgrade() -> None:
    for name, (table, _columns) in _INDEXES.items():
        op.drop_index(name, table)
