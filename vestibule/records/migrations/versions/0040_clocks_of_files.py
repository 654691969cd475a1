"""Whole files of guests get a clock, and an erasure says meanwhile what is not done yet

Works with the previous release, which knows no such reminder, and erases whoever is being erased
without waiting for the end of a legal hold.
"""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

_JOBS = ("photo", "enrolment")
_PROOFS = ("proof_id", "withdrawal_proof_id")


def upgrade() -> None:
    op.create_table(
        "file_reminder",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
            name=op.f("fk_file_reminder_customer_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_file_reminder")),
    )
    _constrain("cause", "cause IN ('REQUEST', 'RESTORE', 'RETENTION')")
    _constrain("receipt", "state <> 'DONE' OR receipt IS NOT NULL")
    with op.get_context().autocommit_block():
        for table in _JOBS:
            op.create_index(
                f"ix_{table}_job_id",
                table,
                ["job_id"],
                postgresql_concurrently=True,
                if_not_exists=True,
            )
        for column in _PROOFS:
            op.create_index(
                f"ix_consent_{column}",
                "consent",
                [column],
                postgresql_where=sa.text(f"{column} IS NOT NULL"),
                postgresql_concurrently=True,
                if_not_exists=True,
            )


def downgrade() -> None:
    for column in _PROOFS:
        op.drop_index(f"ix_consent_{column}", "consent")
    for table in _JOBS:
        op.drop_index(f"ix_{table}_job_id", table)
    op.execute("UPDATE erasure SET receipt = NULL, signature = NULL WHERE state <> 'DONE'")
    op.execute("UPDATE erasure SET cause = 'REQUEST' WHERE cause = 'RETENTION'")
    _constrain("receipt", "(state = 'DONE') = (receipt IS NOT NULL)")
    _constrain("cause", "cause IN ('REQUEST', 'RESTORE')")
    op.drop_table("file_reminder")


def _constrain(name: str, allowed: str) -> None:
    op.drop_constraint(f"ck_erasure_{name}", "erasure")
    op.create_check_constraint(op.f(f"ck_erasure_{name}"), "erasure", allowed)
