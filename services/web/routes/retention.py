"""What goes when, for the data protection officer; how long things are kept is changed here."""

from collections.abc import Mapping
from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.web import retention_words
from services.web.api_client import ApiProblemError, JsonObject
from services.web.forms import read_form
from services.web.rendering import api_of, go_to, render, wording_of

URL = "/privacy/retention"
_API = "/v1/retention"


async def retention(request: Request) -> Response:
    return await _page(request)


async def reminders(request: Request) -> Response:
    """Whose face goes soon, for somebody to tell them."""
    found = await api_of(request).get(f"{_API}/reminders")
    return render(request, "retention_reminders.html", guests=found["items"])


async def attempt(request: Request) -> Response:
    """Nothing changes by it; what would go at once is said beside what was typed."""
    typed = _typed(await read_form(request))
    try:
        trial = await api_of(request).post(f"{_API}/trials", json={"days": _days(typed)})
    except ApiProblemError as problem:
        if problem.status != 422:
            raise
        return await _page(request, typed, _errors(request, problem), status_code=422)
    return await _page(request, typed, trial=trial["at_once"])


async def adopt(request: Request) -> Response:
    form = await read_form(request)
    typed, say = _typed(form), wording_of(request).text
    replaces = form.get("replaces", "")
    body = {
        "days": _days(typed),
        "reason": form.get("reason", "").strip()[:2_000],
        "replaces": int(replaces) if replaces.isascii() and replaces.isdigit() else -1,
    }
    try:
        await api_of(request).post(f"{_API}/versions", json=body)
    except ApiProblemError as problem:
        if problem.status not in (409, 422):
            raise
        errors = _errors(request, problem)
        if problem.status == 409:
            errors["reason"] = say("Another version came into force, or this is in force already.")
        elif not errors:
            errors["reason"] = say("Say why, in a few words: it is kept with the change.")
        return await _page(request, typed, errors, trial={}, status_code=problem.status)
    return go_to(request, URL, say=say("Adopted. It counts from now on."))


def _typed(form: Mapping[str, str]) -> dict[str, str]:
    return {
        name.removeprefix("days-"): value.strip()[:10]
        for name, value in form.items()
        if name.startswith("days-") and name.removeprefix("days-") in retention_words.KINDS
    }


def _days(typed: Mapping[str, str]) -> dict[str, int | str]:
    """What is no number goes on as it is, and the API says what is wrong."""
    return {
        name: int(value) if value.isascii() and value.isdigit() else value
        for name, value in typed.items()
    }


def _errors(request: Request, problem: ApiProblemError) -> dict[str, str]:
    say, found = wording_of(request).text, {}
    for one in problem.facts.get("fields", []):
        words = retention_words.PROBLEMS.get(one.get("code", ""))
        if words is not None:
            found[one["field"]] = say(words, **one.get("facts", {}))
    return found


async def _page(
    request: Request,
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    *,
    trial: Mapping[str, int] | None = None,
    status_code: int = 200,
) -> Response:
    shown = await api_of(request).get(_API)
    in_force = {name: str(days) for name, days in shown["in_force"]["days"].items()}
    return render(
        request,
        "retention.html",
        status_code=status_code,
        shown=shown,
        days=_by_day(shown["kinds"]),
        typed={**in_force, **(typed or {})},
        errors=errors or {},
        trial=trial,
        words=retention_words,
        kept_words=partial(retention_words.kept_words, wording_of(request)),
    )


def _by_day(kinds: list[JsonObject]) -> list[JsonObject]:
    """Each day on which something goes, with the kinds of it, the largest number first."""
    found: dict[str, list[tuple[int, str]]] = {}
    for kind in kinds:
        for one in kind["goes"]:
            found.setdefault(one["day"], []).append((one["count"], kind["kind"]))
    return [
        {
            "day": day,
            "total": sum(count for count, _ in rows),
            "rows": [{"kind": kind, "count": count} for count, kind in sorted(rows, reverse=True)],
        }
        for day, rows in sorted(found.items())
    ]


ROUTES = [
    Route(URL, retention),
    Route(f"{URL}/reminders", reminders),
    Route(f"{URL}/trial", attempt, methods=["POST"]),
    Route(f"{URL}/adopt", adopt, methods=["POST"]),
]
