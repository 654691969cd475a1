"""Jobs that failed or wait, the queues and the workers, and what can be done about them."""

import asyncio

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.web import job_words
from services.web.forms import read_form
from services.web.rendering import api_of, go_to, render, wording_of
from services.web.words import N_

URL = "/system/jobs"
_PAGE_SIZE = 20
_DEEDS = {
    "retry": N_("It waits for a worker again."),
    "dismissal": N_("Dismissed. The audit log keeps that it failed and who dismissed it."),
    "cancellation": N_("Cancelled: no worker takes it any more."),
}


async def jobs(request: Request) -> Response:
    api = api_of(request)
    asked = request.query_params.get("state", "")
    state = asked if asked in job_words.STATES else "failed"
    params: dict[str, str | int] = {"state": state, "limit": _PAGE_SIZE, **_offset(request)}
    overview, page = await asyncio.gather(
        api.get("/v1/jobs/overview"), api.get("/v1/jobs", params=params)
    )
    counts = {
        name: sum(queue[column] for queue in overview["queues"])
        for name, column in (("failed", "failed"), ("queued", "waiting"), ("running", "running"))
    }
    return render(
        request,
        "jobs.html",
        overview=overview,
        page=page,
        state=state,
        counts=counts,
        words=job_words,
    )


async def act(request: Request) -> Response:
    """Try again, dismiss or cancel; the list that the button was in comes back."""
    form = await read_form(request)
    deed = request.path_params["deed"]
    if deed not in _DEEDS:
        raise HTTPException(404)
    await api_of(request).post(f"/v1/jobs/{request.path_params['id']}/{deed}")
    state = form.get("state", "")
    back = f"{URL}?state={state}" if state in job_words.STATES else URL
    return go_to(request, back, say=wording_of(request).text(_DEEDS[deed]))


async def forget_unreadable(request: Request) -> Response:
    await read_form(request)
    await api_of(request).delete("/v1/jobs/unreadable")
    return go_to(request, URL, say=wording_of(request).text("The list is empty."))


def _offset(request: Request) -> dict[str, int]:
    asked = request.query_params.get("offset", "")
    return {"offset": int(asked)} if asked.isascii() and asked.isdigit() and len(asked) < 7 else {}


ROUTES = [
    Route(URL, jobs),
    Route(f"{URL}/unreadable/forget", forget_unreadable, methods=["POST"]),
    Route(f"{URL}/{{id:uuid}}/{{deed}}", act, methods=["POST"]),
]
