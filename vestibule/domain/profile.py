"""What is kept of a customer: each field cleaned, and what is wrong with those that do not fit."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from vestibule.domain.age import OLDEST, age_on
from vestibule.domain.contact import clean_email, clean_language, clean_phone
from vestibule.domain.names import MAX_NAME_LENGTH, clean_name, clean_text, folded

MAX_NOTES_LENGTH = 4_000
MAX_REFERENCE_LENGTH = 200
MAX_TAGS = 20
MAX_TAG_LENGTH = 40


class UnfitError(ValueError):
    """A value does not fit; ``code`` says why and is part of the public contract."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Profile:
    """``values`` are cleaned, by field; ``problems`` are codes, by field that does not fit."""

    values: Mapping[str, Any]
    problems: Mapping[str, str]


def cleaned(fields: Mapping[str, Any], *, today: date) -> Profile:
    """Each known field that is there. None or empty takes a field off, but never the name."""
    values: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for field, written in fields.items():
        try:
            values[field] = _cleaned(field, written, today=today)
        except UnfitError as unfit:
            problems[field] = unfit.code
    return Profile(values, problems)


def _cleaned(field: str, written: Any, *, today: date) -> Any:
    if field == "birth_date":
        return _birth_date(written, today=today)
    return _CLEANERS[field](written)


def _name(written: str | None) -> str:
    cleaned_name = clean_name(written or "")
    if not cleaned_name:
        raise UnfitError("empty")
    return _at_most(cleaned_name, MAX_NAME_LENGTH)


def _notes(written: str | None) -> str:
    return _at_most(clean_text(written or ""), MAX_NOTES_LENGTH)


def _reference(written: str | None) -> str | None:
    cleaned_reference = clean_name(written or "")
    return _at_most(cleaned_reference, MAX_REFERENCE_LENGTH) if cleaned_reference else None


def _at_most(text: str, length: int) -> str:
    if len(text) > length:
        raise UnfitError("too_long")
    return text


def _birth_date(written: date | None, *, today: date) -> date | None:
    if written is None:
        return None
    if written > today:
        raise UnfitError("in_the_future")
    if age_on(written, today) > OLDEST:
        raise UnfitError("too_long_ago")
    return written


def _one_way_of_writing(
    clean: Callable[[str], str | None], code: str
) -> Callable[[str | None], str | None]:
    def cleaner(written: str | None) -> str | None:
        if written is None or not written.strip():
            return None
        kept = clean(written)
        if kept is None:
            raise UnfitError(code)
        return kept

    return cleaner


def _tags(written: Iterable[str] | None) -> list[str]:
    """Without repetitions of the same word in other letters; the first way of writing is kept."""
    kept: dict[str, str] = {}
    for tag in written or ():
        word = clean_name(tag)
        if word:
            kept.setdefault(folded(word), _at_most(word, MAX_TAG_LENGTH))
    if len(kept) > MAX_TAGS:
        raise UnfitError("too_many")
    return list(kept.values())


_CLEANERS: Mapping[str, Callable[[Any], Any]] = {
    "name": _name,
    "notes": _notes,
    "reference": _reference,
    "phone": _one_way_of_writing(clean_phone, "not_a_phone"),
    "email": _one_way_of_writing(clean_email, "not_an_email"),
    "language": _one_way_of_writing(clean_language, "not_a_language"),
    "tags": _tags,
}
FIELDS = (*_CLEANERS, "birth_date")
"""The fields of a profile, but for the home venue, which is a row of its own."""
