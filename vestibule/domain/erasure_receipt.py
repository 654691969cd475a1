"""What an erasure tells: the stores, in the order in which they are emptied, and the receipt."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from vestibule.domain.backup_places import GivenUp

FORMAT = "vestibule-erasure-receipt-1"
STORES = ("memory", "index", "pictures", "objects", "imports", "rows", "key")
"""Steps of an erasure. The person's rows go late: until then they say what belongs to them."""
Found = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class StoreCheck:
    """A store that was looked through. ``left`` is how much of the person is still there.

    ``is_proven`` is False where the product can ask and not look for itself.
    """

    store: str
    left: int
    is_proven: bool = True


@dataclass(frozen=True, slots=True)
class Kept:
    """What law or the rights of others keep, and until when; None is as long as they do."""

    what: str
    count: int
    until: datetime | None
    law: str | None = None
    """What keeps it, where a person decided that it applies."""


@dataclass(frozen=True, slots=True)
class Receipt:
    erasure_id: UUID
    customer_ids: tuple[UUID, ...]
    requested_at: datetime
    finished_at: datetime | None
    """None: written while the erasure waits, and another follows at its end."""
    found: Mapping[str, Found]
    checks: tuple[StoreCheck, ...]
    kept: tuple[Kept, ...]
    key_id: str
    not_rewritten: tuple[GivenUp, ...] = ()
    """Places of backups that the erasure did without, because somebody gave them up."""

    @property
    def left(self) -> int:
        return left_in(self.checks)

    def as_text(self) -> str:
        """The exact text that is signed. Names nobody."""
        document = {
            "format": FORMAT,
            "erasure": str(self.erasure_id),
            "customers": [str(one) for one in self.customer_ids],
            "requested_at": self.requested_at.isoformat(),
            "finished_at": self.finished_at and self.finished_at.isoformat(),
            "found": {store: dict(self.found.get(store, {})) for store in STORES},
            "checked": [asdict(check) for check in self.checks],
            "left": self.left,
            "kept": [
                {**asdict(kept), "until": kept.until and kept.until.isoformat()}
                for kept in self.kept
            ],
            "backup_places_not_rewritten": [
                {**place.as_json(), "looked_into": False, "in_words": place.in_words()}
                for place in self.not_rewritten
            ],
            "signed_with": self.key_id,
        }
        return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def left_in(checks: Iterable[StoreCheck]) -> int:
    return sum(check.left for check in checks)


def erasure_named_in(receipt: str) -> UUID | None:
    """Whose receipt a text says to be; None for what is none."""
    try:
        document = json.loads(receipt)
        if document["format"] != FORMAT:
            return None
        return UUID(document["erasure"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
