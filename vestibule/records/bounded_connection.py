"""Connections that wait for Postgres for a while and not for ever.

A machine that lost its power, or a network that swallows packets, tells nobody. Without limits a
request would hang until the kernel gives up, which takes it hours, and whatever rows and locks a
vanished process held would stay held as long.
"""

from typing import Any

import psycopg
from psycopg.abc import RV, PQGen
from psycopg.errors import OperationalError, _WaitTimeout
from sqlalchemy import event
from sqlalchemy.engine import Engine

KEEPALIVE: dict[str, Any] = {
    "keepalives": 1,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 25_000,
}
"""How libpq notices within half a minute that the other side of a quiet connection is gone."""

_SESSION = (
    # No transaction is open while a model runs, a photo is read or an answer is sent.
    "SET idle_in_transaction_session_timeout = '60s'; "
    "SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3; "
    "SET tcp_user_timeout = 25000"
)
"""How Postgres notices that we are gone, and gives free what the connection held."""


class BoundedConnection(psycopg.Connection[Any]):
    """Closed, with OperationalError, when an answer does not come within ``answer_within_s``."""

    answer_within_s: float | None = None

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        """As psycopg's. What has a limit of its own keeps it."""
        if timeout is not None or self.answer_within_s is None:
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(gen, interval, self.answer_within_s)
        except _WaitTimeout as error:
            self.pgconn.finish()
            raise OperationalError("no answer from Postgres in time") from error


def bound_connections(engine: Engine, *, answer_within_s: float) -> None:
    """Make every connection of ``engine`` one that waits no longer for one answer."""

    def connect(
        _dialect: object, _record: object, arguments: Any, named: dict[str, Any]
    ) -> psycopg.Connection[Any]:
        settings: dict[str, Any] = {**KEEPALIVE, **named}
        connection = BoundedConnection.connect(*arguments, **settings)
        connection.answer_within_s = answer_within_s
        connection.autocommit = True  # these settings are of the session
        connection.execute(_SESSION)
        connection.autocommit = False
        return connection

    event.listen(engine, "do_connect", connect)
