"""The policy's form: a line of numbers for each kind, whole numbers elsewhere, nothing guessed."""

from collections.abc import Mapping
from typing import Any

from services.web.api_client import JsonObject
from services.web.i18n import Wording
from services.web.review_words import KINDS, POLICY_FIELDS, POLICY_PROBLEMS


def values_of(content: JsonObject) -> dict[str, str]:
    """A policy as the form's fields show it."""
    return {
        **{f"points.{kind}": _line(content["points"][kind]) for kind in KINDS},
        "ladder_days": _line(content["ladder_days"]),
        **{name: str(content[name]) for name in POLICY_FIELDS},
    }


def content_of(values: Mapping[str, str]) -> JsonObject:
    """What the form says; what is no number goes on as it is, and the API says what is wrong."""
    return {
        "points": {kind: _numbers(values.get(f"points.{kind}", "")) for kind in KINDS},
        "ladder_days": _numbers(values.get("ladder_days", "")),
        **{name: _number(values.get(name, "")) for name in POLICY_FIELDS},
    }


def kept(form: Mapping[str, str]) -> dict[str, str]:
    names = [*(f"points.{kind}" for kind in KINDS), "ladder_days", *POLICY_FIELDS]
    return {name: form.get(name, "")[:100] for name in names}


def errors_of(facts: JsonObject, wording: Wording) -> dict[str, str]:
    """By field, in the reader's words."""
    found = {}
    for one in facts.get("fields", []):
        words = POLICY_PROBLEMS.get(one.get("code", ""))
        if words is not None:
            found[one["field"]] = wording.text(words, **one.get("facts", {}))
    return found


def _line(numbers: list[int]) -> str:
    return "  ".join(str(number) for number in numbers)


def _numbers(text: str) -> list[Any]:
    return [_number(part) for part in text.replace(",", " ").replace(";", " ").split()]


def _number(text: str) -> Any:
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else text
