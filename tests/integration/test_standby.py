"""Two addresses of Postgres in one URL: the one that takes writes is used, also after a promotion.

The standby is a copy of the primary that only reads. That it follows the primary is Postgres' own
work and not looked at here.
"""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from tests.servers.postgres import PostgresServer
from tests.stack.stack import free_port
from vestibule.adapters.local_postgres import process
from vestibule.adapters.local_postgres.cluster import OWNER, open_cluster
from vestibule.domain.errors import DatabaseUnavailableError
from vestibule.records.database import Database
from vestibule.records.notifications import JobNotifications
from vestibule.wiring_parts import conninfo


class Standby:
    """Of a cluster that was copied while it was stopped."""

    def __init__(self, folder: Path) -> None:
        self._cluster = open_cluster(folder)
        self.port = free_port()
        (self._cluster.folder / "standby.signal").touch()
        options = {
            "port": str(self.port),
            "listen_addresses": "127.0.0.1",
            "max_connections": "200",
        }
        options |= {"unix_socket_directories": ""}
        parts = [part for key, value in options.items() for part in ("-c", f"{key}={value}")]
        with (folder / "standby.log").open("ab") as log:
            self._process: subprocess.Popen[bytes] = process.spawn(
                [self._cluster.binaries.path("postgres"), "-D", self._cluster.folder, *parts],
                account=self._cluster.account,
                output=log,
            )
        give_up_at = time.monotonic() + 60
        while not self.is_reading():
            assert self._process.poll() is None, (folder / "standby.log").read_text()[-2000:]
            assert time.monotonic() < give_up_at
            time.sleep(0.05)

    def is_reading(self) -> bool:
        try:
            with self._link() as link:
                return link.execute("SELECT pg_is_in_recovery()").fetchone() == (True,)
        except psycopg.OperationalError:
            return False

    def promote(self) -> None:
        with self._link() as link:
            assert link.execute("SELECT pg_promote(true, 30)").fetchone() == (True,)

    def stop(self) -> None:
        process.stop(self._process, patience_s=10)

    def _link(self) -> "psycopg.Connection[tuple[object, ...]]":
        return psycopg.connect(
            host="127.0.0.1",
            port=self.port,
            user=OWNER,
            password=self._cluster.passwords.owner,
            dbname="postgres",
            autocommit=True,
        )


def copy_of(folder: Path, to: Path) -> None:
    """The stopped cluster with its passwords, its files owned as they are."""
    shutil.copytree(folder, to, symlinks=False)
    for path in [to, *to.rglob("*")]:
        there = folder / path.relative_to(to)
        status = there.stat()
        if os.geteuid() == 0:
            os.chown(path, status.st_uid, status.st_gid)


@pytest.fixture
def pair(make_data_dir) -> Iterator[tuple[PostgresServer, Standby]]:
    primary_folder = Path(make_data_dir()) / "primary"
    primary = PostgresServer(primary_folder)
    primary.start()
    primary.stop()
    standby_folder = Path(make_data_dir()) / "standby"
    copy_of(primary_folder, standby_folder)
    primary.start()
    standby = Standby(standby_folder)
    yield primary, standby
    primary.stop()
    standby.stop()


def url_of(primary: PostgresServer, standby: Standby) -> str:
    """The standby first: it answers, and is not taken."""
    scheme_and_login = primary.url.split("@")[0]
    hosts = f"host=127.0.0.1,127.0.0.1&port={standby.port},{primary.port}"
    return f"{scheme_and_login}@/vestibule?{hosts}&target_session_attrs=read-write"


def test_the_product_goes_on_with_the_one_that_is_promoted(
    pair: tuple[PostgresServer, Standby],
) -> None:
    primary, standby = pair
    url = url_of(primary, standby)
    database = Database(url, answer_within_s=10)

    def port() -> int:
        with database.begin() as transaction:
            return int(transaction.scalar(text("SHOW port")))

    try:
        assert port() == primary.port
        with psycopg.connect(conninfo(url)) as link:  # as notifications connect
            assert link.info.port == primary.port
        primary.kill()
        with pytest.raises(DatabaseUnavailableError):
            port()
        with pytest.raises(DatabaseUnavailableError):
            port()  # what only reads is not written to
        standby.promote()
        assert port() == standby.port
        notifications = JobNotifications(conninfo(url))
        notifications.start()
        notifications.stop()
    finally:
        database.close()
