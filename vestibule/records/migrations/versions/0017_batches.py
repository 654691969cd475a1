"""Large work in pieces

Works with the previous release, which starts no such job.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)
_KINDS = "'IDENTIFY', 'ENROL', 'DEMO', 'GALLERY', 'REMEMBER'"


def upgrade() -> None:
    _allow(f"{_KINDS}, 'CHUNK'")
    op.create_table(
        "batch",
        sa.Column("id", sa.Uuid(), nullable=False),
        *[
            sa.Column(name, sa.String(), nullable=name.startswith("error"))
            for name in ("kind", "state", "pace", "error_code", "error_detail", "requested_by")
        ],
        sa.Column("generation", sa.Integer(), nullable=True),
        sa.Column("parameters", JSONB(), nullable=False),
        sa.Column("at_once", sa.Integer(), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("resumed_at", _TIME, nullable=False),
        sa.Column("resumed_done", sa.Integer(), nullable=False),
        sa.Column("finished_at", _TIME, nullable=True),
        sa.CheckConstraint("kind IN ('REBUILD', 'REEMBED', 'IMPORT')", name=op.f("ck_batch_kind")),
        sa.CheckConstraint(
            "state IN ('RUNNING', 'PAUSED', 'DONE', 'CANCELLED', 'FAILED')",
            name=op.f("ck_batch_state"),
        ),
        sa.CheckConstraint("pace IN ('FULL', 'POLITE', 'SLOW')", name=op.f("ck_batch_pace")),
        sa.ForeignKeyConstraint(
            ["generation"], ["index_generation.number"], name=op.f("fk_batch_generation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch")),
    )
    op.create_index("ix_batch_created_at", "batch", ["created_at"])
    op.create_table(
        "batch_chunk",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("items", JSONB(), nullable=False),
        *[
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ("size", "position", "failed", "attempts")
        ],
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("kind IN ('WORK', 'FINISH')", name=op.f("ck_batch_chunk_kind")),
        sa.CheckConstraint(
            "state IN ('WAITING', 'SENT', 'DONE')", name=op.f("ck_batch_chunk_state")
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["batch.id"], name=op.f("fk_batch_chunk_batch_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch_chunk")),
        sa.UniqueConstraint("batch_id", "number", name=op.f("uq_batch_chunk_batch_id_number")),
    )
    _create_failures()


def _create_failures() -> None:
    owners = {"batch_id": "batch", "customer_id": "customer", "template_id": "template"}
    op.create_table(
        "batch_failure",
        sa.Column("id", sa.Uuid(), nullable=False),
        *[sa.Column(name, sa.Uuid(), nullable=name != "batch_id") for name in owners],
        sa.Column("item", sa.String(), nullable=True),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        *[
            sa.ForeignKeyConstraint(
                [column],
                [f"{table}.id"],
                name=op.f(f"fk_batch_failure_{column}"),
                ondelete="CASCADE",
            )
            for column, table in owners.items()
        ],
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch_failure")),
    )
    for column in owners:
        op.create_index(f"ix_batch_failure_{column}", "batch_failure", [column])


def downgrade() -> None:
    for table in ("batch_failure", "batch_chunk", "batch"):
        op.drop_table(table)
    op.execute("DELETE FROM job WHERE kind = 'CHUNK'")
    _allow(_KINDS)


def _allow(kinds: str) -> None:
    op.drop_constraint("ck_job_kind", "job")
    op.create_check_constraint(op.f("ck_job_kind"), "job", f"kind IN ({kinds})")
