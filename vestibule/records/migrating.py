"""Bringing the schema to this release's state."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from vestibule.records.database import Database

_LOCK = 0x766D6967  # one advisory lock: two processes that start together migrate once


def migrate(database: Database) -> str:
    """Upgrade to the newest revision and return it. Safe to run twice and at the same time."""
    config = _config()
    with database.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _LOCK})
        connection.execute(text("SET lock_timeout = '5s'"))
        connection.commit()
        try:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            connection.commit()
        finally:
            connection.rollback()
            connection.execute(text("SET lock_timeout = DEFAULT"))
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _LOCK})
            connection.commit()
    return head()


def head() -> str:
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def is_current(database: Database) -> bool:
    with database.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() == head()


def is_usable(database: Database) -> bool:
    """Whether this release can work with the schema: it is its own, or a newer one.

    Migrations expand before they contract, so the release before still works with the schema of
    the next one. A revision that this release does not know is a newer one.
    """
    with database.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    if current is None:
        return False
    return current == head() or not knows(current)


def knows(revision: str) -> bool:
    """Whether that revision is one of this release's, the newest or an older one."""
    script = ScriptDirectory.from_config(_config())
    return revision in {known.revision for known in script.walk_revisions()}


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config
