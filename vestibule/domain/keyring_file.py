"""The keys of all customers as they lie beside the backups, and whose key was destroyed."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from vestibule.domain.backup_places import GivenUp
from vestibule.domain.errors import DamagedBackupError

FORMAT = 1
KEYRING = "keyring.json"
"""One file for all backups of a place, written anew by each of them and after each erasure."""


@dataclass(frozen=True, slots=True)
class Keyring:
    """``keys`` are open: 32 bytes each."""

    keys: Mapping[UUID, bytes]
    destroyed: Mapping[UUID, datetime]

    def added_to(self, older: "Keyring") -> "Keyring":
        """What either has, without what either says is destroyed.

        Who is unknown to an installation that was restored from an old backup is in newer ones.
        """
        destroyed = {**older.destroyed, **self.destroyed}
        keys = {**older.keys, **self.keys}
        return Keyring({one: keys[one] for one in keys if one not in destroyed}, destroyed)

    def to_json(self) -> bytes:
        content = {
            "keys": {str(one): _text(key) for one, key in self.keys.items()},
            "destroyed": {str(one): at.isoformat() for one, at in self.destroyed.items()},
        }
        return json.dumps(content).encode()


@dataclass(frozen=True, slots=True)
class KeyringFile:
    """``body`` is the keyring, sealed by a key of this file's own.

    That key is there twice: sealed by the backups' key, with which a restore opens it, and by the
    installation's, with which a running product takes a destroyed key out.
    """

    written_at: datetime
    for_backup_key: bytes
    for_installation: bytes
    body: bytes

    def to_json(self) -> bytes:
        content = {
            "format": FORMAT,
            "written_at": self.written_at.isoformat(),
            "for_backup_key": _text(self.for_backup_key),
            "for_installation": _text(self.for_installation),
            "body": _text(self.body),
        }
        return json.dumps(content).encode()


@dataclass(frozen=True, slots=True)
class KeyringCopy:
    """The keyring beside the backups of one place; ``is_behind``: a key was destroyed since."""

    place: str
    written_at: datetime
    is_behind: bool
    given_up: GivenUp | None = None

    @property
    def is_away(self) -> bool:
        """Its keyring is to be rewritten, and that is waited for."""
        return self.is_behind and self.given_up is None


def wrapping_context(customer_id: UUID) -> str:
    """Binds a wrapped key to its customer, in the database."""
    return f"customer-key:{customer_id}"


def read_keyring_file(content: bytes) -> KeyringFile:
    """Raises DamagedBackupError."""
    try:
        found: dict[str, Any] = json.loads(content)
        if found["format"] != FORMAT:
            raise DamagedBackupError("A later Vestibule wrote the keyring; restore with that one.")
        return KeyringFile(
            written_at=datetime.fromisoformat(found["written_at"]),
            for_backup_key=_bytes(found["for_backup_key"]),
            for_installation=_bytes(found["for_installation"]),
            body=_bytes(found["body"]),
        )
    except (ValueError, TypeError, KeyError) as error:
        raise DamagedBackupError("The keyring cannot be read.") from error


def read_keyring(content: bytes) -> Keyring:
    """Raises DamagedBackupError."""
    try:
        found: dict[str, dict[str, str]] = json.loads(content)
        return Keyring(
            keys={UUID(one): _bytes(key) for one, key in found["keys"].items()},
            destroyed={
                UUID(one): datetime.fromisoformat(at) for one, at in found["destroyed"].items()
            },
        )
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise DamagedBackupError("The keyring cannot be read.") from error


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
