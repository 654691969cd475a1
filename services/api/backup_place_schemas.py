"""Over the wire: places of backups, as the keyrings beside them stand."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from vestibule.domain.backup_places import LONGEST_REASON, SHORTEST_REASON

_LONGEST_PLACE = 1_000


class PlaceGivenUp(BaseModel):
    """What somebody declared of a place. The product did not look there."""

    fate: Literal["destroyed", "unreachable"]
    reason: str
    declared_at: datetime


class BackupPlace(BaseModel):
    """A folder or bucket of backups, as the record knows it, with the keyring beside them."""

    place: str
    written_at: datetime = Field(description="When the keyring there was last written.")
    is_behind: bool = Field(description="Somebody was erased since: their key may lie there still.")
    given_up: PlaceGivenUp | None = Field(
        description="No erasure waits for it. It is taken up again as soon as it is reached."
    )


class BackupPlaceList(BaseModel):
    items: list[BackupPlace]
    waiting: int = Field(description="Erasures that wait for a place that is away.")


class PlaceToGiveUp(BaseModel):
    """A place that nobody will write to again."""

    place: str = Field(max_length=_LONGEST_PLACE)
    fate: Literal["destroyed", "unreachable"] = Field(
        description="destroyed: nothing is there any more. unreachable: what is there may be there "
        "still, and cannot be got at."
    )
    reason: str = Field(
        min_length=SHORTEST_REASON,
        max_length=LONGEST_REASON,
        description="It stands on receipts, word for word: name nobody.",
    )
    confirmation: str = Field(
        max_length=_LONGEST_PLACE,
        description="The name of the place once more, after what follows from it was shown.",
    )


class PlaceRemark(BaseModel):
    """How a place of backups stands to one erasure."""

    place: str
    state: Literal["away", "destroyed", "unreachable", "rewritten"] = Field(
        description="away: it is waited for. destroyed, unreachable: it was given up and not "
        "looked into. rewritten: it had been given up, came back, and holds the key no longer."
    )
    at: datetime | None = Field(description="Of the declaration, or of the last writing.")
    reason: str | None


REMARK = {
    "place": "/srv/backups-2025",
    "state": "destroyed",
    "at": "2026-11-20T10:02:00Z",
    "reason": "The disk failed and was shredded; certificate 4711.",
}
_PLACE = {
    "place": "/srv/backups-2025",
    "written_at": "2026-09-02T03:00:11Z",
    "is_behind": True,
    "given_up": {
        "fate": "destroyed",
        "reason": REMARK["reason"],
        "declared_at": REMARK["at"],
    },
}
BACKUP_PLACE_EXAMPLES: dict[str, Any] = {
    "PlaceGivenUp": _PLACE["given_up"],
    "BackupPlace": _PLACE,
    "BackupPlaceList": {"items": [_PLACE], "waiting": 0},
    "PlaceToGiveUp": {
        "place": "/srv/backups-2025",
        "fate": "destroyed",
        "reason": REMARK["reason"],
        "confirmation": "/srv/backups-2025",
    },
    "PlaceRemark": REMARK,
}
