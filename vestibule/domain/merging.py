"""Two files of one person become one: what the kept file takes over from the other."""

from collections.abc import Mapping
from typing import Any

from vestibule.domain.names import folded

_FILLED = ("birth_date", "phone", "phone_key", "email", "language", "reference")


def taken_over(kept: Mapping[str, Any], merged: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of the kept file that change: what it lacks, both notes, the tags of both.

    What both files say and say differently stays as the kept one says it.
    """
    taken: dict[str, Any] = {
        name: merged[name] for name in _FILLED if not kept[name] and merged[name]
    }
    if merged["notes"] and merged["notes"] not in kept["notes"]:
        taken["notes"] = "\n".join(part for part in (kept["notes"], merged["notes"]) if part)
    known = {folded(tag) for tag in kept["tags"]}
    more = [tag for tag in merged["tags"] if folded(tag) not in known]
    if more:
        taken["tags"] = [*kept["tags"], *more]
    return taken


def restored(
    now: Mapping[str, Any], *, before: Mapping[str, Any], after: Mapping[str, Any]
) -> dict[str, Any]:
    """The fields that go back to what they were: those that nobody changed since the merge."""
    return {name: before[name] for name, value in after.items() if now[name] == value}
