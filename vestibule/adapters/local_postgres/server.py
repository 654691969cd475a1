"""Start the embedded Postgres, watch it, bring it back when it dies, stop it."""

import fcntl
import itertools
import os
import secrets
import shutil
import socket
import subprocess
import threading
import time
from pathlib import Path
from typing import IO

import psycopg
import structlog
from psycopg import sql

from vestibule.adapters.local_postgres import process
from vestibule.adapters.local_postgres.cluster import (
    OWNER,
    Cluster,
    explain_failure,
    open_cluster,
)
from vestibule.domain.errors import DataDirInUseError, StartUpError

_ROLE = _DATABASE = "vestibule"
SERVICE_ROLE = "vestibule_service"
_READY_WITHIN_S = 60.0  # recovery after a crash replays at most max_wal_size of log
_PORT_ATTEMPTS = 5
_RESTART_PAUSES_S = (0.0, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0)
_LOG_KEPT_BYTES = 5_000_000
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",  # a socket could be reached by other accounts; scram by TCP
    "max_connections": "60",
    "shared_buffers": "128MB",
    "max_wal_size": "256MB",
    "fsync": "on",
    "jit": "off",  # compiling costs more than the short queries here take
    "timezone": "UTC",
    "log_timezone": "UTC",
    # The log must not hold what customers' rows hold: no statements, no "Key (name)=(…)".
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}
Server = subprocess.Popen[bytes]
_log = structlog.get_logger(__name__)


