"""What it takes to run Postgres as an account that cannot reach everything root can."""

import os
import stat
import subprocess
from pathlib import Path

import pytest

from vestibule.adapters.local_postgres import account, binaries
from vestibule.adapters.local_postgres.account import Account
from vestibule.adapters.local_postgres.cluster import explain_failure

STRANGER = Account("stranger", 64_999, 64_999)
MYSELF = Account("myself", os.getuid(), os.getgid())


def test_folder_closed_to_others_is_reached_by_its_owner_only(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    assert account.reaches(MYSELF, closed / "postgres")
    assert not account.reaches(STRANGER, closed / "postgres")


def test_group_bits_count_for_the_group(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    file.chmod(0o640)
    colleague = Account("colleague", 64_999, file.stat().st_gid)
    assert account._allowed(colleague, file, stat.S_IRUSR)
    assert not account._allowed(STRANGER, file, stat.S_IRUSR)


def test_programs_that_the_account_cannot_read_are_copied_once_and_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(account, "SHARED_ROOT", tmp_path / "shared")
    monkeypatch.setattr(binaries, "reads", lambda *_: False)
    first = binaries.find_binaries(STRANGER)
    again = binaries.find_binaries(STRANGER)
    assert first == again
    assert first.folder.is_relative_to(tmp_path)
    shown = subprocess.run([first.path("initdb"), "--version"], capture_output=True, check=True)
    assert first.major in shown.stdout.decode()
    assert [path.name for path in (tmp_path / "shared").iterdir()] == [
        f"postgresql-{first.version}"
    ]


def test_full_disk_in_the_output_becomes_its_own_reason() -> None:
    error = explain_failure("initdb: error: No space left on device", doing="initdb")
    assert error.facts["reason"] == "disk_full"


def test_other_failures_carry_the_last_lines_of_the_output() -> None:
    error = explain_failure("one\ntwo\nFATAL: three", doing="Starting the database")
    assert "FATAL: three" in str(error)
