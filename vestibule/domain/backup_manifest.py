"""What a backup says of itself. It is written last: a backup without it is none."""

import json
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from vestibule.domain.errors import DamagedBackupError

FORMAT = 1
MANIFEST, DATABASE = "manifest.sealed", "database.sealed"
KEPT_PREFIXES = ("customers/", "demo/", "incidents/")
"""Everything else expires within hours or days and would live on in a backup (docs/adr/0024)."""


def pack_name(number: int) -> str:
    return f"objects-{number:05}.sealed"


@dataclass(frozen=True, slots=True)
class Pack:
    """A file of objects; ``sha256`` is over the keys, lengths and contents as they stand in it."""

    name: str
    objects: int
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """``taken_at`` is the moment of the database's snapshot: what came later is not in it."""

    name: str
    taken_at: datetime
    product_version: str
    schema: str
    spaces: tuple[str, ...]
    customers: int
    templates: int
    audit_entries: int
    audit_head: str
    packs: tuple[Pack, ...]
    missing: tuple[str, ...] = field(default=())
    """Keys that rows of the snapshot name and no object was there for."""
    sealed_templates: int = 0
    """How many of them only the keyring opens that lies beside the backups."""

    def to_json(self) -> bytes:
        content = asdict(self) | {"format": FORMAT, "taken_at": self.taken_at.isoformat()}
        return json.dumps(content).encode()

    @property
    def objects(self) -> int:
        return sum(pack.objects for pack in self.packs)

    @property
    def size_bytes(self) -> int:
        return sum(pack.size_bytes for pack in self.packs)


def read_manifest(content: bytes) -> Manifest:
    """Raises DamagedBackupError for what is no manifest or of a later format."""
    try:
        found: dict[str, Any] = json.loads(content)
        if found.pop("format") != FORMAT:
            raise DamagedBackupError(
                "A later Vestibule made this backup; restore it with that one."
            )
        found["packs"] = tuple(Pack(**pack) for pack in found["packs"])
        found["taken_at"] = datetime.fromisoformat(found["taken_at"])
        for name in ("spaces", "missing"):
            found[name] = tuple(found[name])
        return Manifest(**found)
    except (ValueError, TypeError, KeyError) as error:
        raise DamagedBackupError("The backup's manifest cannot be read.") from error
