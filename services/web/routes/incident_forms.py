"""Reporting an incident with one thumb, and correcting it at a desk."""

from datetime import timedelta
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.web import incident_words as words
from services.web.api_client import ApiCaller, ApiProblemError, JsonObject
from services.web.forms import read_form, uuid_field
from services.web.rendering import (
    api_of,
    go_to,
    is_about,
    is_fragment,
    render,
    render_fragment,
    web,
    wording_of,
)

URL = "/incidents"
MOST_PEOPLE = 20

Named = dict[str, str | None]


async def new(request: Request) -> Response:
    """With whoever the link came from filled in: a face of a photo, or a guest's page."""
    values = _untouched()
    people = await _whom_it_is_about(request) or _nobody(1)
    return _form(request, "incident_new.html", values=values, people=people)


def _untouched() -> JsonObject:
    empty = dict.fromkeys(("kind", "severity", "account", "at"), "")
    return {"id": str(uuid4()), "ago": "0", **empty}


async def create(request: Request) -> Response:
    form = await read_form(request)
    people, errors = _people(form), _what_is_missing(request, form)
    occurred_at = _when(request, form, errors)
    if errors:
        values = {**_untouched(), **form}
        return _form(request, "incident_new.html", values=values, people=people, errors=errors)
    body: JsonObject = {
        "id": uuid_field(form, "id") or str(uuid4()),
        "kind": form["kind"],
        "severity": int(form["severity"]),
        "account": form["account"].strip(),
        "people": _as_asked(people),
        "occurred_at": occurred_at,
    }
    made = await api_of(request).post("/v1/incidents", json=body)
    said = wording_of(request).text("Reported. A manager decides about it.")
    return go_to(request, f"{URL}/{made['id']}", say=said)


async def involve(request: Request) -> Response:
    """Look for a guest, add one, or make room for somebody to describe, before anything is sent.

    The form comes back as it was typed: the whole page, or, for HTMX, its people alone.
    """
    form, api = await read_form(request), api_of(request)
    act, query = form.get("act", ""), form.get("query", "").strip()[:200]
    people = [one for one in _people(form) if one["part"] in words.PARTS]
    before, found = len(people), None
    if act == "search" and query:
        found = await api.get("/v1/customers", params={"query": query, "limit": 5})
    elif act == "describe" and before < MOST_PEOPLE:
        people += _nobody(1)
    elif act.startswith("add-") and before < MOST_PEOPLE:
        people = await _with_guest(api, people, uuid_field({"id": act[4:]}, "id"))
    added = len(people) - 1 if len(people) > before else None
    shown: JsonObject = {"people": people, "query": query, "found": found, "added": added}
    if is_fragment(request):
        full = len(people) >= MOST_PEOPLE
        return render_fragment(request, "_incident_involved.html", words=words, full=full, **shown)
    return _form(request, "incident_new.html", values={**_untouched(), **form}, **shown)


async def _with_guest(api: ApiCaller, people: list[Named], guest_id: str) -> list[Named]:
    """Once each; in the place of a description that nobody wrote."""
    if not guest_id or guest_id in {one["customer_id"] for one in people}:
        return people
    guest = await api.get(f"/v1/customers/{guest_id}")
    written = [one for one in people if one["customer_id"] or (one["description"] or "").strip()]
    return [*written, _named(guest["id"], guest["name"])]


async def edit(request: Request) -> Response:
    found = await api_of(request).get(_api_path(request))
    is_about(request, found["venue"]["id"])
    values = _values_of(request, found)
    people = [*_people_of(found), *_nobody(1)]
    return _form(request, "incident_edit.html", values=values, people=people, incident=found)


