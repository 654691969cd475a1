"""A chunk that lists what an import has to do

Works with the previous release, which starts no import.
"""

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _allow("'LIST', 'WORK', 'FINISH'")


def downgrade() -> None:
    op.execute("DELETE FROM batch_chunk WHERE kind = 'LIST'")
    _allow("'WORK', 'FINISH'")


def _allow(kinds: str) -> None:
    op.drop_constraint("ck_batch_chunk_kind", "batch_chunk")
    op.create_check_constraint(op.f("ck_batch_chunk_kind"), "batch_chunk", f"kind IN ({kinds})")
