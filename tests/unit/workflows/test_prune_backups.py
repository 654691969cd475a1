"""Old backups go, never the last one that can be restored, and never what is not ours."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vestibule.adapters.backup_folder import FolderBackupPlace
from vestibule.domain.backup_manifest import DATABASE, MANIFEST
from vestibule.workflows.prune_backups import made_at, name_of, prune_backups

NOW = datetime(2026, 11, 21, 23, tzinfo=UTC)


class Backups:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def add(self, *, days_ago: float, files: tuple[str, ...] = (DATABASE, MANIFEST)) -> str:
        name = name_of(NOW - timedelta(days=days_ago))
        for file in files:
            with self.place(name).writing(file) as into:
                into.write(b"x")
        return name

    def place(self, name: str) -> FolderBackupPlace:
        return FolderBackupPlace(self.folder / name)

    def there(self) -> list[str]:
        return sorted(found.name for found in self.folder.iterdir())

    def prune(self, days: float = 30) -> list[str]:
        return prune_backups(self.there(), self.place, made_before=NOW - timedelta(days=days))


@pytest.fixture
def backups(tmp_path) -> Backups:
    return Backups(tmp_path)


def test_older_ones_go_also_unfinished_ones_and_the_rest_stays(backups):
    old, unfinished = backups.add(days_ago=40), backups.add(days_ago=31, files=(DATABASE,))
    young, running = backups.add(days_ago=29), backups.add(days_ago=0, files=(DATABASE,))
    (backups.folder / "keyring").mkdir()
    assert backups.prune() == [old, unfinished]
    assert backups.there() == sorted(["keyring", young, running])
    assert backups.prune() == []


def test_newest_complete_one_stays_whatever_its_age(backups):
    backups.add(days_ago=400)
    last = backups.add(days_ago=300)
    backups.add(days_ago=200, files=(DATABASE,))
    backups.prune()
    assert backups.there() == [last]


def test_one_that_was_cut_short_is_no_complete_backup_and_goes_next(backups, monkeypatch):
    backups.add(days_ago=1)
    old = backups.add(days_ago=40)
    whole = FolderBackupPlace.remove

    def remove_one(place, name):
        whole(place, name)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(FolderBackupPlace, "remove", remove_one)
        with pytest.raises(KeyboardInterrupt):
            backups.prune()
    assert backups.place(old).names() == [DATABASE]
    assert backups.prune() == [old]


@given(st.datetimes(datetime(2000, 1, 1), datetime(2099, 1, 1)))
def test_name_tells_the_moment_to_the_second(moment):
    moment = moment.replace(microsecond=0, tzinfo=UTC)
    assert made_at(name_of(moment)) == moment


@pytest.mark.parametrize("name", ["keys", "vestibule-", "vestibule-20261125t052300", "..", ""])
def test_what_is_no_backup_has_no_moment(name):
    assert made_at(name) is None
