"""What an enrolment found, what a person accepted in spite of it, and the pixels held for that

Must work with the previous release: add first, remove one release later. Short locks only.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("template", sa.Column("override", postgresql.JSONB(), nullable=True))
    op.add_column("enrolment", sa.Column("checks", postgresql.JSONB(), nullable=True))
    op.add_column("enrolment", sa.Column("picked_face", sa.Integer(), nullable=True))
    op.add_column("enrolment", sa.Column("override", postgresql.JSONB(), nullable=True))
    op.add_column("enrolment", sa.Column("resembles_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_enrolment_resembles_id"),
        "enrolment",
        "customer",
        ["resembles_id"],
        ["id"],
        ondelete="SET NULL",
    )
    op.create_index(op.f("ix_enrolment_resembles_id"), "enrolment", ["resembles_id"])
    op.create_table(
        "enrolment_hold",
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("region_key", sa.String(), nullable=False),
        sa.Column("sealing_key", sa.LargeBinary(), nullable=False),
        sa.Column("frame", postgresql.JSONB(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["enrolment_id"],
            ["enrolment.id"],
            name=op.f("fk_enrolment_hold_enrolment_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("enrolment_id", name=op.f("pk_enrolment_hold")),
    )
    op.create_index(op.f("ix_enrolment_hold_expires_at"), "enrolment_hold", ["expires_at"])


def downgrade() -> None:
    op.drop_table("enrolment_hold")
    op.drop_index(op.f("ix_enrolment_resembles_id"), "enrolment")
    op.drop_constraint(op.f("fk_enrolment_resembles_id"), "enrolment", type_="foreignkey")
    for column in ("resembles_id", "override", "picked_face", "checks"):
        op.drop_column("enrolment", column)
    op.drop_column("template", "override")
