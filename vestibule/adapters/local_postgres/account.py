"""The account that Postgres runs as: never root, which Postgres refuses with good reason."""

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path

from vestibule.domain.errors import StartUpError

SHARED_ROOT = Path("/var/lib/vestibule")
"""Where root keeps what the unprivileged account must reach and cannot reach in place."""

_ACCOUNTS = ("postgres", "nobody")


@dataclass(frozen=True, slots=True)
class Account:
    """An unprivileged account of this machine, with its primary group."""

    name: str
    uid: int
    gid: int


def choose_account() -> Account | None:
    """The account to change to, or None when this process is not root and keeps its own."""
    if os.geteuid() != 0:
        return None
    for name in _ACCOUNTS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
    raise StartUpError(
        "Started as root, and there is no unprivileged account (postgres or nobody) to run the "
        "database as. Start Vestibule as an ordinary user.",
        reason="no_unprivileged_account",
    )


def reaches(account: Account, path: Path) -> bool:
    """Whether the account may pass through every existing folder above ``path``.

    Looks at mode bits alone; an access list that forbids more shows as a failed start.
    """
    return all(
        _allowed(account, folder, stat.S_IXUSR)
        for folder in path.resolve().parents
        if folder.exists()
    )


def reads(account: Account, file: Path) -> bool:
    """Whether the account may reach and read ``file``."""
    return reaches(account, file) and _allowed(account, file, stat.S_IRUSR)


def shared_root() -> Path:
    """Make sure of ``SHARED_ROOT``: owned by root, passable but not listable by others."""
    try:
        SHARED_ROOT.mkdir(mode=0o711, parents=True, exist_ok=True)
        SHARED_ROOT.chmod(0o711)
    except OSError as error:
        raise StartUpError(
            f"The folder {SHARED_ROOT} cannot be used: {error.strerror}.",
            reason="shared_root_unusable",
            path=str(SHARED_ROOT),
        ) from error
    return SHARED_ROOT


def _allowed(account: Account, path: Path, user_bit: int) -> bool:
    status = path.stat()
    if status.st_uid == account.uid:
        return bool(status.st_mode & user_bit)
    if status.st_gid == account.gid:
        return bool(status.st_mode & (user_bit >> 3))
    return bool(status.st_mode & (user_bit >> 6))
