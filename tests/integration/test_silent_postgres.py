"""A Postgres that goes silent, or whose client does, keeps nobody waiting for ever."""

import threading
import time
from collections.abc import Iterator

import pytest
from sqlalchemy import text

from tests.servers.postgres import PostgresServer
from tests.servers.slow_link import SlowLink
from vestibule.domain.errors import DatabaseUnavailableError
from vestibule.records.database import Database

ANSWER_WITHIN_S = 1.5


@pytest.fixture
def link(server: PostgresServer) -> Iterator[SlowLink]:
    with SlowLink(server.port) as link:
        yield link


@pytest.fixture
def database(server: PostgresServer, link: SlowLink) -> Iterator[Database]:
    url = server.url.replace(f":{server.port}/", f":{link.port}/")
    database = Database(url, answer_within_s=ANSWER_WITHIN_S)
    assert database.is_ready()
    yield database
    link.heal()
    database.close()


def ask(database: Database, query: str = "SELECT 1") -> int:
    with database.begin() as transaction:
        return int(transaction.scalar(text(query)))


def test_silence_in_a_kept_connection_ends_as_unavailable(database: Database, link: SlowLink):
    link.stall()
    began = time.monotonic()
    with pytest.raises(DatabaseUnavailableError):
        ask(database)
    assert ANSWER_WITHIN_S <= time.monotonic() - began < 3 * ANSWER_WITHIN_S


def test_after_the_silence_new_connections_work(database: Database, link: SlowLink):
    link.stall()
    with pytest.raises(DatabaseUnavailableError):
        ask(database)
    link.heal()
    assert ask(database, "SELECT 7") == 7


def test_many_who_wait_are_all_answered_in_time(database: Database, link: SlowLink):
    link.stall()
    took: list[float] = []

    def wait() -> None:
        began = time.monotonic()
        with pytest.raises(DatabaseUnavailableError):
            ask(database)
        took.append(time.monotonic() - began)

    waiting = [threading.Thread(target=wait) for _ in range(12)]
    for one in waiting:
        one.start()
    for one in waiting:
        one.join(30)
    assert len(took) == 12
    assert max(took) < 15


def test_slow_answer_within_the_limit_is_taken(database: Database, link: SlowLink):
    link.slow(0.2)
    assert ask(database, "SELECT 5") == 5


def test_postgres_gives_up_a_vanished_client_within_a_minute(database: Database):
    with database.begin() as transaction:
        told = {
            name: transaction.scalar(text(f"SHOW {name}"))
            for name in ("idle_in_transaction_session_timeout", "tcp_user_timeout")
        }
    assert told == {"idle_in_transaction_session_timeout": "1min", "tcp_user_timeout": "25000"}


def test_without_a_limit_a_long_query_is_waited_for(server: PostgresServer):
    database = Database(server.url)
    try:
        assert ask(database, "SELECT 3 FROM pg_sleep(2)") == 3
    finally:
        database.close()
