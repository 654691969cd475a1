"""The form of an offer, for one guest or for a segment."""

from collections.abc import Mapping
from datetime import date, timedelta

from starlette.requests import Request

from services.web import offer_words
from services.web.api_client import JsonObject
from services.web.rendering import person_of, web, wording_of

FIELDS = ("kind", "words_en", "words_fr", "until", "where")
_DAYS = 30


def empty_offer(request: Request) -> dict[str, str]:
    until = web(request).clock().date() + timedelta(days=_DAYS)
    return {**dict.fromkeys(FIELDS, ""), "kind": "drink", "until": until.isoformat()}


def written_offer(request: Request, form: Mapping[str, str]) -> dict[str, str]:
    return {**empty_offer(request), **{name: form[name].strip() for name in FIELDS if name in form}}


def may_offer_everywhere(request: Request, permission: str) -> bool:
    person = person_of(request)
    return person.can(permission) and person.where(permission) is None


def offer_errors(request: Request, values: Mapping[str, str]) -> dict[str, str]:
    """What can be said before the API is asked."""
    say, errors = wording_of(request).text, {}
    if not values["words_en"] and not values["words_fr"]:
        errors["words"] = say("Say what is offered, in one language at least.")
    if _night(values["until"]) is None:
        errors["until"] = say("Choose the last night on which it holds.")
    return errors


def as_terms(request: Request, values: Mapping[str, str]) -> JsonObject:
    """For the API. It holds until the venue closes after the night that was chosen."""
    night = _night(values["until"])
    assert night is not None  # offer_errors has said so
    venue = None if values["where"] == "chain" else person_of(request).venue["id"]
    return {
        "kind": values["kind"] if values["kind"] in offer_words.KINDS else "other",
        "words_en": values["words_en"][:120],
        "words_fr": values["words_fr"][:120],
        "venue_id": venue,
        "ends_at": wording_of(request).night_end(night).isoformat(),
    }


def _night(written: str) -> date | None:
    try:
        return date.fromisoformat(written)
    except ValueError:
        return None
