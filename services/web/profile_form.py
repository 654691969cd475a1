"""A guest's profile as a form writes it, and what is wrong with it in words."""

from services.web.api_client import ApiProblemError, JsonObject
from services.web.forms import uuid_field
from services.web.i18n import Wording
from services.web.words import N_

GUEST_LANGUAGES = {
    "fr": "Français",
    "en": "English",
    "ar": "العربية",
    "de": "Deutsch",
    "es": "Español",
    "it": "Italiano",
    "nl": "Nederlands",
    "pl": "Polski",
    "pt": "Português",
    "tr": "Türkçe",
    "uk": "Українська",
    "zh": "中文",
}
"""In the languages themselves, so that nobody has to translate them."""
_LINES = ("name", "birth_date", "reference", "phone", "email", "language", "tags")


def empty_profile() -> JsonObject:
    return dict.fromkeys((*_LINES, "notes", "home_venue_id"), "")


def written_profile(form: dict[str, str]) -> JsonObject:
    """As it was typed."""
    lines = {name: form.get(name, "").strip() for name in _LINES}
    home = uuid_field(form, "home_venue_id")
    return {**lines, "notes": form.get("notes", ""), "home_venue_id": home}


def shown_profile(guest: JsonObject) -> JsonObject:
    values = {name: guest[name] or "" for name in (*_LINES, "notes")}
    return {**values, "tags": ", ".join(guest["tags"]), "home_venue_id": guest["home_venue_id"]}


def as_profile(values: JsonObject) -> JsonObject:
    """What the API takes: an empty line is nothing, tags are a list, no home venue is left out."""
    given = {name: values[name] or None for name in _LINES}
    if values["home_venue_id"]:
        given["home_venue_id"] = values["home_venue_id"]
    tags = [tag.strip() for tag in values["tags"].split(",") if tag.strip()]
    return {**given, "name": values["name"], "tags": tags, "notes": values["notes"]}


def profile_errors(
    wording: Wording, problem: ApiProblemError, values: JsonObject
) -> dict[str, str]:
    """In words, by field; empty where the problem is not one of the form."""
    say = wording.text
    if problem.code == "under_age":
        return {
            "birth_date": say(
                "This guest is under age and cannot be registered. Nothing was stored."
            )
        }
    if problem.code == "conflict" and "reference" in problem.facts:
        return {"reference": say("Another guest has this loyalty number.")}
    if problem.code != "invalid_input":
        return {}
    if problem.facts.get("fields") == ["home_venue_id"]:
        return {"home_venue_id": say("There is no such venue. Choose one of the list.")}
    found = problem.facts.get("problems")
    codes = found if isinstance(found, dict) else {}
    errors = {name: say(_WORDS.get((name, code), _UNFIT)) for name, code in codes.items()}
    return errors or _from_lengths(wording, values) or {"name": say(_UNFIT)}


def _from_lengths(wording: Wording, values: JsonObject) -> dict[str, str]:
    """What the API's border refuses before it looks further."""
    errors = {}
    if not values["name"]:
        errors["name"] = wording.text("A guest needs a name.")
    elif len(values["name"]) > 200:
        errors["name"] = wording.text("Names have at most 200 characters here; this one is longer.")
    if len(values["notes"]) > 4_000:
        errors["notes"] = wording.text(
            "Notes have at most 4,000 characters here; these are longer."
        )
    if values["birth_date"] and not errors:
        errors["birth_date"] = wording.text("This is no date: write year, month and day.")
    return errors


_UNFIT = N_("This does not fit. Look for signs that cannot be written.")
_WORDS = {
    ("name", "empty"): N_("A guest needs a name."),
    ("name", "too_long"): N_("Names have at most 200 characters here; this one is longer."),
    ("notes", "too_long"): N_("Notes have at most 4,000 characters here; these are longer."),
    ("birth_date", "in_the_future"): N_("This day has not come yet."),
    ("birth_date", "too_long_ago"): N_("Nobody is that old. Look at the year."),
    ("phone", "not_a_phone"): N_("This is no phone number. Digits, with + and the country first."),
    ("email", "not_an_email"): N_("This is no e-mail address."),
    ("language", "not_a_language"): N_("This is no language that is known here."),
    ("tags", "too_many"): N_("A guest has at most 20 tags."),
    ("tags", "too_long"): N_("A tag has at most 40 characters."),
    ("reference", "too_long"): N_("A loyalty number has at most 200 characters."),
}
