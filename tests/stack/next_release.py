"""The schema of a release to come: this one's, and one migration that expands it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config

from vestibule.records import migrating
from vestibule.records.database import Database

REVISION = "next"
_MIGRATION = """
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "{revision}", "{head}", None, None


def upgrade():
    op.create_table("shelf", sa.Column("id", sa.Uuid(), primary_key=True))
    for table in ("job", "photo", "face", "audit_entry"):
        op.add_column(table, sa.Column("shelf", sa.Integer(), server_default="0", nullable=False))
    with op.get_context().autocommit_block():
        op.create_index("ix_job_shelf", "job", ["shelf"], postgresql_concurrently=True)


def downgrade():
    for table in ("job", "photo", "face", "audit_entry"):
        op.drop_column(table, "shelf")
    op.drop_table("shelf")
"""


@contextmanager
def next_release(folder: Path) -> Iterator[None]:
    """Within it ``migrating`` is that release's."""
    folder.mkdir(exist_ok=True)
    migration = _MIGRATION.format(revision=REVISION, head=migrating.head())
    (folder / "next.py").write_text(migration)
    known = migrating._config

    def with_one_more() -> Config:
        config = known()
        versions = f"{config.get_main_option('script_location')}/versions"
        config.set_main_option("path_separator", "newline")
        config.set_main_option("version_locations", f"{versions}\n{folder}")
        return config

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(migrating, "_config", with_one_more)
        yield


def back_to_this_release(database: Database) -> None:
    """Within ``next_release``: take its migration back."""
    config = migrating._config()
    with database.connect() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "-1")
        connection.commit()
