"""Profiles of customers, search that forgives, and where a visit comes from

Works with the previous release: it writes customers without these fields, which search finds by
their name all the same, and visits that are taken for confirmed faces. ``pg_trgm`` is a trusted
extension: whoever owns the database may create it.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_STATES = "'ACTIVE', 'ERASING'"
_SEARCH_TEXT = (
    "(((((((' ' || folded_name) || ' ') || lower(coalesce(reference, ''))) || ' ')"
    " || coalesce(email, '')) || ' ') || coalesce(phone, ''))"
)
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    for name in ("phone", "phone_key", "email", "language"):
        op.add_column("customer", sa.Column(name, sa.String(), nullable=True))
    op.add_column("customer", sa.Column("birth_date", sa.Date(), nullable=True))
    op.add_column(
        "customer",
        sa.Column("tags", JSONB(), server_default=sa.text("'[]'"), nullable=False),
    )
    op.add_column("customer", sa.Column("merged_into_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_customer_merged_into_id"),
        "customer",
        "customer",
        ["merged_into_id"],
        ["id"],
        ondelete="CASCADE",
    )
    _allow(f"{_STATES}, 'MERGED'")
    op.add_column(
        "venue",
        sa.Column("minimum_age", sa.Integer(), server_default=sa.text("18"), nullable=False),
    )
    op.add_column("venue", sa.Column("capacity", sa.Integer(), nullable=True))
    op.add_column("visit", sa.Column("left_at", _TIME, nullable=True))
    op.add_column("visit", sa.Column("recorded_by", sa.String(), nullable=True))
    op.add_column(
        "visit",
        sa.Column("source", sa.String(), server_default=sa.text("'face'"), nullable=False),
    )
    _create_suggestions()
    _create_merges()
    _create_head_counts()
    with op.get_context().autocommit_block():
        for name, table, columns, options in _INDEXES:
            op.create_index(name, table, columns, postgresql_concurrently=True, **options)


def _create_suggestions() -> None:
    op.create_table(
        "duplicate_suggestion",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("other_customer_id", sa.Uuid(), nullable=False),
        sa.Column("reasons", JSONB(), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("made_at", _TIME, nullable=False),
        *_of_customers("duplicate_suggestion", "customer_id", "other_customer_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duplicate_suggestion")),
        sa.UniqueConstraint(
            "customer_id",
            "other_customer_id",
            name=op.f("uq_duplicate_suggestion_customer_id_other_customer_id"),
        ),
    )
    for columns in (["other_customer_id"], ["weight", "id"]):
        name = f"ix_duplicate_suggestion_{'_'.join(columns)}"
        op.create_index(name, "duplicate_suggestion", columns)


def _create_merges() -> None:
    op.create_table(
        "customer_merge",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kept_id", sa.Uuid(), nullable=False),
        sa.Column("merged_id", sa.Uuid(), nullable=False),
        sa.Column("snapshot", JSONB(), nullable=False),
        sa.Column("merged_by", sa.String(), nullable=False),
        sa.Column("merged_at", _TIME, nullable=False),
        sa.Column("undone_by", sa.String(), nullable=True),
        sa.Column("undone_at", _TIME, nullable=True),
        *_of_customers("customer_merge", "kept_id", "merged_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_merge")),
    )
    for column in ("kept_id", "merged_id"):
        op.create_index(f"ix_customer_merge_{column}", "customer_merge", [column])


def _create_head_counts() -> None:
    op.create_table(
        "head_count",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("venue_id", sa.Uuid(), nullable=False),
        sa.Column("night", sa.Date(), nullable=False),
        sa.Column("change", sa.Integer(), nullable=False),
        sa.Column("request_key", sa.String(), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("recorded_at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(["venue_id"], ["venue.id"], name=op.f("fk_head_count_venue_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_head_count")),
        sa.UniqueConstraint(
            "venue_id", "request_key", name=op.f("uq_head_count_venue_id_request_key")
        ),
    )
    op.create_index("ix_head_count_venue_id_night", "head_count", ["venue_id", "night"])


def _of_customers(table: str, *columns: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint(
            [column], ["customer.id"], name=op.f(f"fk_{table}_{column}"), ondelete="CASCADE"
        )
        for column in columns
    ]


_INDEXES: tuple[tuple[str, str, list[Any], dict[str, Any]], ...] = (
    ("ix_customer_merged_into_id", "customer", ["merged_into_id"], {}),
    (
        "ix_customer_search",
        "customer",
        [sa.text(f"{_SEARCH_TEXT} gin_trgm_ops")],
        {"postgresql_using": "gin"},
    ),
    (
        "ix_customer_active",
        "customer",
        ["folded_name", "id"],
        {"postgresql_where": sa.text("status = 'ACTIVE'")},
    ),
    ("ix_customer_email", "customer", ["email"], {}),
    ("ix_customer_phone_key", "customer", ["phone_key"], {}),
    ("ix_customer_birth_date", "customer", ["birth_date"], {}),
    ("ix_customer_tags", "customer", ["tags"], {"postgresql_using": "gin"}),
    ("ix_visit_venue_id_night", "visit", ["venue_id", "night"], {}),
)


def downgrade() -> None:
    op.drop_table("head_count")
    op.drop_table("customer_merge")
    op.drop_table("duplicate_suggestion")
    for name, table, _, _ in reversed(_INDEXES):
        op.drop_index(name, table_name=table)
    for name in ("left_at", "recorded_by", "source"):
        op.drop_column("visit", name)
    op.drop_column("venue", "capacity")
    op.drop_column("venue", "minimum_age")
    op.execute("DELETE FROM customer WHERE status = 'MERGED'")
    _allow(_STATES)
    for name in ("merged_into_id", "tags", "birth_date", "language", "email", "phone_key", "phone"):
        op.drop_column("customer", name)
    op.execute("DROP EXTENSION IF EXISTS pg_trgm")


def _allow(states: str) -> None:
    op.drop_constraint("ck_customer_status", "customer")
    op.create_check_constraint(op.f("ck_customer_status"), "customer", f"status IN ({states})")
