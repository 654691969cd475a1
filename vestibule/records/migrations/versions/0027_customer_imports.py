"""Lists of customers that are imported

Works with the previous release, which starts no such job.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)
_KINDS = "'IDENTIFY', 'ENROL', 'DEMO', 'GALLERY', 'REMEMBER', 'CHUNK', 'NOTIFY'"


def upgrade() -> None:
    _allow(f"{_KINDS}, 'CUSTOMERS'")
    op.create_table(
        "customer_import",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("venue_id", sa.Uuid(), nullable=False),
        sa.Column("file_key", sa.String(), nullable=True),
        sa.Column("encoding", sa.String(), nullable=False),
        sa.Column("delimiter", sa.String(), nullable=False),
        *[sa.Column(name, JSONB(), nullable=False) for name in ("columns", "problems", "sample")],
        *[
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ("rows", "fitting", "position", "created", "updated", "refused")
        ],
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("requested_by", sa.String(), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("expires_at", _TIME, nullable=False),
        sa.Column("finished_at", _TIME, nullable=True),
        sa.CheckConstraint(
            "state IN ('PREVIEWED', 'RUNNING', 'DONE', 'FAILED')",
            name=op.f("ck_customer_import_state"),
        ),
        sa.ForeignKeyConstraint(
            ["venue_id"], ["venue.id"], name=op.f("fk_customer_import_venue_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_import")),
    )
    for column in ("created_at", "expires_at"):
        op.create_index(f"ix_customer_import_{column}", "customer_import", [column])


def downgrade() -> None:
    op.drop_table("customer_import")
    op.execute("DELETE FROM job WHERE kind = 'CUSTOMERS'")
    _allow(_KINDS)


def _allow(kinds: str) -> None:
    op.drop_constraint("ck_job_kind", "job")
    op.create_check_constraint(op.f("ck_job_kind"), "job", f"kind IN ({kinds})")
