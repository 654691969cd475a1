"""What several processes on one Postgres rely on: one time, one leader, a role with few rights."""

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ProgrammingError

from tests.servers.postgres import PostgresServer
from vestibule.adapters.database_clock import DatabaseClock
from vestibule.domain.errors import DatabaseUnavailableError
from vestibule.records import audit, venues
from vestibule.records.application_role import grant_application_role
from vestibule.records.database import Database
from vestibule.records.leadership import Leadership
from vestibule.records.migrating import is_usable, migrate
from vestibule.records.tables import Venue

ROLE, PASSWORD = "vestibule_service", "it's 100 % : secret"


@pytest.fixture(scope="module")
def owner(server: PostgresServer) -> Iterator[Database]:
    database = Database(server.url)
    migrate(database)
    yield database
    database.close()


# ── time ────────────────────────────────────────────────────────────────────────────────────
class Ticking:
    def __init__(self) -> None:
        self.seconds = 1_000.0

    def __call__(self) -> float:
        return self.seconds


def test_clock_is_the_databases_and_runs_on_by_the_monotonic_one(owner: Database) -> None:
    ticking = Ticking()
    clock = DatabaseClock(owner, monotonic=ticking)
    first = clock.now()
    assert abs(first - datetime.now(UTC)) < timedelta(seconds=5)
    ticking.seconds += 30
    assert clock.now() - first == timedelta(seconds=30)


def test_clock_asks_again_after_a_while_and_so_loses_its_drift(owner: Database) -> None:
    ticking = Ticking()
    clock = DatabaseClock(owner, monotonic=ticking)
    first = clock.now()
    ticking.seconds += 3_600  # a monotonic clock gone mad; the database knows better
    assert clock.now() - first < timedelta(seconds=30)


def test_clock_goes_on_while_the_database_is_away(server: PostgresServer, owner: Database) -> None:
    ticking = Ticking()
    away = Database(make_url(server.url).set(port=9).render_as_string(hide_password=False))
    with pytest.raises(DatabaseUnavailableError):
        DatabaseClock(away, monotonic=ticking).now()
    clock = DatabaseClock(owner, monotonic=ticking)
    first = clock.now()
    clock._database = away
    ticking.seconds += 90
    assert clock.now() - first == timedelta(seconds=90)


# ── who leads ───────────────────────────────────────────────────────────────────────────────
def test_one_of_two_leads_and_the_other_follows_when_it_gives_up(owner: Database) -> None:
    first, second = Leadership(owner), Leadership(owner)
    assert first.is_mine()
    assert not second.is_mine()
    assert first.is_mine()
    first.give_up()
    give_up_at = time.monotonic() + 10
    while not second.is_mine():  # Postgres frees the lock when it sees that the way is closed
        assert time.monotonic() < give_up_at
    assert not first.is_mine()
    second.give_up()


def test_leader_whose_connection_is_cut_does_not_think_that_it_leads(owner: Database) -> None:
    first, second = Leadership(owner), Leadership(owner)
    assert first.is_mine()
    with owner.begin() as transaction:
        transaction.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_locks "
                "WHERE locktype = 'advisory' AND pid <> pg_backend_pid()"
            )
        )
    give_up_at = time.monotonic() + 10
    while first.is_mine():  # the cut takes a moment to arrive, and the lock one to be free
        assert time.monotonic() < give_up_at
    first.give_up()
    while not second.is_mine():
        assert time.monotonic() < give_up_at
    assert not first.is_mine()
    second.give_up()


# ── the role of services ────────────────────────────────────────────────────────────────────
@pytest.fixture
def service(server: PostgresServer, owner: Database) -> Iterator[Database]:
    for _ in range(2):
        grant_application_role(owner, role=ROLE, password=PASSWORD)
    url = make_url(server.url).set(username=ROLE, password=PASSWORD)
    database = Database(url.render_as_string(hide_password=False))
    yield database
    database.close()


def test_service_may_work_with_rows(service: Database) -> None:
    with service.begin() as transaction:
        venues.ensure_home(
            transaction, name="V", timezone="UTC", closes_at_hour=6, now=datetime.now(UTC)
        )
        audit.append(transaction, at=datetime.now(UTC), actor="test", action="test", subject="test")
        assert audit.verify(transaction).broken_at is None


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET actor = 'nobody'",
        "DELETE FROM audit_entry",
        "TRUNCATE audit_entry",
        "UPDATE alembic_version SET version_num = 'x'",
        "CREATE TABLE mine (id int)",
        "DROP TABLE visit",
        "ALTER TABLE customer ADD COLUMN mine int",
        "CREATE ROLE mine",
    ],
)
def test_service_may_not_change_the_audit_or_the_schema(service: Database, statement: str) -> None:
    refused = pytest.raises(ProgrammingError, match=r"permission denied|must be owner")
    with refused, service.begin() as transaction:
        transaction.execute(text(statement))


# ── starting at once, and newer schemas ─────────────────────────────────────────────────────
def test_processes_that_start_at_once_make_one_venue(owner: Database) -> None:
    with owner.begin() as transaction:
        transaction.execute(text("DELETE FROM venue"))
    together = threading.Barrier(6)

    def start() -> None:
        together.wait()
        with owner.begin() as transaction:
            venues.ensure_home(
                transaction, name="V", timezone="UTC", closes_at_hour=6, now=datetime.now(UTC)
            )

    threads = [threading.Thread(target=start) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with owner.begin() as transaction:
        assert transaction.query(Venue).count() == 1


def test_schema_of_this_release_or_a_newer_one_can_be_used(owner: Database) -> None:
    assert is_usable(owner)
    set_revision = "UPDATE alembic_version SET version_num = '{}'"
    with owner.begin() as transaction:
        current = transaction.scalar(text("SELECT version_num FROM alembic_version"))
        transaction.execute(text(set_revision.format("from_the_next_release")))
    assert is_usable(owner)
    with owner.begin() as transaction:
        transaction.execute(text(set_revision.format("0001")))
    assert not is_usable(owner)
    with owner.begin() as transaction:
        transaction.execute(text(set_revision.format(current)))