class LocalPostgres:
    """A Postgres of one's own under ``data_dir``; one process at a time may hold it.

    The server listens on 127.0.0.1 at a port chosen by ``start`` and kept until ``stop``; it is
    brought back on the same port when it dies, and it dies with this process, however that ends.
    """

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._cluster: Cluster | None = None
        # Known to this process alone: another one for each start, and in no file.
        self._service_password = secrets.token_urlsafe(32)
        self._lock_file: int | None = None
        self._port = 0
        self._server: Server | None = None
        self._supervisor: threading.Thread | None = None
        self._first_start_over = threading.Event()
        self._failure: StartUpError | None = None
        self._ready = threading.Event()
        self._stopping = threading.Event()

    @property
    def url(self) -> str:
        """The SQLAlchemy URL of the tables' owner, password included, from ``start`` to ``stop``.

        For migrations and backups; the product itself works as ``service_url`` lets it.
        """
        if self._cluster is None:
            raise StartUpError("The database was not started.", reason="database_not_started")
        return self._url_of(_ROLE, self._cluster.passwords.application)

    @property
    def service_url(self) -> str:
        """The same for ``SERVICE_ROLE``, which owns nothing and was given no right by us."""
        return self._url_of(SERVICE_ROLE, self._service_password)

    @property
    def is_running(self) -> bool:
        """Whether the server takes connections now; False while it is being brought back."""
        return self._ready.is_set()

    def start(self) -> None:
        """Return when connections are taken. Makes the database the first time.

        Raises DataDirInUseError when another process holds this data folder, and StartUpError
        (fact: ``reason``) when the server cannot be started.
        """
        self._hold_data_dir()
        try:
            self._cluster = open_cluster(self._data_dir)
            self._launch(self._cluster)
            self._make_database(self._cluster)
        except BaseException:
            self.stop()
            raise
        _log.info("postgres.started", port=self._port, version=self._cluster.binaries.version)

    def stop(self) -> None:
        """Stop the server and wait until it is gone. Safe to run twice."""
        self._stopping.set()
        # In a loop, because the supervisor may be about to bring back another server.
        while self._supervisor is not None and self._supervisor.is_alive():
            if self._server is not None:
                process.stop(self._server, patience_s=10.0)
            self._supervisor.join(0.05)
        if self._server is not None and self._cluster is not None:
            # After a postmaster that was killed, its backends may still be on their way out.
            process.stop_remains(self._cluster.folder, patience_s=10.0)
            _log.info("postgres.stopped")
        self._ready.clear()
        self._server = self._supervisor = self._cluster = None
        self._release_data_dir()

    def erase(self) -> None:
        """Remove the stopped server's data, also where it lies outside the data folder.

        Deleting the data folder alone would leave what root had to put elsewhere. Safe to run
        twice. Raises DataDirInUseError while a server runs.
        """
        self._hold_data_dir()
        try:
            link = self._data_dir / "postgres"
            folder = link.resolve()
            process.stop_remains(folder, patience_s=10.0)
            if folder.exists():
                shutil.rmtree(folder)
            link.unlink(missing_ok=True)
        finally:
            self._release_data_dir()

    # ── one owner at a time ─────────────────────────────────────────────────────────────────
    def _hold_data_dir(self) -> None:
        self._data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self._data_dir / "postgres.lock", os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(descriptor)
            raise DataDirInUseError(
                f"Another Vestibule runs on {self._data_dir}.", path=str(self._data_dir)
            ) from error
        self._lock_file = descriptor

    def _release_data_dir(self) -> None:
        if self._lock_file is not None:
            os.close(self._lock_file)
            self._lock_file = None

    # ── the server ──────────────────────────────────────────────────────────────────────────
    def _launch(self, cluster: Cluster) -> None:
        self._stopping.clear()
        self._first_start_over.clear()
        self._failure = None
        # A thread of its own because the server dies with the thread that spawned it.
        self._supervisor = threading.Thread(
            target=self._supervise, args=(cluster,), name="postgres-supervisor", daemon=True
        )
        self._supervisor.start()
        self._first_start_over.wait()
        if self._failure is not None:
            raise self._failure

    def _supervise(self, cluster: Cluster) -> None:
        try:
            server = self._start_on_some_port(cluster)
        except StartUpError as error:
            self._failure = error
            return
        finally:
            self._first_start_over.set()
        while True:
            status = server.wait()
            self._ready.clear()
            if self._stopping.is_set():
                return
            _log.error("postgres.died", status=status)
            revived = self._bring_back(cluster)
            if revived is None:
                return
            server = revived

    def _start_on_some_port(self, cluster: Cluster) -> Server:
        attempt = 0
        while True:
            attempt += 1
            self._port = _free_port()
            try:
                return self._start_once(cluster)
            except StartUpError as error:
                taken = "could not bind" in str(error.facts.get("output", ""))
                if not taken or attempt == _PORT_ATTEMPTS:
                    raise

    def _bring_back(self, cluster: Cluster) -> Server | None:
        """A new server on the old port, however long it takes, or None when told to stop."""
        died_at = time.monotonic()
        for attempt in itertools.count():
            pause_s = _RESTART_PAUSES_S[min(attempt, len(_RESTART_PAUSES_S) - 1)]
            if self._stopping.wait(pause_s):
                return None
            try:
                server = self._start_once(cluster)
            except StartUpError as error:
                _log.error("postgres.restart_failed", attempt=attempt, error=str(error))
            else:
                _log.warning("postgres.restarted", after_s=round(time.monotonic() - died_at, 3))
                return server
        return None

    def _start_once(self, cluster: Cluster) -> Server:
        """Spawn a postmaster and wait until it is ready. Raises StartUpError with its output."""
        if not process.stop_remains(cluster.folder, patience_s=10.0):
            raise StartUpError(
                f"An older database process still works in {cluster.folder} and does not stop.",
                reason="database_remains",
            )
        log_path = self._data_dir / "postgres.log"
        with _opened_log(log_path) as log:
            began = log.tell()
            server = process.spawn(self._command(cluster), account=cluster.account, output=log)
        self._server = server
        deadline = time.monotonic() + _READY_WITHIN_S
        while not process.is_ready(cluster.folder, server.pid):
            if server.poll() is not None or time.monotonic() > deadline:
                process.stop(server, patience_s=0.0)
                output = log_path.read_bytes()[began:].decode(errors="replace")
                raise explain_failure(output, doing="Starting the database")
            time.sleep(0.005)
        self._ready.set()
        return server

    def _command(self, cluster: Cluster) -> list[str]:
        settings = {**_SETTINGS, "port": str(self._port)}
        options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        return [cluster.binaries.path("postgres"), "-D", str(cluster.folder), *options]

    def _url_of(self, role: str, password: str) -> str:
        return f"postgresql+psycopg://{role}:{password}@127.0.0.1:{self._port}/{_DATABASE}"

    # ── the application's role and database ─────────────────────────────────────────────────
    def _make_database(self, cluster: Cluster) -> None:
        """Make what the application connects to. Safe to run twice, also after a half run."""
        try:
            with psycopg.connect(
                host="127.0.0.1",
                port=self._port,
                user=OWNER,
                password=cluster.passwords.owner,
                dbname="postgres",
                autocommit=True,
                connect_timeout=10,
            ) as connection:
                _make_role_and_database(connection, password=cluster.passwords.application)
                _make_service_role(connection, password=self._service_password)
        except psycopg.Error as error:
            raise StartUpError(
                f"The database does not let Vestibule in: {error}", reason="database_refused"
            ) from error


def _make_role_and_database(
    connection: "psycopg.Connection[tuple[object, ...]]", *, password: str
) -> None:
    role, database = sql.Identifier(_ROLE), sql.Identifier(_DATABASE)
    if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [_ROLE]).fetchone():
        # No superuser: a statement smuggled into a query cannot leave the database.
        connection.execute(
            sql.SQL("CREATE ROLE {} LOGIN CREATEDB PASSWORD {}").format(role, password)
        )
    found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [_DATABASE])
    if not found.fetchone():
        connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(database, role))


def _make_service_role(
    connection: "psycopg.Connection[tuple[object, ...]]", *, password: str
) -> None:
    role = sql.Identifier(SERVICE_ROLE)
    found = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [SERVICE_ROLE])
    verb = sql.SQL("ALTER" if found.fetchone() else "CREATE")
    connection.execute(
        sql.SQL("{} ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD {}").format(
            verb, role, password
        )
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _opened_log(path: Path) -> IO[bytes]:
    if path.exists() and path.stat().st_size > _LOG_KEPT_BYTES:
        path.replace(path.with_suffix(".log.1"))
    log = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab")
    log.seek(0, os.SEEK_END)
    return log