async def correct(request: Request) -> Response:
    form, api = await read_form(request), api_of(request)
    people, errors = _people(form), _what_is_missing(request, form)
    found = await api.get(_api_path(request))
    is_about(request, found["venue"]["id"])
    before = _values_of(request, found)
    # To the minute: what was not touched stays as exact as it was.
    is_moved = form.get("at") != before["at"]
    occurred_at = _when(request, form, errors) if is_moved else None
    if not errors:
        body = _correction(form, people)
        if occurred_at is not None:
            body["occurred_at"] = occurred_at
        try:
            await api.patch(_api_path(request), json=body)
        except ApiProblemError as problem:
            if problem.code != "incident_changed":
                raise
            errors["changed"] = problem.code
            found = await api.get(_api_path(request))
    if not errors:
        return go_to(request, _path(request), say=wording_of(request).text("Corrected."))
    values: JsonObject = {**before, **form, "version": found["version"]}
    return _form(
        request,
        "incident_edit.html",
        values=values,
        people=people,
        incident=found,
        errors=errors,
    )


async def choose_person(request: Request) -> Response:
    """Guests whose name is like the query, to be put into the incident."""
    api = api_of(request)
    found = await api.get(_api_path(request))
    query = request.query_params.get("query", "").strip()[:200]
    page = await api.get("/v1/customers", params={"query": query, "limit": 10}) if query else None
    values = {"incident": found, "query": query, "page": page}
    return render(request, "incident_people.html", words=words, **values)


async def add_person(request: Request) -> Response:
    form, api = await read_form(request), api_of(request)
    found = await api.get(_api_path(request))
    people = _people_of(found)
    customer_id, part = uuid_field(form, "customer_id"), form.get("part", "")
    version = form.get("version", "0")
    if customer_id and part in words.PARTS and version.isdecimal():
        people.append({"customer_id": customer_id, "name": None, "description": None, "part": part})
        body = {"version": int(version), "people": _as_asked(people)}
        await api.patch(_api_path(request), json=body)
    return go_to(request, _path(request))


# ── people ──────────────────────────────────────────────────────────────────────────────────
async def _whom_it_is_about(request: Request) -> list[Named]:
    api, given = api_of(request), dict(request.query_params)
    guest_id, photo_id = uuid_field(given, "guest"), uuid_field(given, "photo")
    if guest_id:
        guest = await api.get(f"/v1/customers/{guest_id}")
        return [_named(guest["id"], guest["name"])]
    if photo_id:
        return await _in_photo(api, photo_id, uuid_field(given, "face"))
    return []


async def _in_photo(api: ApiCaller, photo_id: str, face_id: str) -> list[Named]:
    photo = await api.get(f"/v1/photos/{photo_id}")
    shown = [face["customer"] for face in photo["faces"] if face["id"] == face_id]
    return [_named(guest["id"], guest["name"]) for guest in shown if guest]


def _named(customer_id: str, name: str) -> Named:
    return {"customer_id": customer_id, "name": name, "description": None, "part": "actor"}


def _nobody(count: int) -> list[Named]:
    return [
        {"customer_id": None, "name": None, "description": "", "part": "actor"}
        for _ in range(count)
    ]


def _people_of(found: JsonObject) -> list[Named]:
    """Two files that were made one may be in it twice; actors come first, and that part stays."""
    kept = ("customer_id", "name", "description", "part")
    people = [{key: one[key] for key in kept} for one in found["people"]]
    described = [one for one in people if one["description"]]
    guests = {one["customer_id"]: one for one in reversed(people) if one["customer_id"]}
    return [*reversed(guests.values()), *described]


def _people(form: dict[str, str]) -> list[Named]:
    """As the form names them: ``person-0-part``, with a customer or a description."""
    people: list[Named] = []
    for number in range(MOST_PEOPLE):
        prefix = f"person-{number}-"
        if f"{prefix}part" not in form:
            continue
        customer_id = uuid_field(form, f"{prefix}customer_id") or None
        people.append(
            {
                "customer_id": customer_id,
                "name": form.get(f"{prefix}name") if customer_id else None,
                "description": None if customer_id else form.get(f"{prefix}description", ""),
                "part": form[f"{prefix}part"],
            }
        )
    return people


