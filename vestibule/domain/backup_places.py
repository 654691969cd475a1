"""Places of backups that somebody gave up: the keyring there is rewritten by nobody."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from vestibule.domain.errors import ConflictError

SHORTEST_REASON, LONGEST_REASON = 10, 500


class Fate(StrEnum):
    """What became of a place, as somebody declared it; the product cannot look."""

    DESTROYED = "destroyed"
    UNREACHABLE = "unreachable"


class PlaceReachedError(ConflictError):
    """This place of backups is reached, and its keyring can be rewritten: it is not given up."""

    code = "backup_place_reached"


@dataclass(frozen=True, slots=True)
class GivenUp:
    """A declaration about a place. ``reason`` is in the words of who declared it."""

    place: str
    fate: Fate
    reason: str
    at: datetime

    def as_json(self) -> dict[str, str]:
        return {
            "place": self.place,
            "fate": self.fate.value,
            "reason": self.reason,
            "at": self.at.isoformat(),
        }

    @classmethod
    def of(cls, written: Mapping[str, str]) -> "GivenUp":
        at = datetime.fromisoformat(written["at"])
        return cls(written["place"], Fate(written["fate"]), written["reason"], at)

    def in_words(self) -> str:
        """For a receipt: what was not done and why, and no claim about what lies there."""
        became = _BECAME[self.fate]
        return (
            "The keyring beside these backups could not be rewritten and was not looked into. "
            f"On {self.at:%Y-%m-%d} the place was declared {became}"
        )


_BECAME = {
    Fate.DESTROYED: "destroyed; by that declaration a key that lay there went with it.",
    Fate.UNREACHABLE: (
        "out of reach for good. A key that lay there may be there still, and with the backups' "
        "key it opens what these backups hold of the person's face."
    ),
}


@dataclass(frozen=True, slots=True)
class PlaceRemark:
    """How a place stands to one erasure. ``reason`` where it was given up."""

    place: str
    state: str
    """away, destroyed, unreachable; rewritten: it had been given up, came back, and the key of
    the person is not there any more."""
    at: datetime | None
    reason: str | None
