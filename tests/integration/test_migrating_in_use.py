"""A schema is brought up to date while the product uses it: short waits, and another try."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.servers.postgres import PostgresServer
from tests.stack.next_release import REVISION, next_release
from vestibule.domain.errors import StartUpError
from vestibule.records import migrating
from vestibule.records.database import Database


@pytest.fixture
def database(server: PostgresServer) -> Iterator[Database]:
    """At this release's revision."""
    database = Database(server.url)
    with database.begin() as transaction:
        transaction.execute(text("DROP SCHEMA public CASCADE; CREATE SCHEMA public"))
    migrating.migrate(database)
    yield database
    database.close()


@pytest.fixture
def the_next_release(database: Database, tmp_path: Path) -> Iterator[None]:
    assert migrating.is_current(database)
    with next_release(tmp_path):
        yield


def holding(database: Database, table: str, *, for_s: float) -> threading.Thread:
    """Somebody reads the table in a transaction of that length; returns when it has begun."""
    begun = threading.Event()

    def hold() -> None:
        with database.begin() as transaction:
            transaction.execute(text(f"SELECT 1 FROM {table}"))
            begun.set()
            time.sleep(for_s)

    thread = threading.Thread(target=hold)
    thread.start()
    assert begun.wait(10)
    return thread


@pytest.mark.usefixtures("the_next_release")
def test_table_in_use_is_asked_for_again_until_it_is_free(database: Database) -> None:
    reader = holding(database, "job", for_s=4)
    began = time.monotonic()
    assert migrating.migrate(database) == REVISION
    assert 3 < time.monotonic() - began < 15
    reader.join()
    assert migrating.is_current(database)


@pytest.mark.usefixtures("the_next_release")
def test_migration_gives_way_where_it_and_the_product_wait_for_each_other(
    database: Database,
) -> None:
    """It holds ``job`` and wants ``face``; the product holds ``face`` and wants ``job``."""
    begun, read = threading.Event(), threading.Event()

    def look() -> None:
        with database.begin() as transaction:
            transaction.execute(text("SET LOCAL deadlock_timeout = '60s'"))  # the other finds it
            transaction.execute(text("SELECT 1 FROM face"))
            begun.set()
            while not transaction.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")):
                time.sleep(0.01)
            transaction.execute(text("SELECT 1 FROM job"))
            read.set()

    product = threading.Thread(target=look)
    product.start()
    assert begun.wait(10)
    assert migrating.migrate(database) == REVISION
    product.join()
    assert read.is_set()


@pytest.mark.usefixtures("the_next_release")
def test_whoever_comes_meanwhile_waits_no_longer_than_one_try(database: Database) -> None:
    reader = holding(database, "job", for_s=6)
    upgrading = threading.Thread(target=migrating.migrate, args=[database])
    upgrading.start()
    took = []
    while reader.is_alive():
        began = time.monotonic()
        with database.begin() as transaction:
            transaction.execute(text("SELECT count(*) FROM job"))
        took.append(time.monotonic() - began)
        time.sleep(0.1)
    upgrading.join()
    assert max(took) < migrating.LOCK_PATIENCE_S + 1.5
    assert migrating.is_current(database)


@pytest.mark.usefixtures("the_next_release")
def test_table_that_never_gets_free_is_said_and_nothing_is_changed(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrating, "TRIES", 1)
    reader = holding(database, "job", for_s=4)
    with pytest.raises(StartUpError) as told:
        migrating.migrate(database)
    assert told.value.facts["reason"] == "table_in_use"
    reader.join()
    assert not migrating.is_current(database)
    assert migrating.migrate(database) == REVISION


def test_this_release_works_with_the_schema_of_the_next(database: Database, tmp_path: Path) -> None:
    with next_release(tmp_path):
        migrating.migrate(database)
    assert not migrating.is_current(database)
    assert migrating.is_usable(database)
