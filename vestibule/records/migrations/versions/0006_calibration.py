"""Counted faces, answered alerts, and the calibration that a venue adopts

Must work with the previous release: add first, remove one release later. Short locks only.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "calibration_proposal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("venue_id", sa.Uuid(), nullable=False),
        sa.Column("space_id", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("target_fpir", sa.Double(), nullable=False),
        sa.Column("review_fpir", sa.Double(), nullable=False),
        sa.Column("factors", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("measured", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("evidence", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "source IN ('target', 'answers', 'photos')", name=op.f("ck_calibration_proposal_source")
        ),
        sa.ForeignKeyConstraint(
            ["venue_id"], ["venue.id"], name=op.f("fk_calibration_proposal_venue_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calibration_proposal")),
    )
    op.create_index(
        "ix_calibration_proposal_venue_id_created_at",
        "calibration_proposal",
        ["venue_id", "created_at"],
        unique=False,
    )
    op.create_table(
        "face_count",
        sa.Column("venue_id", sa.Uuid(), nullable=False),
        sa.Column("space_id", sa.String(), nullable=False),
        sa.Column("night", sa.Date(), nullable=False),
        sa.Column("light_band", sa.String(), nullable=False),
        sa.Column("decision", sa.String(), nullable=False),
        sa.Column("customers", sa.Integer(), nullable=False),
        sa.Column("templates", sa.Integer(), nullable=False),
        sa.Column("threshold", sa.Double(), nullable=False),
        sa.Column("review_threshold", sa.Double(), nullable=False),
        sa.Column("score_bin", sa.Integer(), nullable=False),
        sa.Column("faces", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "decision IN ('MATCH', 'REVIEW', 'UNKNOWN')", name=op.f("ck_face_count_decision")
        ),
        sa.ForeignKeyConstraint(["venue_id"], ["venue.id"], name=op.f("fk_face_count_venue_id")),
        sa.PrimaryKeyConstraint(
            "venue_id",
            "space_id",
            "night",
            "light_band",
            "decision",
            "customers",
            "templates",
            "threshold",
            "review_threshold",
            "score_bin",
            name=op.f("pk_face_count"),
        ),
    )
    op.create_table(
        "calibration_adoption",
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("venue_id", sa.Uuid(), nullable=False),
        sa.Column("space_id", sa.String(), nullable=False),
        sa.Column("proposal_id", sa.Uuid(), nullable=True),
        sa.Column("before_id", sa.Uuid(), nullable=True),
        sa.Column("reverts", sa.Boolean(), nullable=False),
        sa.Column("despite_little_evidence", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("adopted_by", sa.String(), nullable=False),
        sa.Column("adopted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["before_id"],
            ["calibration_proposal.id"],
            name=op.f("fk_calibration_adoption_before_id"),
        ),
        sa.ForeignKeyConstraint(
            ["proposal_id"],
            ["calibration_proposal.id"],
            name=op.f("fk_calibration_adoption_proposal_id"),
        ),
        sa.ForeignKeyConstraint(
            ["venue_id"], ["venue.id"], name=op.f("fk_calibration_adoption_venue_id")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_calibration_adoption")),
    )
    op.create_index(
        "ix_calibration_adoption_in_force",
        "calibration_adoption",
        ["venue_id", "space_id", "number"],
        unique=False,
    )
    op.create_table(
        "answered_alert",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("venue_id", sa.Uuid(), nullable=False),
        sa.Column("space_id", sa.String(), nullable=False),
        sa.Column("night", sa.Date(), nullable=False),
        sa.Column("light_band", sa.String(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("threshold", sa.Double(), nullable=False),
        sa.Column("review_threshold", sa.Double(), nullable=False),
        sa.Column("gallery_size", sa.Integer(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("answerer", sa.String(), nullable=False),
        sa.Column("face_id", sa.Uuid(), nullable=True),
        sa.Column("is_replaced", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "answer IN ('same_person', 'not_them')", name=op.f("ck_answered_alert_answer")
        ),
        sa.ForeignKeyConstraint(
            ["face_id"], ["face.id"], name=op.f("fk_answered_alert_face_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["venue_id"], ["venue.id"], name=op.f("fk_answered_alert_venue_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answered_alert")),
    )
    op.create_index(op.f("ix_answered_alert_face_id"), "answered_alert", ["face_id"], unique=False)
    op.create_index(
        "ix_answered_alert_venue_id_space_id_night",
        "answered_alert",
        ["venue_id", "space_id", "night"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_table("answered_alert")
    op.drop_table("calibration_adoption")
    op.drop_table("face_count")
    op.drop_table("calibration_proposal")
