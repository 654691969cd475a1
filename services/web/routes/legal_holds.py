"""Legal holds: which there are, and how one is placed and lifted."""

from datetime import date, timedelta
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.web.api_client import ApiProblemError
from services.web.forms import read_form
from services.web.rendering import api_of, go_to, render, web, wording_of

URL = "/privacy/retention/holds"
_API = "/v1/legal-holds"


async def holds(request: Request) -> Response:
    """The form is shown for the guest or the incident that the address names."""
    asked = {name: _id(request.query_params.get(name, "")) for name in ("guest", "incident")}
    return await _page(request, asked, {"reason": "", "until": ""}, {})


async def place(request: Request) -> Response:
    form = await read_form(request)
    asked = {name: _id(form.get(name, "")) for name in ("guest", "incident")}
    wording = wording_of(request)
    values = {"reason": form.get("reason", "").strip()[:2_000], "until": form.get("until", "")[:10]}
    ends_at = wording.day_begins(values["until"], days_later=1)
    if ends_at is None:
        errors = {"until": wording.text("Name the last day of the hold.")}
        return await _page(request, asked, values, errors, status_code=422)
    body = {
        "customer_id": asked["guest"],
        "incident_id": asked["incident"],
        "reason": values["reason"],
        "ends_at": ends_at,
    }
    try:
        await api_of(request).post(_API, json=body)
    except ApiProblemError as problem:
        if problem.status != 422:
            raise
        errors = (
            {"until": wording.text("It ends after today, within three years.")}
            if problem.facts.get("fields") == ["ends_at"]
            else {"reason": wording.text("Say why, in a few words: it is kept with the hold.")}
        )
        return await _page(request, asked, values, errors, status_code=422)
    said = wording.text("Held. Nothing of it expires until then.")
    return go_to(request, f"/guests/{asked['guest']}" if asked["guest"] else URL, say=said)


async def lift(request: Request) -> Response:
    form = await read_form(request)
    say = wording_of(request).text
    path = f"{_API}/{request.path_params['hold_id']}/lift"
    try:
        await api_of(request).post(path, json={"reason": form.get("reason", "").strip()[:2_000]})
    except ApiProblemError as problem:
        if problem.status not in (409, 422):
            raise
        said = (
            say("This hold was over already.")
            if problem.status == 409
            else say("Nothing was changed: say why, in a few words.")
        )
        return go_to(request, URL, say=said)
    return go_to(request, URL, say=say("Lifted. What was due meanwhile goes within minutes."))


async def _page(
    request: Request,
    asked: dict[str, str | None],
    values: dict[str, str],
    errors: dict[str, str],
    *,
    status_code: int = 200,
) -> Response:
    api = api_of(request)
    found = await api.get(_API)
    guest = await api.get(f"/v1/customers/{asked['guest']}") if asked["guest"] else None
    today: date = web(request).clock().date()
    return render(
        request,
        "legal_holds.html",
        status_code=status_code,
        holds=found["items"],
        asked=asked,
        guest=guest,
        values=values,
        errors=errors,
        earliest=today.isoformat(),
        latest=(today + timedelta(days=1_095)).isoformat(),
    )


def _id(text: str) -> str | None:
    try:
        return str(UUID(text))
    except ValueError:
        return None


ROUTES = [
    Route(URL, holds),
    Route(URL, place, methods=["POST"]),
    Route(f"{URL}/{{hold_id:uuid}}/lift", lift, methods=["POST"]),
]
