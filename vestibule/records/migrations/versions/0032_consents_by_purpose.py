"""Consents by purpose and with an end, notices, what shows them, links, legal provisions

Works with the previous release: it gives consents for recognition without an end, and knows none of
the other purposes.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)
_PURPOSES = "'recognition'"


def upgrade() -> None:
    _make_notice()
    _make_proof()
    _make_link()
    _make_provision()
    _allow(f"{_PURPOSES}, 'offers', 'statistics', 'sharing'")
    op.add_column(
        "consent",
        sa.Column("method", sa.String(), server_default=sa.text("'spoken'"), nullable=False),
    )
    for name, kind in _COLUMNS.items():
        op.add_column("consent", sa.Column(name, kind, nullable=True))
    for name in ("proof_id", "withdrawal_proof_id"):
        op.create_foreign_key(
            op.f(f"fk_consent_{name}"),
            "consent",
            "consent_proof",
            [name],
            ["id"],
            ondelete="SET NULL",
        )
    with op.get_context().autocommit_block():
        op.create_index(
            "ix_consent_expires_at",
            "consent",
            ["expires_at"],
            postgresql_where=sa.text("withdrawn_at IS NULL"),
            postgresql_concurrently=True,
        )


_COLUMNS: dict[str, Any] = {
    "language": sa.String(),
    "expires_at": _TIME,
    "lapsed_at": _TIME,
    "withdrawn_by": sa.String(),
    "proof_id": sa.Uuid(),
    "withdrawal_proof_id": sa.Uuid(),
}


def downgrade() -> None:
    op.drop_index("ix_consent_expires_at", "consent")
    for name in ("proof_id", "withdrawal_proof_id"):
        op.drop_constraint(f"fk_consent_{name}", "consent")
    for name in ("method", *_COLUMNS):
        op.drop_column("consent", name)
    op.execute("DELETE FROM consent WHERE purpose <> 'recognition'")
    _allow(_PURPOSES)
    for table in ("legal_provision", "consent_link", "consent_proof", "privacy_notice"):
        op.drop_table(table)


def _make_notice() -> None:
    op.create_table(
        "privacy_notice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("texts", JSONB(), nullable=False),
        sa.Column("validity_days", sa.Integer(), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.Column("changed_at", _TIME, nullable=False),
        sa.Column("published_by", sa.String(), nullable=True),
        sa.Column("published_by_id", sa.Uuid(), nullable=True),
        sa.Column("published_at", _TIME, nullable=True),
        sa.CheckConstraint("state IN ('DRAFT', 'PUBLISHED')", name=op.f("ck_privacy_notice_state")),
        sa.CheckConstraint(
            "(state = 'PUBLISHED') = (published_at IS NOT NULL)",
            name=op.f("ck_privacy_notice_published"),
        ),
        sa.CheckConstraint("validity_days > 0", name=op.f("ck_privacy_notice_validity")),
        _key("privacy_notice", "published_by_id", "account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_privacy_notice")),
        sa.UniqueConstraint("version", name=op.f("uq_privacy_notice_version")),
    )
    op.create_index(
        "uq_privacy_notice_draft",
        "privacy_notice",
        ["state"],
        unique=True,
        postgresql_where=sa.text("state = 'DRAFT'"),
    )


def _make_proof() -> None:
    op.create_table(
        "consent_proof",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("typed_name", sa.String(), nullable=True),
        sa.Column("media_type", sa.String(), nullable=True),
        sa.Column("size_bytes", sa.Integer(), nullable=True),
        sa.Column("sha256", sa.String(), nullable=True),
        sa.Column("object_key", sa.String(), nullable=True),
        sa.Column("sealing_key", sa.LargeBinary(), nullable=True),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("recorded_at", _TIME, nullable=False),
        sa.CheckConstraint("kind IN ('given', 'withdrawn')", name=op.f("ck_consent_proof_kind")),
        sa.CheckConstraint(
            "method IN ('tablet', 'paper', 'phone')", name=op.f("ck_consent_proof_method")
        ),
        sa.CheckConstraint(
            "(object_key IS NULL) = (sealing_key IS NULL)", name=op.f("ck_consent_proof_sealed")
        ),
        sa.CheckConstraint(
            "object_key IS NOT NULL OR typed_name IS NOT NULL",
            name=op.f("ck_consent_proof_something"),
        ),
        _key("consent_proof", "customer_id", "customer", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_proof")),
    )
    op.create_index("ix_consent_proof_customer_id", "consent_proof", ["customer_id"])


def _make_link() -> None:
    op.create_table(
        "consent_link",
        sa.Column("token_sha256", sa.String(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("venue_id", sa.Uuid(), nullable=False),
        sa.Column("asks", sa.String(), nullable=False),
        sa.Column("notice_version", sa.String(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", _TIME, nullable=False),
        sa.Column("expires_at", _TIME, nullable=False),
        sa.Column("used_at", _TIME, nullable=True),
        sa.CheckConstraint("asks IN ('give', 'withdraw')", name=op.f("ck_consent_link_asks")),
        _key("consent_link", "customer_id", "customer", ondelete="CASCADE"),
        _key("consent_link", "venue_id", "venue"),
        sa.PrimaryKeyConstraint("token_sha256", name=op.f("pk_consent_link")),
    )
    for column in ("customer_id", "expires_at"):
        op.create_index(f"ix_consent_link_{column}", "consent_link", [column])


def _make_provision() -> None:
    op.create_table(
        "legal_provision",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("venue_id", sa.Uuid(), nullable=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("wording", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("ends_at", _TIME, nullable=False),
        sa.Column("proposed_by", sa.String(), nullable=False),
        sa.Column("proposed_by_id", sa.Uuid(), nullable=True),
        sa.Column("proposed_at", _TIME, nullable=False),
        sa.Column("approved_by", sa.String(), nullable=True),
        sa.Column("approved_by_id", sa.Uuid(), nullable=True),
        sa.Column("approved_at", _TIME, nullable=True),
        sa.Column("ended_by", sa.String(), nullable=True),
        sa.Column("ended_at", _TIME, nullable=True),
        sa.CheckConstraint(
            "state IN ('PROPOSED', 'APPROVED', 'REFUSED')", name=op.f("ck_legal_provision_state")
        ),
        sa.CheckConstraint(
            "state <> 'APPROVED' OR approved_at IS NOT NULL",
            name=op.f("ck_legal_provision_approved"),
        ),
        _key("legal_provision", "venue_id", "venue"),
        _key("legal_provision", "proposed_by_id", "account"),
        _key("legal_provision", "approved_by_id", "account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_provision")),
    )
    op.create_index("ix_legal_provision_state_ends_at", "legal_provision", ["state", "ends_at"])


def _key(
    table: str, column: str, owner: str, *, ondelete: str | None = None
) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{owner}.id"], name=op.f(f"fk_{table}_{column}"), ondelete=ondelete
    )


def _allow(purposes: str) -> None:
    op.drop_constraint("ck_consent_purpose", "consent")
    op.create_check_constraint(op.f("ck_consent_purpose"), "consent", f"purpose IN ({purposes})")
