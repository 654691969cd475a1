"""Remember answers "not them", and which template each match came from.

Works with the previous release: it writes faces without a template and knows no answers.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("face", sa.Column("template_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_face_template_id"),
        "face",
        "template",
        ["template_id"],
        ["id"],
        ondelete="SET NULL",
    )
    op.create_index(op.f("ix_face_template_id"), "face", ["template_id"])
    op.create_table(
        "not_them",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("photo_sha256", sa.String(), nullable=False),
        sa.Column("box_x1_px", sa.Float(), nullable=False),
        sa.Column("box_y1_px", sa.Float(), nullable=False),
        sa.Column("box_x2_px", sa.Float(), nullable=False),
        sa.Column("box_y2_px", sa.Float(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("template_id", sa.Uuid(), nullable=True),
        sa.Column("face_id", sa.Uuid(), nullable=True),
        sa.Column("answered_by", sa.String(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
            name=op.f("fk_not_them_customer_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["template_id"],
            ["template.id"],
            name=op.f("fk_not_them_template_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["face_id"], ["face.id"], name=op.f("fk_not_them_face_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_not_them")),
    )
    for column in ("photo_sha256", "customer_id", "template_id", "face_id", "expires_at"):
        op.create_index(f"ix_not_them_{column}", "not_them", [column])


def downgrade() -> None:
    op.drop_table("not_them")
    op.drop_index(op.f("ix_face_template_id"), table_name="face")
    op.drop_column("face", "template_id")
