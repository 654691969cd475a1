"""The data folder of the embedded Postgres: where it lies, how it is made, what it was made by."""

import json
import os
import secrets
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import structlog

from vestibule.adapters.local_postgres.account import (
    Account,
    choose_account,
    reaches,
    shared_root,
)
from vestibule.adapters.local_postgres.binaries import Binaries, find_binaries
from vestibule.adapters.local_postgres.process import spawn
from vestibule.domain.errors import StartUpError

OWNER = "postgres"
"""The superuser; only used to make the application's role and database."""

_HOST_ACCESS = """\
# TYPE  DATABASE  USER  ADDRESS       METHOD
host    all       all   127.0.0.1/32  scram-sha-256
"""
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Passwords:
    """One per role; random, kept in a file that only this installation's account can read."""

    owner: str
    application: str


@dataclass(frozen=True, slots=True)
class Cluster:
    """A data folder that is ready to be started, and what starts it.

    ``folder`` is the real one, links resolved.
    """

    folder: Path
    account: Account | None
    binaries: Binaries
    passwords: Passwords


def open_cluster(data_dir: Path) -> Cluster:
    """The cluster of ``data_dir``, made now if there is none.

    Raises StartUpError when it was made by another Postgres version, its passwords are missing,
    or it cannot be made.
    """
    account = choose_account()
    binaries = find_binaries(account)
    link = data_dir / "postgres"
    if link.exists():
        folder = link.resolve()
        _refuse_other_version(folder, binaries)
        passwords = _read_passwords(data_dir)
    else:
        passwords = _write_passwords(data_dir)
        folder = _make(link, account, binaries, passwords)
    return Cluster(folder, account, binaries, passwords)


def application_password(data_dir: Path) -> str:
    """What the application connects with. Raises StartUpError."""
    return _read_passwords(data_dir).application


def explain_failure(output: str, *, doing: str) -> StartUpError:
    """The error for a Postgres program that failed, from what it printed."""
    if "No space left on device" in output or "Disk quota exceeded" in output:
        return StartUpError(
            f"There is no room on the disk: {doing} failed. Free some space and start again.",
            reason="disk_full",
        )
    lines = output.strip().splitlines()
    tail = " ".join(line.strip() for line in lines[-5:]) or "it printed nothing"
    return StartUpError(f"{doing} failed: {tail}", reason="database_failed", output=output)


def _refuse_other_version(folder: Path, binaries: Binaries) -> None:
    try:
        found = (folder / "PG_VERSION").read_text().strip()
    except FileNotFoundError as error:
        raise StartUpError(
            f"{folder} is not a database folder. Move it away to begin with an empty one.",
            reason="not_a_database_folder",
            path=str(folder),
        ) from error
    if found != binaries.major:
        raise StartUpError(
            f"The data was written by Postgres {found}, this Vestibule brings {binaries.major}. "
            "Start it with the version that wrote it, export, and import it here.",
            reason="other_database_version",
            found=found,
            expected=binaries.major,
        )


# ── making one ──────────────────────────────────────────────────────────────────────────────
def _make(link: Path, account: Account | None, binaries: Binaries, passwords: Passwords) -> Path:
    """Make the cluster beside its place and rename it, so that it is never half there."""
    folder = _place(link, account)
    staging = Path(tempfile.mkdtemp(prefix=f"{folder.name}.new.", dir=folder.parent))
    try:
        _initialise(staging, account, binaries, passwords)
        staging.rename(folder)
        if folder != link:
            # Last, so that an interruption leaves an unused folder and not a broken link.
            link.unlink(missing_ok=True)
            link.symlink_to(folder)
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise
    _log.info("postgres.cluster_made", folder=str(folder), version=binaries.version)
    return folder


def _place(link: Path, account: Account | None) -> Path:
    for leftover in link.parent.glob(f"{link.name}.new.*"):
        shutil.rmtree(leftover, ignore_errors=True)
    link = link.parent.resolve() / link.name
    if account is None or reaches(account, link):
        return link
    return shared_root() / f"cluster-{secrets.token_hex(8)}"


def _initialise(
    folder: Path, account: Account | None, binaries: Binaries, passwords: Passwords
) -> None:
    password_file = folder.with_name(f"{folder.name}.password")
    _write_private(password_file, passwords.owner)
    with tempfile.TemporaryFile() as output:
        try:
            if account is not None:
                os.chown(folder, account.uid, account.gid)
                os.chown(password_file, account.uid, account.gid)
            command = _initdb(folder, binaries, password_file)
            status = spawn(command, account=account, output=output).wait()
        finally:
            password_file.unlink()
        if status != 0:
            output.seek(0)
            raise explain_failure(output.read().decode(errors="replace"), doing="initdb")
    (folder / "pg_hba.conf").write_text(_HOST_ACCESS)


def _initdb(folder: Path, binaries: Binaries, password_file: Path) -> list[str]:
    return [
        binaries.path("initdb"),
        f"--pgdata={folder}",
        f"--username={OWNER}",
        f"--pwfile={password_file}",
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--locale=C",
        "--locale-provider=builtin",  # sorts the same on every machine, no system locale needed
        "--builtin-locale=C.UTF-8",
        "--data-checksums",
        "--no-instructions",
    ]


# ── passwords ───────────────────────────────────────────────────────────────────────────────
def _password_file(data_dir: Path) -> Path:
    return data_dir / "postgres.passwords"


def _read_passwords(data_dir: Path) -> Passwords:
    file = _password_file(data_dir)
    try:
        return Passwords(**json.loads(file.read_text()))
    except (OSError, ValueError, TypeError) as error:
        raise StartUpError(
            f"The database's passwords cannot be read from {file}: restore it from a backup.",
            reason="database_password_missing",
            path=str(file),
        ) from error


def _write_passwords(data_dir: Path) -> Passwords:
    passwords = Passwords(owner=secrets.token_urlsafe(24), application=secrets.token_urlsafe(24))
    file = _password_file(data_dir)
    staging = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    _write_private(
        staging, json.dumps({"owner": passwords.owner, "application": passwords.application})
    )
    staging.replace(file)
    return passwords


def _write_private(file: Path, text: str) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(descriptor)
