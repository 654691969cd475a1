"""Answers "not them" are remembered by a job

Works with the previous release, which starts no such job.
"""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _allow("'IDENTIFY', 'ENROL', 'DEMO', 'GALLERY', 'REMEMBER'")


def downgrade() -> None:
    op.execute("DELETE FROM job WHERE kind = 'REMEMBER'")
    _allow("'IDENTIFY', 'ENROL', 'DEMO', 'GALLERY'")


def _allow(kinds: str) -> None:
    op.drop_constraint("ck_job_kind", "job")
    op.create_check_constraint(op.f("ck_job_kind"), "job", f"kind IN ({kinds})")
