"""Old entries of the audit log go, and what is left stays provable

Works with the previous release, which removes none. Nobody may delete an entry but through one
function of the tables' owner, which takes no younger one than 180 days.
"""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

_REFUSE = (
    "RAISE EXCEPTION 'the audit log is append-only' USING ERRCODE = 'insufficient_privilege'; "
)


def upgrade() -> None:
    op.create_table(
        "audit_start",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("entries", sa.BigInteger(), nullable=False),
        sa.Column("entry_sha256", sa.String(), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_audit_start_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_start")),
    )
    op.execute(
        "CREATE OR REPLACE FUNCTION refuse_change_of_audit() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN IF TG_OP = 'DELETE' AND current_setting('vestibule.forgets', true) = 'on' "
        f"THEN RETURN NULL; END IF; {_REFUSE} END $$"
    )
    # The mark is set inside, not with the function: for that one would have to be a superuser.
    op.execute(
        "CREATE OR REPLACE FUNCTION forget_audit_entries(up_to bigint) RETURNS bigint "
        "LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$ "
        "DECLARE gone bigint; BEGIN "
        "PERFORM set_config('vestibule.forgets', 'on', true); "
        "DELETE FROM audit_entry WHERE number <= up_to AND at < now() - interval '180 days'; "
        "GET DIAGNOSTICS gone = ROW_COUNT; "
        "PERFORM set_config('vestibule.forgets', 'off', true); "
        "RETURN gone; END $$"
    )
    op.execute("REVOKE ALL ON FUNCTION forget_audit_entries(bigint) FROM PUBLIC")


def downgrade() -> None:
    op.execute("DROP FUNCTION forget_audit_entries(bigint)")
    op.execute(
        "CREATE OR REPLACE FUNCTION refuse_change_of_audit() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN {_REFUSE} END $$"
    )
    op.drop_table("audit_start")
