"""What identifies a person in a list, by kind, in the form in which two lists agree."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from vestibule.domain.contact import phone_key
from vestibule.domain.names import folded

FOLDER = "folder:"
"""How the number of a guest begins who came as a folder of photos."""


def identifying(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Kind and value of everything that a row or a file has; strong ones first, the name last."""
    name, born = folded(values.get("name") or ""), values.get("birth_date")
    email, phone = values.get("email"), values.get("phone")
    key = phone_key(phone) if phone else None
    if email:
        yield "email", email.strip().casefold()
    if key:
        yield "phone", key
    if values.get("reference"):
        yield "reference", values["reference"].strip()
    if name and isinstance(born, date):
        yield "name_birth", f"{name}|{born.isoformat()}"
    if name:
        yield "name", name


def telling(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What of a row may say that it is somebody: a bare name only where there is nothing else,
    for many people are called the same. The number of a folder is its name once more."""
    found = list(identifying(values))
    named = [one for one in found if one[0] == "name" or one[1].startswith(FOLDER)]
    strong = [one for one in found if one not in named]
    return strong or found