def _as_asked(people: list[Named]) -> list[JsonObject]:
    """For the API; those without a part, or without any words, are left out."""
    asked: list[JsonObject] = []
    for one in people:
        if one["part"] not in words.PARTS:
            continue
        if one["customer_id"]:
            asked.append({"part": one["part"], "customer_id": one["customer_id"]})
        elif (one["description"] or "").strip():
            asked.append({"part": one["part"], "description": (one["description"] or "").strip()})
    return asked


# ── what was typed ──────────────────────────────────────────────────────────────────────────
def _values_of(request: Request, found: JsonObject) -> JsonObject:
    return {
        "version": found["version"],
        "kind": found["kind"],
        "severity": str(found["severity"]),
        "account": found["account"],
        "at": wording_of(request).typed(found["occurred_at"]),
        "reason": "",
    }


def _correction(form: dict[str, str], people: list[Named]) -> JsonObject:
    version, reason = form.get("version", "0"), form.get("reason", "").strip()
    body: JsonObject = {
        "version": int(version) if version.isdecimal() else 0,
        "kind": form["kind"],
        "severity": int(form["severity"]),
        "account": form["account"].strip(),
        "people": _as_asked(people),
    }
    return body | {"reason": reason[:1_000]} if reason else body


def _what_is_missing(request: Request, form: dict[str, str]) -> JsonObject:
    say, errors = wording_of(request).text, {}
    if form.get("kind") not in words.KINDS:
        errors["kind"] = say("Choose what it was.")
    if form.get("severity") not in {"1", "2", "3", "4", "5"}:
        errors["severity"] = say("Choose how bad it was.")
    account = form.get("account", "").strip()
    if not account:
        errors["account"] = say("Say in a few words what happened.")
    elif len(account) > 10_000:
        errors["account"] = say("This has more than 10,000 characters. Attach a document instead.")
    return errors


def _when(request: Request, form: dict[str, str], errors: JsonObject) -> str | None:
    """None is now. An error is added where the time cannot be meant."""
    now = web(request).clock()
    ago = form.get("ago", "at" if form.get("at") else "0")
    if ago in words.AGO_MINUTES:
        minutes = int(ago)
        return (now - timedelta(minutes=minutes)).isoformat() if minutes else None
    try:
        moment = wording_of(request).moment_typed(form.get("at", ""))
    except ValueError:
        moment = None
    if moment is None or not now - timedelta(days=1_800) < moment <= now + timedelta(minutes=5):
        errors["at"] = wording_of(request).text("Say when it was: a time that has passed.")
        return None
    return moment.isoformat()


def _form(
    request: Request,
    template: str,
    *,
    values: JsonObject,
    people: list[Named],
    errors: JsonObject | None = None,
    incident: JsonObject | None = None,
    **search: object,
) -> Response:
    status_code = 200 if not errors else 409 if "changed" in errors else 422
    return render(
        request,
        template,
        status_code=status_code,
        values=values,
        people=people,
        errors=errors or {},
        incident=incident,
        words=words,
        now=wording_of(request).typed(web(request).clock()),
        full=len(people) >= MOST_PEOPLE,
        **{"query": "", "found": None, "added": None, **search},
    )


def _path(request: Request) -> str:
    return f"{URL}/{request.path_params['incident_id']}"


def _api_path(request: Request) -> str:
    return f"/v1{_path(request)}"


_ONE = f"{URL}/{{incident_id:uuid}}"
ROUTES = [
    Route(f"{URL}/new", new),
    Route(f"{URL}/new/people", involve, methods=["POST"]),
    Route(URL, create, methods=["POST"]),
    Route(f"{_ONE}/edit", edit),
    Route(_ONE, correct, methods=["POST"]),
    Route(f"{_ONE}/people", choose_person),
    Route(f"{_ONE}/people", add_person, methods=["POST"]),
]
