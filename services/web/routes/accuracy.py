"""How good recognition is: reports, answers first, then charts with their tables."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.web.accuracy_view import JsonList, paired_chart, view_of
from services.web.api_client import ApiProblemError
from services.web.forms import read_form
from services.web.rendering import api_of, go_to, render, wording_of

PATH = "/system/accuracy"


async def accuracy(request: Request) -> Response:
    """One report, and a second beside it where ``with`` names one."""
    api = api_of(request)
    items: JsonList = (await api.get("/v1/accuracy-reports"))["items"]
    chosen = request.query_params.get("report") or _first(items)
    if chosen is None:
        return render(request, "accuracy.html", items=items, view=None, other=None, paired=None)
    translate = wording_of(request).text
    view = view_of(await api.get(f"/v1/accuracy-reports/{_one(items, chosen)}"), translate)
    second = request.query_params.get("with")
    other = paired = None
    if second and second != chosen:
        other = view_of(await api.get(f"/v1/accuracy-reports/{_one(items, second)}"), translate)
        paired = paired_chart(view, other, translate)
    return render(request, "accuracy.html", items=items, view=view, other=other, paired=paired)


async def forget(request: Request) -> Response:
    """Remove a stored report; those that came with the product stay."""
    await read_form(request)
    await api_of(request).delete(f"/v1/accuracy-reports/{request.path_params['id']}")
    return go_to(request, PATH, say=wording_of(request).text("The report was removed."))


def _first(items: JsonList) -> str | None:
    """The newest of the engine in use, kept here or shipped; else the first there is."""
    here = [item for item in items if item["is_this_space"]]
    return next((str(item["id"]) for item in [*here, *items]), None)


def _one(items: JsonList, report_id: str) -> str:
    """The id, if there is such a report: what stands in the address bar goes no further."""
    if any(item["id"] == report_id for item in items):
        return report_id
    raise ApiProblemError(404, {"code": "not_found"})


ROUTES = [
    Route(PATH, accuracy),
    Route(PATH + "/{id}/forget", forget, methods=["POST"]),
]
