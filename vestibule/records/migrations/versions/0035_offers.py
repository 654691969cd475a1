"""Offers to guests, and rounds of them to a segment

Works with the previous release, which knows none.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)
_KINDS = "kind IN ('drink', 'entry', 'reduction', 'cloakroom', 'table', 'other')"


def upgrade() -> None:
    op.create_table(
        "offer_round",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("venue_id", sa.Uuid(), nullable=True),
        sa.Column("segment", sa.String(), nullable=False),
        *_terms(),
        sa.CheckConstraint(
            "segment IN ('never', 'lapsed', 'new', 'returning', 'regular')",
            name=op.f("ck_offer_round_segment"),
        ),
        sa.CheckConstraint(_KINDS, name=op.f("ck_offer_round_kind")),
        _key("offer_round", "venue_id", "venue"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer_round")),
    )
    op.create_index("ix_offer_round_made_at_id", "offer_round", ["made_at", "id"])
    _make_offer()
    op.create_index("ix_offer_customer_id_made_at_id", "offer", ["customer_id", "made_at", "id"])
    op.create_index(
        "ix_offer_open",
        "offer",
        ["customer_id"],
        postgresql_where=sa.text("redeemed_at IS NULL AND taken_back_at IS NULL"),
    )


def _make_offer() -> None:
    op.create_table(
        "offer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("venue_id", sa.Uuid(), nullable=True),
        sa.Column("round_id", sa.Uuid(), nullable=True),
        *_terms(),
        sa.Column("redeemed_at", _TIME, nullable=True),
        sa.Column("redeemed_by", sa.String(), nullable=True),
        sa.Column("redeemed_venue_id", sa.Uuid(), nullable=True),
        sa.Column("taken_back_at", _TIME, nullable=True),
        sa.Column("taken_back_by", sa.String(), nullable=True),
        sa.CheckConstraint(_KINDS, name=op.f("ck_offer_kind")),
        sa.CheckConstraint("words_en <> '' OR words_fr <> ''", name=op.f("ck_offer_words")),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_offer_time")),
        sa.CheckConstraint(
            "redeemed_at IS NULL OR taken_back_at IS NULL", name=op.f("ck_offer_once")
        ),
        _key("offer", "customer_id", "customer", ondelete="CASCADE"),
        _key("offer", "venue_id", "venue"),
        _key("offer", "round_id", "offer_round"),
        _key("offer", "redeemed_venue_id", "venue"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer")),
        sa.UniqueConstraint("round_id", "customer_id", name=op.f("uq_offer_round_id_customer_id")),
    )


def downgrade() -> None:
    op.drop_table("offer")
    op.drop_table("offer_round")


def _terms() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("words_en", sa.String(), nullable=False),
        sa.Column("words_fr", sa.String(), nullable=False),
        sa.Column("starts_at", _TIME, nullable=False),
        sa.Column("ends_at", _TIME, nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", _TIME, nullable=False),
    )


def _key(
    table: str, column: str, owner: str, *, ondelete: str | None = None
) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{owner}.id"], name=op.f(f"fk_{table}_{column}"), ondelete=ondelete
    )
