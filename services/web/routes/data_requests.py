"""The officer's desk of requests about data: what waits, until when, and what was answered."""

from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.web import request_words as words
from services.web.api_client import ApiProblemError, JsonObject
from services.web.forms import read_form
from services.web.rendering import api_of, go_to, person_of, render, wording_of

URL = "/privacy/requests"
_API = "/v1/data-requests"
_PAGE_SIZE = 50
_PARTS = ("identity", "extension", "notes", "outcome")


async def listing(request: Request) -> Response:
    state = "closed" if request.query_params.get("state") == "closed" else "open"
    offset = request.query_params.get("offset", "0")
    start = int(offset) if offset.isdigit() else 0
    params: dict[str, str | int] = {"state": state, "limit": _PAGE_SIZE, "offset": start}
    page = await api_of(request).get(_API, params=params)
    return render(request, "data_requests.html", page=page, state=state, words=words)


async def new(request: Request) -> Response:
    return await _new(request, {"customer_id": request.query_params.get("guest", "")}, {})


async def take_down(request: Request) -> Response:
    """What was typed is kept where something does not fit."""
    form = await read_form(request)
    body: JsonObject = {
        "right": form.get("right", ""),
        "channel": form.get("channel", ""),
        "words": form.get("words", ""),
        "identity": form.get("identity") or None,
        "received_on": form.get("received_on") or None,
    }
    if form.get("customer_id"):
        body["customer_id"] = form["customer_id"]
    else:
        body["requester"] = form.get("requester", "")
    try:
        made = await api_of(request).post(_API, json=body)
    except ApiProblemError as problem:
        if problem.status != 422:
            raise
        return await _new(request, form, _what_does_not_fit(request, problem, form))
    wording = wording_of(request)
    said = wording.text("Taken down. It is due on %(day)s.", day=wording.day(made["due_on"]))
    if person_of(request).can("privacy.requests"):
        return go_to(request, f"{URL}/{made['id']}", say=said)
    back = f"/guests/{form['customer_id']}" if form.get("customer_id") else "/"
    return go_to(request, back, say=said)


def _what_does_not_fit(
    request: Request, problem: ApiProblemError, form: Mapping[str, str]
) -> dict[str, str]:
    say = wording_of(request).text
    fields = str(problem.facts.get("fields", ""))
    if "received_on" in fields:
        return {"received_on": say("Give a day of the last year, today at the latest.")}
    if not form.get("customer_id") and not form.get("requester", "").strip():
        return {"requester": say("Say who asks.")}
    return {"right": say("Say what is asked, and how it came.")}


async def _new(request: Request, values: Mapping[str, str], errors: dict[str, str]) -> Response:
    customer_id = values.get("customer_id", "")
    guest = await api_of(request).get(f"/v1/customers/{customer_id}") if customer_id else None
    return render(
        request,
        "data_request_new.html",
        status_code=422 if errors else 200,
        guest=guest,
        values={
            name: values.get(name, "")
            for name in ("right", "channel", "requester", "received_on", "words", "identity")
        },
        errors=errors,
        words=words,
    )


async def one(request: Request) -> Response:
    return await _page(request)


async def act(request: Request) -> Response:
    """One of the forms of the page; what was typed stays where it is refused."""
    form, say = await read_form(request), wording_of(request).text
    part = request.path_params["part"]
    if part not in _PARTS:
        raise HTTPException(404)
    body: JsonObject = {"words": form.get("words", "")}
    if part == "identity":
        body["identity"] = form.get("identity", "")
    elif part == "extension":
        body = {"reason": form.get("words", ""), "told_by": form.get("told_by", "")}
    elif part == "outcome":
        body["outcome"] = form.get("outcome", "")
    else:
        body["is_telling"] = form.get("is_telling") == "yes"
    try:
        await api_of(request).post(f"{_path(request)}/{part}", json=body)
    except ApiProblemError as problem:
        if problem.status == 422:
            error = say("Choose, and say it in a few words: it is kept with the request.")
        elif problem.code == "identity_unchecked":
            error = say("Note first how their identity was checked.")
        elif problem.status == 409:
            error = say("This has changed since you opened it. Nothing was done.")
        else:
            raise
        return await _page(request, part, form, error, status_code=problem.status)
    return go_to(request, f"{URL}/{request.path_params['request_id']}", say=say(words.SAID[part]))


async def _page(
    request: Request,
    part: str = "",
    typed: Mapping[str, str] | None = None,
    error: str = "",
    *,
    status_code: int = 200,
) -> Response:
    found = await api_of(request).get(_path(request))
    return render(
        request,
        "data_request.html",
        status_code=status_code,
        found=found,
        words=words,
        typed={part: typed or {}},
        errors={part: error} if error else {},
    )


def _path(request: Request) -> str:
    return f"{_API}/{request.path_params['request_id']}"


ROUTES = [
    Route(URL, listing),
    Route(URL, take_down, methods=["POST"]),
    Route(f"{URL}/new", new),
    Route(f"{URL}/{{request_id:uuid}}", one),
    Route(f"{URL}/{{request_id:uuid}}/{{part:str}}", act, methods=["POST"]),
]
