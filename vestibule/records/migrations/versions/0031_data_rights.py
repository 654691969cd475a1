"""What people may ask about their data: requests, their own page, restriction, objection

Works with the previous release, which asks for none of it.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)
_FLAGS = ("restricted_at", "objects_to_statistics_at", "objects_to_offers_at")


def upgrade() -> None:
    for flag in _FLAGS:
        op.add_column("customer", sa.Column(flag, _TIME, nullable=True))
    op.alter_column("watchlist_appeal", "recorded_by_id", nullable=True)
    _requests()
    _steps()
    _links()


def _requests() -> None:
    op.create_table(
        "data_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("requester", sa.String(), nullable=True),
        sa.Column("right", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("identity", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("extended_at", _TIME, nullable=True),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("closed_at", _TIME, nullable=True),
        sa.CheckConstraint(
            "\"right\" IN ('access', 'rectification', 'erasure', 'restriction',"
            " 'portability', 'objection')",
            name=op.f("ck_data_request_right"),
        ),
        sa.CheckConstraint(
            "channel IN ('page', 'letter', 'email', 'in_person', 'phone')",
            name=op.f("ck_data_request_channel"),
        ),
        sa.CheckConstraint(
            "identity IN ('personal_link', 'document_seen', 'contact_on_file', 'known_in_person')",
            name=op.f("ck_data_request_identity"),
        ),
        sa.CheckConstraint(
            "state IN ('OPEN', 'ANSWERED', 'REFUSED', 'TAKEN_BACK')",
            name=op.f("ck_data_request_state"),
        ),
        sa.CheckConstraint(
            "(state = 'OPEN') = (closed_at IS NULL)", name=op.f("ck_data_request_closed")
        ),
        sa.CheckConstraint("received_on <= due_on", name=op.f("ck_data_request_due")),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
            name=op.f("fk_data_request_customer_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_request")),
    )
    op.create_index("ix_data_request_state_due_on_id", "data_request", ["state", "due_on", "id"])
    op.create_index("ix_data_request_customer_id", "data_request", ["customer_id"])


def _steps() -> None:
    op.create_table(
        "data_request_step",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False, server_default=sa.text("''")),
        sa.Column("details", JSONB(none_as_null=True), nullable=True),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("at", _TIME, nullable=False),
        sa.CheckConstraint(
            "action IN ('received', 'identified', 'extended', 'noted', 'told', 'answered',"
            " 'refused', 'taken_back')",
            name=op.f("ck_data_request_step_action"),
        ),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["data_request.id"],
            name=op.f("fk_data_request_step_request_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
            name=op.f("fk_data_request_step_customer_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_data_request_step_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_request_step")),
    )
    op.create_index(
        "ix_data_request_step_request_id_number", "data_request_step", ["request_id", "number"]
    )
    op.create_index("ix_data_request_step_customer_id", "data_request_step", ["customer_id"])


def _links() -> None:
    op.create_table(
        "personal_link",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_sha256", sa.String(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("identity", sa.String(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_by_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("expires_at", _TIME, nullable=False),
        sa.Column("browser_sha256", sa.String(), nullable=True),
        sa.Column("opened_at", _TIME, nullable=True),
        sa.Column("last_opened_at", _TIME, nullable=True),
        sa.Column("revoked_at", _TIME, nullable=True),
        sa.Column("revoked_by", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
            name=op.f("fk_personal_link_customer_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["account.id"], name=op.f("fk_personal_link_made_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_personal_link")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_personal_link_token_sha256")),
    )
    op.create_index("ix_personal_link_customer_id", "personal_link", ["customer_id"])
    op.create_index("ix_personal_link_expires_at", "personal_link", ["expires_at"])
    op.create_table(
        "personal_session",
        sa.Column("token_sha256", sa.String(), nullable=False),
        sa.Column("link_id", sa.Uuid(), nullable=False),
        sa.Column("expires_at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["link_id"],
            ["personal_link.id"],
            name=op.f("fk_personal_session_link_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("token_sha256", name=op.f("pk_personal_session")),
    )
    for column in ("link_id", "expires_at"):
        op.create_index(f"ix_personal_session_{column}", "personal_session", [column])


def downgrade() -> None:
    for table in ("personal_session", "personal_link", "data_request_step", "data_request"):
        op.drop_table(table)
    op.execute("DELETE FROM watchlist_appeal WHERE recorded_by_id IS NULL")
    op.alter_column("watchlist_appeal", "recorded_by_id", nullable=False)
    for flag in _FLAGS:
        op.drop_column("customer", flag)
