"""A key for each customer, under which their faces are sealed

Works with the previous release, which knows no such keys: faces are sealed only once none of its
processes is connected (docs/adr/0032). The index finds what is not sealed yet by its length: so
many float32 take a multiple of four bytes, and sealed they never do.
"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "customer_key",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary()),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.Column("destroyed_at", _MOMENT),
        sa.CheckConstraint(
            "(wrapped IS NULL) = (destroyed_at IS NOT NULL)",
            name=op.f("ck_customer_key_destroyed"),
        ),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_customer_key")),
    )
    op.create_table(
        "keyring_state",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seals_since", _MOMENT),
        sa.CheckConstraint("id = 1", name=op.f("ck_keyring_state_only")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_keyring_state")),
    )
    op.create_table(
        "keyring_copy",
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("written_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("place", name=op.f("pk_keyring_copy")),
    )
    with op.get_context().autocommit_block():
        name = "ix_template_unsealed"
        # Anew: one that was interrupted is there and cannot be used.
        op.drop_index(name, "template", if_exists=True, postgresql_concurrently=True)
        op.create_index(
            name,
            "template",
            ["id"],
            postgresql_where=sa.text("octet_length(embedding) % 4 = 0"),
            postgresql_concurrently=True,
        )


def downgrade() -> None:
    op.drop_index("ix_template_unsealed", "template")
    for table in ("keyring_copy", "keyring_state", "customer_key"):
        op.drop_table(table)
