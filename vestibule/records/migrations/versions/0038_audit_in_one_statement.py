"""An audit entry is chained and written by one call: the chain's lock is held for less

Works with the previous release, which goes on writing entries by itself under the same lock. The
function has the rights of whoever calls it.
"""

from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Each statement of a volatile function sees what was committed before it began, so the last
    # entry is looked for after the lock is there, not before.
    op.execute(
        """
        CREATE OR REPLACE FUNCTION append_audit_entry(
            new_at timestamptz, new_actor text, new_action text, new_subject text,
            new_details jsonb, hashed_before text, hashed_after text, genesis text, lock_key bigint
        ) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
        DECLARE
            previous text;
        BEGIN
            PERFORM pg_advisory_xact_lock(lock_key);
            SELECT entry_sha256 INTO previous FROM audit_entry ORDER BY number DESC LIMIT 1;
            previous := coalesce(previous, genesis);
            INSERT INTO audit_entry
                (at, actor, action, subject, details, previous_sha256, entry_sha256)
            VALUES (
                new_at, new_actor, new_action, new_subject, new_details, previous,
                encode(sha256(convert_to(hashed_before || previous || hashed_after, 'UTF8')), 'hex')
            );
        END $$
        """
    )


def downgrade() -> None:
    op.execute(
        "DROP FUNCTION append_audit_entry(timestamptz, text, text, text, jsonb, text, text, text, "
        "bigint)"
    )
