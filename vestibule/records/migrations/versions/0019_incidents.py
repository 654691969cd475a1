"""Incidents, the people in them, their history and what is attached

Works with the previous release, which knows none of these tables.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)
_KINDS = (
    "'violence', 'harassment', 'weapon', 'theft', 'damage', 'drugs', 'over_consumption', 'fraud', "
    "'other'"
)


def upgrade() -> None:
    _create_incident()
    _create_person()
    _create_revision()
    _create_attachment()


def _create_incident() -> None:
    op.create_table(
        "incident",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("venue_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("severity", sa.Integer(), nullable=False),
        sa.Column("occurred_at", _TIME, nullable=False),
        sa.Column("night", sa.Date(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reporter_id", sa.Uuid(), nullable=False),
        sa.Column("decided_by_id", sa.Uuid(), nullable=True),
        sa.Column("decided_at", _TIME, nullable=True),
        sa.Column("decision_reason", sa.String(), nullable=True),
        sa.Column("closed_by_id", sa.Uuid(), nullable=True),
        sa.Column("closed_at", _TIME, nullable=True),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("updated_at", _TIME, nullable=False),
        sa.CheckConstraint(f"kind IN ({_KINDS})", name=op.f("ck_incident_kind")),
        sa.CheckConstraint("severity BETWEEN 1 AND 5", name=op.f("ck_incident_severity")),
        sa.CheckConstraint(
            "state IN ('REPORTED', 'VERIFIED', 'DISMISSED', 'CLOSED')",
            name=op.f("ck_incident_state"),
        ),
        sa.CheckConstraint(
            "decided_by_id <> reporter_id", name=op.f("ck_incident_decided_by_another")
        ),
        sa.ForeignKeyConstraint(["venue_id"], ["venue.id"], name=op.f("fk_incident_venue_id")),
        *[
            sa.ForeignKeyConstraint([column], ["account.id"], name=op.f(f"fk_incident_{column}"))
            for column in ("reporter_id", "decided_by_id", "closed_by_id")
        ],
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident")),
    )
    op.create_index("ix_incident_occurred_at_id", "incident", ["occurred_at", "id"])
    for column in ("venue_id", "state", "reporter_id"):
        op.create_index(
            f"ix_incident_{column}_occurred_at_id", "incident", [column, "occurred_at", "id"]
        )


def _create_person() -> None:
    owners = {"incident_id": "incident", "customer_id": "customer"}
    op.create_table(
        "incident_person",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("description", sa.String(), nullable=True),
        sa.Column("part", sa.String(), nullable=False),
        sa.CheckConstraint(
            "part IN ('actor', 'victim', 'witness')", name=op.f("ck_incident_person_part")
        ),
        sa.CheckConstraint(
            "(customer_id IS NULL) <> (description IS NULL)", name=op.f("ck_incident_person_who")
        ),
        *[
            sa.ForeignKeyConstraint(
                [column],
                [f"{table}.id"],
                name=op.f(f"fk_incident_person_{column}"),
                ondelete="CASCADE",
            )
            for column, table in owners.items()
        ],
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident_person")),
    )
    for column in owners:
        op.create_index(f"ix_incident_person_{column}", "incident_person", [column])


def _create_revision() -> None:
    op.create_table(
        "incident_revision",
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("changes", JSONB(), nullable=False),
        sa.CheckConstraint(
            "action IN ('REPORTED', 'EDITED', 'VERIFIED', 'DISMISSED', 'CLOSED', 'ATTACHED', "
            "'DETACHED')",
            name=op.f("ck_incident_revision_action"),
        ),
        _of_incident("incident_revision"),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_incident_revision_by_id")),
        sa.PrimaryKeyConstraint("incident_id", "version", name=op.f("pk_incident_revision")),
    )


def _create_attachment() -> None:
    op.create_table(
        "incident_attachment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        *[
            sa.Column(name, sa.String(), nullable=False)
            for name in ("name", "media_type", "sha256", "object_key")
        ],
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("sealing_key", sa.LargeBinary(), nullable=False),
        sa.Column("added_by_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.CheckConstraint(
            "media_type IN ('image/jpeg', 'application/pdf')",
            name=op.f("ck_incident_attachment_media_type"),
        ),
        _of_incident("incident_attachment"),
        sa.ForeignKeyConstraint(
            ["added_by_id"], ["account.id"], name=op.f("fk_incident_attachment_added_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident_attachment")),
    )
    op.create_index("ix_incident_attachment_incident_id", "incident_attachment", ["incident_id"])


def _of_incident(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["incident_id"], ["incident.id"], name=op.f(f"fk_{table}_incident_id"), ondelete="CASCADE"
    )


def downgrade() -> None:
    for table in ("incident_attachment", "incident_revision", "incident_person", "incident"):
        op.drop_table(table)
