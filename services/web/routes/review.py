"""The review desk: proposals with their evidence, who is kept out, and what people say of it."""

import asyncio
from datetime import date

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.web import review_words
from services.web.api_client import ApiProblemError, JsonObject
from services.web.forms import read_form
from services.web.rendering import api_of, go_to, render, wording_of

URL = "/review"
_API = "/v1/watchlist"
_QUEUE_SIZE = 50
_PAGE_SIZE = 30
_REASON_SIZE = 2_000


# ── proposals ───────────────────────────────────────────────────────────────────────────────
async def queue(request: Request) -> Response:
    state = "closed" if request.query_params.get("state") == "closed" else "open"
    params: dict[str, str | int] = {"state": state, "limit": _QUEUE_SIZE, **_offset(request)}
    page = await api_of(request).get(f"{_API}/proposals", params=params)
    return _render(request, "review.html", page=page, state=state, shown=None, queue_of=state)


async def proposal(request: Request) -> Response:
    return await _proposal_page(request)


async def decide(request: Request) -> Response:
    """One word with its reason; what was typed is kept where it is refused."""
    form = await read_form(request)
    reason, verdict = form.get("reason", "").strip(), form.get("verdict", "")
    api, say = api_of(request), wording_of(request).text
    path = f"{_API}/proposals/{request.path_params['proposal_id']}/decisions"
    try:
        decided = await api.post(path, json={"verdict": verdict, "reason": reason[:_REASON_SIZE]})
    except ApiProblemError as problem:
        if problem.status == 422:
            errors = {"reason": say("Say why, in a few words: it is kept with the decision.")}
            return await _proposal_page(request, reason, errors, status_code=422)
        if problem.status == 409:
            errors = {"stale": say("This has changed since you opened it. Nothing was decided.")}
            return await _proposal_page(request, reason, errors, status_code=409)
        raise
    return go_to(request, await _next(request), say=_said(request, decided))


async def _next(request: Request) -> str:
    """The next that waits for this person, else the queue."""
    page = await api_of(request).get(f"{_API}/proposals", params={"limit": _QUEUE_SIZE})
    waiting = [one["id"] for one in page["items"] if one["objection"] is None]
    return f"{URL}/proposals/{waiting[0]}" if waiting else URL


def _said(request: Request, decided: JsonObject) -> str:
    wording = wording_of(request)
    if decided["state"] == "rejected":
        return wording.text("Rejected. It is not proposed again unless something new happens.")
    if decided["state"] == "approved":
        ends = decided["entry"]["ends_at"]
        return wording.text("Approved. The entry ends on %(day)s.", day=wording.day(ends))
    missing = decided["approvals_needed"] - decided["approvals"]
    return wording.plural(
        "Your approval is kept. %(num)s other person is still needed.",
        "Your approval is kept. %(num)s other people are still needed.",
        missing,
    )


async def _proposal_page(
    request: Request,
    reason: str = "",
    errors: dict[str, str] | None = None,
    *,
    status_code: int = 200,
) -> Response:
    api = api_of(request)
    shown, page = await asyncio.gather(
        api.get(f"{_API}/proposals/{request.path_params['proposal_id']}"),
        api.get(f"{_API}/proposals", params={"limit": _QUEUE_SIZE}),
    )
    faces = await _faces_of(request, shown["customer"]["id"])
    ids = [one["id"] for one in page["items"]]
    place = ids.index(shown["id"]) if shown["id"] in ids else -1
    return _render(
        request,
        "review.html",
        status_code=status_code,
        page=page,
        state="open",
        queue_of="open",
        shown=shown,
        faces=faces,
        reason=reason,
        errors=errors or {},
        previous_id=ids[place - 1] if place > 0 else None,
        next_id=ids[place + 1] if place + 1 < len(ids) else None,
    )


async def _faces_of(request: Request, guest_id: str) -> JsonObject:
    found: JsonObject = await api_of(request).get(f"{_API}/customers/{guest_id}/faces")
    return found


