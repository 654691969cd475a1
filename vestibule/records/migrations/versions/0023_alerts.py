"""Alerts at the door, what is told of them, and what was said not to be them

Works with the previous release, which raises none and starts no such job.
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_KINDS = "'IDENTIFY', 'ENROL', 'DEMO', 'GALLERY', 'REMEMBER', 'CHUNK'"


def upgrade() -> None:
    _allow(f"{_KINDS}, 'NOTIFY'")
    _make_alert()
    _make_sighting()
    _make_event()
    _make_rejection()


def downgrade() -> None:
    for table in ("alert_rejection", "alert_event", "alert_sighting", "alert"):
        op.drop_table(table)
    op.execute("DELETE FROM job WHERE kind = 'NOTIFY'")
    _allow(_KINDS)


def _make_alert() -> None:
    op.create_table(
        "alert",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("venue_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("face_id", sa.Uuid(), nullable=True),
        sa.Column("template_id", sa.Uuid(), nullable=True),
        sa.Column("night", sa.Date(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("escalated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.String(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.String(), nullable=True),
        sa.Column("answered_by_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "answer IN ('same_person', 'not_them', 'lapsed')", name=op.f("ck_alert_answer")
        ),
        sa.CheckConstraint(
            "(answer IS NULL) = (answered_at IS NULL)", name=op.f("ck_alert_answered")
        ),
        _key("alert", "venue_id", "venue"),
        _key("alert", "customer_id", "customer", ondelete="CASCADE"),
        _key("alert", "entry_id", "watchlist_entry", ondelete="CASCADE"),
        _key("alert", "face_id", "face", ondelete="SET NULL"),
        _key("alert", "template_id", "template", ondelete="SET NULL"),
        _key("alert", "answered_by_id", "account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert")),
    )
    op.create_index(
        "uq_alert_standing",
        "alert",
        ["customer_id", "venue_id", "night"],
        unique=True,
        postgresql_where=sa.text("answer IS NULL OR answer = 'same_person'"),
    )
    op.create_index("ix_alert_venue_id_raised_at_id", "alert", ["venue_id", "raised_at", "id"])
    op.create_index("ix_alert_raised_at_id", "alert", ["raised_at", "id"])
    op.create_index(
        "ix_alert_open", "alert", ["raised_at"], postgresql_where=sa.text("answer IS NULL")
    )
    for column in ("entry_id", "face_id", "template_id"):
        op.create_index(f"ix_alert_{column}", "alert", [column])


def _make_sighting() -> None:
    op.create_table(
        "alert_sighting",
        sa.Column("face_id", sa.Uuid(), nullable=False),
        sa.Column("alert_id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("door_said", sa.String(), nullable=True),
        sa.Column("door_said_by", sa.String(), nullable=True),
        _key("alert_sighting", "face_id", "face", ondelete="CASCADE"),
        _key("alert_sighting", "alert_id", "alert", ondelete="CASCADE"),
        _key("alert_sighting", "entry_id", "watchlist_entry", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("face_id", name=op.f("pk_alert_sighting")),
    )
    for column in ("alert_id", "entry_id"):
        op.create_index(f"ix_alert_sighting_{column}", "alert_sighting", [column])


def _make_event() -> None:
    op.create_table(
        "alert_event",
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("alert_id", sa.Uuid(), nullable=False),
        sa.Column("venue_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('raised', 'escalated', 'answered')", name=op.f("ck_alert_event_kind")
        ),
        _key("alert_event", "alert_id", "alert", ondelete="CASCADE"),
        _key("alert_event", "venue_id", "venue"),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_alert_event")),
        sa.UniqueConstraint("id", name=op.f("uq_alert_event_id")),
    )
    for column in ("alert_id", "at"):
        op.create_index(f"ix_alert_event_{column}", "alert_event", [column])


def _make_rejection() -> None:
    op.create_table(
        "alert_rejection",
        sa.Column("alert_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("space_id", sa.String(), nullable=False),
        sa.Column("sealing_key", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        _key("alert_rejection", "alert_id", "alert", ondelete="CASCADE"),
        _key("alert_rejection", "customer_id", "customer", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("alert_id", name=op.f("pk_alert_rejection")),
    )
    op.create_index(
        "ix_alert_rejection_customer_id_space_id", "alert_rejection", ["customer_id", "space_id"]
    )
    op.create_index("ix_alert_rejection_expires_at", "alert_rejection", ["expires_at"])


def _key(
    table: str, column: str, owner: str, *, ondelete: str | None = None
) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{owner}.id"], name=op.f(f"fk_{table}_{column}"), ondelete=ondelete
    )


def _allow(kinds: str) -> None:
    op.drop_constraint("ck_job_kind", "job")
    op.create_check_constraint(op.f("ck_job_kind"), "job", f"kind IN ({kinds})")
