"""The watchlist: policies, proposals and what people decided, entries, appeals

Works with the previous release, which knows none of these tables.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "watchlist_policy_version",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content", JSONB(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("adopted_by", sa.String(), nullable=False),
        sa.Column("adopted_by_id", sa.Uuid(), nullable=False),
        sa.Column("adopted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["adopted_by_id"],
            ["account.id"],
            name=op.f("fk_watchlist_policy_version_adopted_by_id"),
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_watchlist_policy_version")),
    )
    op.create_table(
        "watchlist_proposal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("venue_id", sa.Uuid(), nullable=True),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("policy_number", sa.Integer(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("approvals_needed", sa.Integer(), nullable=False),
        sa.Column("evidence", JSONB(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("extends_id", sa.Uuid(), nullable=True),
        sa.Column("proposed_by", sa.String(), nullable=False),
        sa.Column("proposed_by_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(origin = 'person') = (proposed_by_id IS NOT NULL)",
            name=op.f("ck_watchlist_proposal_proposer"),
        ),
        sa.CheckConstraint(
            "(state = 'OPEN') = (closed_at IS NULL)", name=op.f("ck_watchlist_proposal_closed")
        ),
        sa.CheckConstraint(
            "origin IN ('algorithm', 'person')", name=op.f("ck_watchlist_proposal_origin")
        ),
        sa.CheckConstraint(
            "state IN ('OPEN', 'APPROVED', 'REJECTED', 'EXPIRED', 'WITHDRAWN')",
            name=op.f("ck_watchlist_proposal_state"),
        ),
        sa.CheckConstraint(
            "days > 0 AND approvals_needed > 0", name=op.f("ck_watchlist_proposal_bounds")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
            name=op.f("fk_watchlist_proposal_customer_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by_id"], ["account.id"], name=op.f("fk_watchlist_proposal_proposed_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["venue_id"], ["venue.id"], name=op.f("fk_watchlist_proposal_venue_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watchlist_proposal")),
    )
    op.create_index(
        "ix_watchlist_proposal_customer_id", "watchlist_proposal", ["customer_id"], unique=False
    )
    op.create_index(
        op.f("ix_watchlist_proposal_extends_id"), "watchlist_proposal", ["extends_id"], unique=False
    )
    op.create_index(
        "ix_watchlist_proposal_state_created_at_id",
        "watchlist_proposal",
        ["state", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        "uq_watchlist_proposal_open",
        "watchlist_proposal",
        ["customer_id", "venue_id"],
        unique=True,
        postgresql_nulls_not_distinct=True,
        postgresql_where=sa.text("state = 'OPEN'"),
    )
    op.create_table(
        "watchlist_evidence",
        sa.Column("proposal_id", sa.Uuid(), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("reporter_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["proposal_id"],
            ["watchlist_proposal.id"],
            name=op.f("fk_watchlist_evidence_proposal_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("proposal_id", "incident_id", name=op.f("pk_watchlist_evidence")),
    )
    op.create_index(
        op.f("ix_watchlist_evidence_incident_id"),
        "watchlist_evidence",
        ["incident_id"],
        unique=False,
    )
    op.create_table(
        "watchlist_decision",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("proposal_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "verdict IN ('approve', 'reject')", name=op.f("ck_watchlist_decision_verdict")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_watchlist_decision_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["proposal_id"],
            ["watchlist_proposal.id"],
            name=op.f("fk_watchlist_decision_proposal_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watchlist_decision")),
        sa.UniqueConstraint(
            "proposal_id", "account_id", name=op.f("uq_watchlist_decision_proposal_id_account_id")
        ),
    )
    op.create_index(
        op.f("ix_watchlist_decision_account_id"), "watchlist_decision", ["account_id"], unique=False
    )
    op.create_table(
        "watchlist_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("venue_id", sa.Uuid(), nullable=True),
        sa.Column("proposal_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("first_ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_by", sa.String(), nullable=True),
        sa.Column("lifted_by_id", sa.Uuid(), nullable=True),
        sa.Column("lifted_reason", sa.String(), nullable=True),
        sa.CheckConstraint(
            "starts_at < first_ends_at AND ends_at <= first_ends_at",
            name=op.f("ck_watchlist_entry_ends"),
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
            name=op.f("fk_watchlist_entry_customer_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["lifted_by_id"], ["account.id"], name=op.f("fk_watchlist_entry_lifted_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["proposal_id"],
            ["watchlist_proposal.id"],
            name=op.f("fk_watchlist_entry_proposal_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["venue_id"], ["venue.id"], name=op.f("fk_watchlist_entry_venue_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watchlist_entry")),
        sa.UniqueConstraint("proposal_id", name=op.f("uq_watchlist_entry_proposal_id")),
    )
    op.create_index(
        "ix_watchlist_entry_customer_id_ends_at",
        "watchlist_entry",
        ["customer_id", "ends_at"],
        unique=False,
    )
    op.create_index(
        "ix_watchlist_entry_ends_at_id", "watchlist_entry", ["ends_at", "id"], unique=False
    )
    op.create_foreign_key(
        op.f("fk_watchlist_proposal_extends_id"),
        "watchlist_proposal",
        "watchlist_entry",
        ["extends_id"],
        ["id"],
        ondelete="SET NULL",
    )
    op.create_table(
        "watchlist_appeal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("statement", sa.String(), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("recorded_by_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("outcome_reason", sa.String(), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decided_by_id", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "outcome IN ('upheld', 'shortened', 'lifted')", name=op.f("ck_watchlist_appeal_outcome")
        ),
        sa.CheckConstraint(
            "(outcome IS NULL) = (decided_at IS NULL)"
            " AND (outcome IS NULL) = (decided_by_id IS NULL)",
            name=op.f("ck_watchlist_appeal_decided"),
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["account.id"], name=op.f("fk_watchlist_appeal_decided_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"],
            ["watchlist_entry.id"],
            name=op.f("fk_watchlist_appeal_entry_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["account.id"], name=op.f("fk_watchlist_appeal_recorded_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watchlist_appeal")),
    )
    op.create_index(
        "ix_watchlist_appeal_due_at_id", "watchlist_appeal", ["due_at", "id"], unique=False
    )
    op.create_index(
        op.f("ix_watchlist_appeal_entry_id"), "watchlist_appeal", ["entry_id"], unique=False
    )
    op.create_index(
        "uq_watchlist_appeal_open",
        "watchlist_appeal",
        ["entry_id"],
        unique=True,
        postgresql_where=sa.text("outcome IS NULL"),
    )


def downgrade() -> None:
    op.drop_constraint(
        op.f("fk_watchlist_proposal_extends_id"), "watchlist_proposal", type_="foreignkey"
    )
    for table in ("appeal", "entry", "decision", "evidence", "proposal", "policy_version"):
        op.drop_table(f"watchlist_{table}")