# ── a guest, by hand ────────────────────────────────────────────────────────────────────────
async def guest(request: Request) -> Response:
    return await _guest_page(request)


async def propose(request: Request) -> Response:
    form = await read_form(request)
    guest_id = str(request.path_params["guest_id"])
    incident_ids = [name.removeprefix("incident-") for name in form if name.startswith("incident-")]
    days = form.get("days", "").strip()
    body = {
        "customer_id": guest_id,
        "venue_id": form.get("venue") or None,
        "days": int(days) if days.isascii() and days.isdigit() and len(days) < 6 else 0,
        "incident_ids": incident_ids,
        "reason": form.get("reason", "").strip()[:_REASON_SIZE],
    }
    say = wording_of(request).text
    try:
        made = await api_of(request).post(f"{_API}/proposals", json=body)
    except ApiProblemError as problem:
        if problem.status not in (409, 422):
            raise
        words = (
            say("A proposal for this place is open already.")
            if problem.status == 409
            else say(
                "Tick at least one incident of that place, say for how many days, and say why."
            )
        )
        return await _guest_page(request, form, {"proposal": words}, status_code=problem.status)
    return go_to(
        request,
        f"{URL}/proposals/{made['id']}",
        say=say("Proposed. Others decide; nobody is kept out by it yet."),
    )


async def _guest_page(
    request: Request,
    form: JsonObject | None = None,
    errors: dict[str, str] | None = None,
    *,
    status_code: int = 200,
) -> Response:
    standing = await api_of(request).get(f"{_API}/customers/{request.path_params['guest_id']}")
    venues = [one["venue"] for one in standing["scores"] if one["venue"]]
    return _render(
        request,
        "review_guest.html",
        status_code=status_code,
        standing=standing,
        venues=venues,
        form=form or {},
        errors=errors or {},
    )


# ── entries ─────────────────────────────────────────────────────────────────────────────────
async def entries(request: Request) -> Response:
    state = "past" if request.query_params.get("state") == "past" else "current"
    query = request.query_params.get("query", "").strip()[:200]
    params: dict[str, str | int] = {
        "state": state,
        "query": query,
        "limit": _PAGE_SIZE,
        **_offset(request),
    }
    page = await api_of(request).get(f"{_API}/entries", params=params)
    return _render(request, "review_entries.html", page=page, state=state, query=query)


async def entry(request: Request) -> Response:
    return await _entry_page(request)


async def lift(request: Request) -> Response:
    form = await read_form(request)
    reason = form.get("reason", "").strip()[:_REASON_SIZE]
    path = f"{_API}/entries/{request.path_params['entry_id']}/lift"
    say = wording_of(request).text
    try:
        await api_of(request).post(path, json={"reason": reason})
    except ApiProblemError as problem:
        if problem.status != 422:
            raise
        errors = {"lift": say("Say why, in a few words: it is kept with the decision.")}
        return await _entry_page(request, {"reason": reason}, errors, status_code=422)
    return go_to(request, request.url.path.removesuffix("/lift"), say=say("Lifted."))


async def hear(request: Request) -> Response:
    """An appeal is decided; a shorter end is a day, and counts until the venue closes."""
    form = await read_form(request)
    outcome, say = form.get("outcome", ""), wording_of(request).text
    entry_id = request.path_params["entry_id"]
    body: JsonObject = {
        "outcome": outcome,
        "reason": form.get("reason", "").strip()[:_REASON_SIZE],
        "ends_at": _end_of(request, form.get("ends_on", "")) if outcome == "shortened" else None,
    }
    path = f"{_API}/appeals/{request.path_params['appeal_id']}/outcome"
    try:
        await api_of(request).post(path, json=body)
    except ApiProblemError as problem:
        if problem.status != 422:
            raise
        words = say("Choose what becomes of it and say why; a new end lies before the present one.")
        return await _entry_page(request, form, {"appeal": words}, status_code=422)
    return go_to(request, f"{URL}/entries/{entry_id}", say=say("The appeal is decided."))


