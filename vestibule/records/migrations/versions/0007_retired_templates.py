"""Templates may be retired: kept, not searched.

Works with the previous release: it writes templates in use, as the default says.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "template", sa.Column("status", sa.String(), server_default="ACTIVE", nullable=False)
    )
    op.add_column("template", sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("template", sa.Column("retired_for", sa.Uuid(), nullable=True))
    op.add_column("template", sa.Column("decided_by", sa.String(), nullable=True))
    op.create_check_constraint(
        op.f("ck_template_status"), "template", "status IN ('ACTIVE', 'RETIRED')"
    )
    op.create_foreign_key(
        op.f("fk_template_retired_for"),
        "template",
        "template",
        ["retired_for"],
        ["id"],
        ondelete="SET NULL",
    )
    op.create_index(op.f("ix_template_retired_for"), "template", ["retired_for"])


def downgrade() -> None:
    op.drop_index(op.f("ix_template_retired_for"), table_name="template")
    for column in ("decided_by", "retired_for", "retired_at", "status"):
        op.drop_column("template", column)
