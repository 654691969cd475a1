"""Backups go when their time is up, but for the newest complete one."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from vestibule.domain.backup_manifest import MANIFEST
from vestibule.domain.errors import BackupError
from vestibule.ports_backup import BackupPlace

_FORMAT = "vestibule-%Y%m%dt%H%M%Sz"


def name_of(moment: datetime) -> str:
    """What a backup that began at this moment (UTC) is called."""
    return f"{moment:{_FORMAT}}"


def made_at(name: str) -> datetime | None:
    """None for what is no backup of ours: nobody touches that."""
    try:
        return datetime.strptime(name, _FORMAT).replace(tzinfo=UTC)
    except ValueError:
        return None


def prune_backups(
    names: Iterable[str], place_of: Callable[[str], BackupPlace], *, made_before: datetime
) -> list[str]:
    """Remove what was made before that moment, also what was never finished; which these were.

    The newest complete one stays whatever its age: an installation without any backup is worse. The
    manifest goes first, so that one that is cut short is no complete backup. Safe to run twice.
    """
    dated = sorted((made, name) for name in names if (made := made_at(name)) is not None)
    places = {name: place_of(name) for _, name in dated}
    complete = [name for _, name in dated if MANIFEST in places[name].names()]
    due = [name for made, name in dated if made < made_before and name not in complete[-1:]]
    for name in due:
        _remove(places[name], name)
    return due


def _remove(place: BackupPlace, name: str) -> None:
    files = place.names()
    for file in sorted(files, key=lambda one: one != MANIFEST):
        place.remove(file)
    if place.names():
        raise BackupError(f"Something of {name} is still there.")