async def _entry_page(
    request: Request,
    form: JsonObject | None = None,
    errors: dict[str, str] | None = None,
    *,
    status_code: int = 200,
) -> Response:
    shown = await api_of(request).get(f"{_API}/entries/{request.path_params['entry_id']}")
    return _render(
        request,
        "review_entry.html",
        status_code=status_code,
        entry=shown,
        faces=await _faces_of(request, shown["customer"]["id"]),
        form=form or {},
        errors=errors or {},
    )


# ── appeals ─────────────────────────────────────────────────────────────────────────────────
async def appeals(request: Request) -> Response:
    state = "decided" if request.query_params.get("state") == "decided" else "open"
    params: dict[str, str | int] = {"state": state, "limit": _PAGE_SIZE, **_offset(request)}
    page = await api_of(request).get(f"{_API}/appeals", params=params)
    return _render(request, "review_appeals.html", page=page, state=state)


async def appeal_form(request: Request) -> Response:
    return await _appeal_page(request)


async def record_appeal(request: Request) -> Response:
    """What a guest says is taken down, by whoever stands there; they need not see the entries."""
    form = await read_form(request)
    guest_id, wording = str(request.path_params["guest_id"]), wording_of(request)
    statement = form.get("statement", "").strip()
    body = {"customer_id": guest_id, "statement": statement[:_REASON_SIZE]}
    try:
        made = await api_of(request).post(f"{_API}/appeals", json=body)
    except ApiProblemError as problem:
        words = {
            404: wording.text("Nothing holds against this guest here. There is nothing to appeal."),
            409: wording.text("An appeal is recorded already and waits for a decision."),
            422: wording.text("Write down what the guest says, in their words."),
        }.get(problem.status)
        if words is None:
            raise
        return await _appeal_page(
            request, statement, {"statement": words}, status_code=problem.status
        )
    day = wording.day(min(one["due_at"] for one in made["items"]))
    said = wording.text(
        "Recorded. Tell the guest: it is decided by %(day)s, by somebody who had no part in it.",
        day=day,
    )
    return go_to(request, f"/guests/{guest_id}", say=said)


async def _appeal_page(
    request: Request,
    statement: str = "",
    errors: dict[str, str] | None = None,
    *,
    status_code: int = 200,
) -> Response:
    found = await api_of(request).get(f"/v1/customers/{request.path_params['guest_id']}")
    return render(
        request,
        "guest_appeal.html",
        status_code=status_code,
        guest=found,
        statement=statement,
        errors=errors or {},
    )


def _render(
    request: Request, template: str, *, status_code: int = 200, **values: object
) -> Response:
    return render(request, template, status_code=status_code, words=review_words, **values)


def _end_of(request: Request, day: str) -> str | None:
    """When the night that begins on that day ends; None for no date."""
    try:
        return wording_of(request).night_end(date.fromisoformat(day)).isoformat()
    except ValueError:
        return None


def _offset(request: Request) -> dict[str, int]:
    asked = request.query_params.get("offset", "")
    return {"offset": int(asked)} if asked.isascii() and asked.isdigit() and len(asked) < 7 else {}


ROUTES = [
    Route(URL, queue),
    Route(f"{URL}/proposals/{{proposal_id:uuid}}", proposal),
    Route(f"{URL}/proposals/{{proposal_id:uuid}}/decide", decide, methods=["POST"]),
    Route(f"{URL}/guests/{{guest_id:uuid}}", guest),
    Route(f"{URL}/guests/{{guest_id:uuid}}/propose", propose, methods=["POST"]),
    Route(f"{URL}/entries", entries),
    Route(f"{URL}/entries/{{entry_id:uuid}}", entry),
    Route(f"{URL}/entries/{{entry_id:uuid}}/lift", lift, methods=["POST"]),
    Route(f"{URL}/entries/{{entry_id:uuid}}/appeals/{{appeal_id:uuid}}", hear, methods=["POST"]),
    Route(f"{URL}/appeals", appeals),
    Route("/guests/{guest_id:uuid}/appeal", appeal_form),
    Route("/guests/{guest_id:uuid}/appeal", record_appeal, methods=["POST"]),
]
