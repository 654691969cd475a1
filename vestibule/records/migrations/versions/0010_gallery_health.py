"""What a look through the gallery found, and what people said of it.

Works with the previous release, which starts no such job.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_KINDS = "kind IN ('OUTLIER', 'NEARER', 'DUPLICATE', 'WRONG_MATCHES', 'POOR', 'OVERRIDDEN')"
_OWNERS = {
    "customer_id": "customer",
    "template_id": "template",
    "other_customer_id": "customer",
    "other_template_id": "template",
}


def upgrade() -> None:
    op.drop_constraint("ck_job_kind", "job")
    op.create_check_constraint(
        op.f("ck_job_kind"), "job", "kind IN ('IDENTIFY', 'ENROL', 'DEMO', 'GALLERY')"
    )
    _create(
        "gallery_finding",
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("own_score", sa.Float(), nullable=True),
        sa.Column("count", sa.Integer(), nullable=True),
        owners={column: column.startswith("other") for column in _OWNERS},
    )
    op.create_index("ix_gallery_finding_kind_rank", "gallery_finding", ["kind", "rank"])
    _create(
        "gallery_judgement",
        sa.Column("judged_by", sa.String(), nullable=False),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=False),
        owners={"customer_id": False, "other_customer_id": True, "template_id": True},
    )


def _create(table: str, *columns: sa.Column[object], owners: dict[str, bool]) -> None:
    """``owners`` says of each owning column whether it may be NULL."""
    op.create_table(
        table,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        *[sa.Column(column, sa.Uuid(), nullable=may_miss) for column, may_miss in owners.items()],
        *columns,
        sa.CheckConstraint(_KINDS, name=op.f(f"ck_{table}_kind")),
        *[
            sa.ForeignKeyConstraint(
                [column],
                [f"{_OWNERS[column]}.id"],
                name=op.f(f"fk_{table}_{column}"),
                ondelete="CASCADE",
            )
            for column in owners
        ],
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    for column in owners:
        op.create_index(f"ix_{table}_{column}", table, [column])


def downgrade() -> None:
    op.drop_table("gallery_judgement")
    op.drop_table("gallery_finding")
    op.execute("DELETE FROM job WHERE kind = 'GALLERY'")
    op.drop_constraint("ck_job_kind", "job")
    op.create_check_constraint(op.f("ck_job_kind"), "job", "kind IN ('IDENTIFY', 'ENROL', 'DEMO')")
