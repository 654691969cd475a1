"""Puts a new secret in the place of one that is in use, and keeps the former until it is forgotten.

Files alone: docs/operations/rotate-keys.md says what is restarted after it, for each secret.
"""

import secrets
from dataclasses import dataclass
from pathlib import Path

from services.processes.secret_files import (
    FORMER_PLACES,
    Addresses,
    Master,
    files,
    former_files,
    former_name,
    new_key,
    write_whole,
)
from vestibule.domain.errors import StartUpError
from vestibule.ports_keys import KeyWrapping

PASSWORDS = (
    "database-owner",
    "database-service",
    "redis",
    "volatile",
    "minio-root",
    "s3-service",
    "qdrant",
    "grafana",
    "alert-webhook",
)
KEYS = ("sealing", "receipts", "web", "backup")
NAMES = (*PASSWORDS, *KEYS)


@dataclass(frozen=True, slots=True)
class Rotation:
    """By ``service/file``. What is not of our making is left: systems of the operator's own."""

    written: list[str]
    left: list[str]


def rotate_secret(
    folder: Path, name: str, *, addresses: Addresses | None = None, keys: KeyWrapping | None = None
) -> Rotation:
    """Make a new value and write every file that it is in. ``keys`` wraps it, if it is such a key.

    Begun anew after a kill, it goes on with the value it had made. Raises StartUpError for an
    unknown name, where there are no secrets yet, and while the former value is still kept.
    """
    name = _file_of(name)
    master, at = folder / "master", addresses or Addresses()
    current, former = master / name, master / former_name(name)
    if not current.exists():
        raise StartUpError(f"There is no {name} in {master} yet.", reason="no_such_secret")
    if not former.exists():
        write_whole(former, current.read_bytes())
    if current.read_bytes() == former.read_bytes():
        write_whole(current, _new_value(name, keys))
    elif not _is_half_done(folder, name, at):
        raise StartUpError(
            f"The former value of {name} is still kept, and a third would push it out. When "
            "nothing needs it any more: "
            f"`vestibule secrets forget {folder} {Path(name).stem}`.",
            reason="former_secret_kept",
        )
    return _spread(folder, name, at)


def forget_former(
    folder: Path, name: str, *, is_resealed: bool = False, even_what_it_opens: bool = False
) -> list[str]:
    """Remove the former value everywhere; which files that were. Safe to run twice.

    Raises StartUpError for the sealing key, which opens things that are kept for years, unless all
    of them were sealed anew or ``even_what_it_opens`` may be lost.
    """
    if name == "sealing" and not (is_resealed or even_what_it_opens):
        raise StartUpError(
            "The former sealing key opens the keys of guests, second factors, attachments of "
            "incidents and more that was sealed before the rotation. Seal them anew with "
            "`vestibule secrets reseal`, then say --resealed; or lose them with "
            "--even-what-it-opens.",
            reason="former_secret_in_use",
        )
    if name == "receipts" and not even_what_it_opens:
        raise StartUpError(
            "The former key of receipts checks those that it signed, and its digests keep people "
            "who were erased before the rotation out of imports. Keep it for three years; or lose "
            "both with --even-what-it-opens.",
            reason="former_secret_in_use",
        )
    name = _file_of(name)
    places = [*FORMER_PLACES.get(name, ()), f"master/{former_name(name)}"]
    removed = [place for place in places if (folder / place).exists()]
    for place in removed:  # the master's last: until then a kill is made good by another run
        (folder / place).unlink()
    return removed


def _spread(folder: Path, name: str, at: Addresses) -> Rotation:
    before, after = _before_and_after(folder, name, at)
    rotation = Rotation([], [])
    for place, content in (after | former_files(Master(folder / "master"))).items():
        path = folder / place
        if before.get(place) == content:
            continue
        found = path.read_bytes() if path.exists() else None
        if found == content:
            continue
        if found is not None and found != before.get(place):
            rotation.left.append(place)
            continue
        write_whole(path, content)
        rotation.written.append(place)
    return rotation


def _is_half_done(folder: Path, name: str, at: Addresses) -> bool:
    """Whether a file still holds what the former value makes."""
    before, after = _before_and_after(folder, name, at)
    changed = [place for place in after if before[place] != after[place]]
    told = former_files(Master(folder / "master"))
    return any(
        (folder / place).exists() and (folder / place).read_bytes() == before[place]
        for place in changed
    ) or any(not (folder / place).exists() for place in [*changed, *told])


def _before_and_after(
    folder: Path, name: str, at: Addresses
) -> tuple[dict[str, bytes], dict[str, bytes]]:
    master = folder / "master"
    former = (master / former_name(name)).read_bytes()
    return files(Master(master, instead={name: former}), at), files(Master(master), at)


def _new_value(name: str, keys: KeyWrapping | None) -> bytes:
    return new_key(name, keys) if name.endswith(".key") else secrets.token_hex(24).encode()


def _file_of(name: str) -> str:
    if name not in NAMES:
        raise StartUpError(
            f"There is no secret {name}. There are: {', '.join(NAMES)}.", reason="no_such_secret"
        )
    return f"{name}.key" if name in KEYS else name
