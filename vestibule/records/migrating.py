"""Bringing the schema to this release's state."""

import time
from pathlib import Path

import structlog
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from psycopg.errors import DeadlockDetected, LockNotAvailable
from sqlalchemy import text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import OperationalError

from vestibule.domain.errors import StartUpError
from vestibule.records.database import Database

_LOCK = 0x766D6967  # one advisory lock: two processes that start together migrate once
LOCK_PATIENCE_S = 2
"""How long a migration waits for a table: whoever asks for it meanwhile waits too."""
TRIES = 30
PAUSE_S = 1.0
log = structlog.get_logger(__name__)


def migrate(database: Database) -> str:
    """Upgrade to the newest revision and return it. Safe to run twice and at the same time.

    The product may run meanwhile. A table that is in use is asked for again and again, for a short
    while each time, and so it is after a deadlock with the product. Raises StartUpError when it
    never gets free; the steps before that stay done.
    """
    config = _config()
    with database.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _LOCK})
        connection.execute(text(f"SET lock_timeout = '{LOCK_PATIENCE_S}s'"))
        connection.commit()
        try:
            config.attributes["connection"] = connection
            _upgrade(config, connection)
        finally:
            connection.rollback()
            connection.execute(text("SET lock_timeout = DEFAULT"))
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _LOCK})
            connection.commit()
    return head()


def _upgrade(config: Config, connection: Connection) -> None:
    for left in reversed(range(TRIES)):
        try:
            command.upgrade(config, "head")
            connection.commit()
            return
        except OperationalError as error:
            if not isinstance(error.orig, LockNotAvailable | DeadlockDetected):
                raise
            connection.rollback()
            if not left:
                raise StartUpError(
                    "The schema was not brought up to date: something holds a table for long. "
                    "Nothing is lost; run it again when that has ended.",
                    reason="table_in_use",
                ) from error
        log.info("migrate.table_in_use", tries_left=left)
        time.sleep(PAUSE_S)


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
