"""The connection to Postgres and the only place where a transaction begins and ends."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import create_engine, event, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DataError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session, sessionmaker

import vestibule.records.all_tables  # noqa: F401 - foreign keys name tables of other modules
from vestibule.domain.errors import DatabaseUnavailableError, InvalidInputError
from vestibule.records.bounded_connection import bound_connections
from vestibule.records.database_observing import observe_statements

APPLICATION_NAME, BEFORE_SEALED_FACES = "vestibule-2", "vestibule"
"""How Postgres sees us; and how it sees a release that cannot read sealed faces (docs/adr/0032)."""
Transaction = Session
"""What query functions take: an open transaction that its opener commits."""


class Database:
    """Pooled access to one Postgres. Safe to use from several threads."""

    def __init__(
        self, url: str, *, pool_size: int = 10, answer_within_s: float | None = None
    ) -> None:
        """``answer_within_s``: longer than that nobody waits for one answer of Postgres."""
        self._engine = create_engine(
            url,
            pool_size=pool_size,
            max_overflow=10,
            # No ping before use: a connection that Postgres lost is found by its first query, which
            # fails as unavailable and empties the pool; jobs and pages try again by themselves.
            pool_timeout=10,
            connect_args={"connect_timeout": 5, "application_name": APPLICATION_NAME},
        )
        if answer_within_s is not None:
            bound_connections(self._engine, answer_within_s=answer_within_s)
        event.listen(self._engine, "connect", _settle_session)
        observe_statements(self._engine)
        self._sessions = sessionmaker(self._engine, expire_on_commit=False)
        reading = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        self._readers = sessionmaker(reading, expire_on_commit=False, autoflush=False)

    @contextmanager
    def begin(self, *, durable: bool = True) -> Iterator[Transaction]:
        """Open a transaction, commit it at the end, roll it back on any error.

        ``durable=False`` lets Postgres answer before the commit is on disk: for progress marks,
        whose loss costs nothing. Raises DatabaseUnavailableError when Postgres does not answer,
        and InvalidInputError for a value that no column can hold.
        """
        with _told_in_our_words(), self._sessions.begin() as transaction:
            if not durable:
                transaction.execute(text("SET LOCAL synchronous_commit = off"))
            yield transaction

    @contextmanager
    def look(self) -> Iterator[Transaction]:
        """Read without a transaction: each query sees what is committed when it runs.

        Two round trips cheaper than ``begin``, for reads of one row or where it does not matter
        that the next query sees more. Changes made in it are lost. Raises as ``begin`` does.
        """
        with _told_in_our_words(), self._readers() as reader:
            yield reader

    def connect(self) -> Connection:
        """A raw connection, for migrations and LISTEN only."""
        return self._engine.connect()

    def is_ready(self) -> bool:
        try:
            with self.begin() as transaction:
                transaction.execute(text("SELECT 1"))
        except DatabaseUnavailableError:
            return False
        return True

    def close(self) -> None:
        self._engine.dispose()


@contextmanager
def _told_in_our_words() -> Iterator[None]:
    try:
        yield
    except (OperationalError, InterfaceError, PoolTimeoutError) as error:
        raise DatabaseUnavailableError() from error
    except (DataError, UnicodeEncodeError) as error:
        raise InvalidInputError(
            "A number is too large, or a text holds a character that cannot be stored."
        ) from error


def _settle_session(connection: object, _record: object) -> None:
    """Times in UTC; and plans for a disk without a moving head, where an index is worth its jumps:
    as shipped, Postgres reads a whole table for fifty of its rows (`make bench-lists`)."""
    cursor = connection.cursor()  # type: ignore[attr-defined]  # a DBAPI connection has no type
    cursor.execute("SET TIME ZONE 'UTC'")
    cursor.execute("SET random_page_cost = 1.1")
    cursor.close()
    connection.commit()  # type: ignore[attr-defined]  # as above
