"""Which of several schedulers leads: the one that holds an advisory lock in Postgres."""

from sqlalchemy import text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from vestibule.records.database import Database

_LOCK = 0x76736C64


class Leadership:
    """Held by a connection of its own, so it ends with the process or its way to Postgres.

    Not safe to share between threads.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: Connection | None = None

    def is_mine(self) -> bool:
        """Whether this process leads now; it takes the lead when nobody else has it."""
        if self._connection is None:
            return self._take()
        try:
            self._connection.execute(text("SELECT 1"))
        except SQLAlchemyError:
            self.give_up()
            return False
        return True

    def give_up(self) -> None:
        """Let another one lead. Safe to run twice."""
        if self._connection is not None:
            # Closed for good and not returned to the pool, where the lock would live on.
            self._connection.invalidate()
            self._connection.close()
            self._connection = None

    def _take(self) -> bool:
        try:
            connection = self._database.connect()
            # A transaction that stays open for hours would keep Postgres from tidying up.
            connection.execution_options(isolation_level="AUTOCOMMIT")
        except SQLAlchemyError:
            return False
        try:
            has_it = connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": _LOCK})
        except SQLAlchemyError:
            has_it = False
        if not has_it:
            connection.close()
            return False
        self._connection = connection
        return True
