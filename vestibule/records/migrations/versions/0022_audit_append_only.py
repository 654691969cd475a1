"""The audit log is append-only for everybody, and can be searched

Works with the previous release, which only ever adds entries.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_INDEXES = {
    "ix_audit_entry_at_number": ["at", "number"],
    "ix_audit_entry_actor_at_number": ["actor", "at", "number"],
    "ix_audit_entry_action_at_number": ["action", "at", "number"],
    "ix_audit_entry_subject_at_number": ["subject", "at", "number"],
}


def upgrade() -> None:
    op.execute(
        "CREATE OR REPLACE FUNCTION refuse_change_of_audit() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the audit log is append-only' "
        "USING ERRCODE = 'insufficient_privilege'; END $$"
    )
    op.execute(
        "CREATE OR REPLACE TRIGGER audit_entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE "
        "ON audit_entry FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_audit()"
    )
    # Also where a session calls itself a replica, which passes over ordinary triggers.
    op.execute("ALTER TABLE audit_entry ENABLE ALWAYS TRIGGER audit_entry_append_only")
    with op.get_context().autocommit_block():
        for name, columns in _INDEXES.items():
            _make_index(name, columns)
        _make_index(
            "ix_audit_entry_details",
            ["details jsonb_path_ops"],
            postgresql_using="gin",
            postgresql_with={"fastupdate": "off"},
        )


def _make_index(name: str, columns: list[str], **options: Any) -> None:
    """Anew: one that was interrupted is there and cannot be used."""
    op.drop_index(name, "audit_entry", if_exists=True, postgresql_concurrently=True)
    op.create_index(
        name,
        "audit_entry",
        [sa.text(column) for column in columns],
        postgresql_concurrently=True,
        **options,
    )


def downgrade() -> None:
    for name in ("ix_audit_entry_details", *_INDEXES):
        op.drop_index(name, "audit_entry")
    op.execute("DROP TRIGGER audit_entry_append_only ON audit_entry")
    op.execute("DROP FUNCTION refuse_change_of_audit()")
