"""Model packs: licence, terms, provenance, and whether the files are what they must be."""

import asyncio
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.web.forms import read_form
from services.web.rendering import api_of, go_to, render, wording_of

PAGE = "/system/models"


async def models(request: Request) -> Response:
    return await _page(request)


async def verify(request: Request) -> Response:
    """Compare the files now; a few hundred megabytes take a second."""
    await read_form(request)
    name = request.path_params["name"]
    check = await api_of(request).post(f"/v1/models/{quote(name, safe='')}/verification")
    wording = wording_of(request)
    if check["faults"]:
        said = wording.text("%(pack)s is not what it must be: see below.", pack=name)
    else:
        said = wording.text("Every file of %(pack)s is what it must be.", pack=name)
    return go_to(request, f"{PAGE}#pack-{name}", say=said)


async def accept(request: Request) -> Response:
    """The box must be ticked, and the words must still be those that were shown."""
    form = await read_form(request)
    name = request.path_params["name"]
    if form.get("accepted") != "yes":
        return await _page(request, unticked=name, status_code=422)
    await api_of(request).post(
        f"/v1/models/{quote(name, safe='')}/acceptance",
        json={"terms_sha256": form.get("terms_sha256", "")},
    )
    said = wording_of(request).text("Recorded: the terms of %(pack)s are accepted.", pack=name)
    return go_to(request, f"{PAGE}#pack-{name}", say=said)


async def _page(
    request: Request, *, unticked: str | None = None, status_code: int = 200
) -> Response:
    api = api_of(request)
    status, packs = await asyncio.gather(api.get("/v1/status"), api.get("/v1/models"))
    return render(
        request,
        "models.html",
        status=status,
        packs=packs,
        unticked=unticked,
        path=PAGE,
        status_code=status_code,
    )


ROUTES = [
    Route(PAGE, models),
    Route(PAGE + "/{name}/verification", verify, methods=["POST"]),
    Route(PAGE + "/{name}/acceptance", accept, methods=["POST"]),
]
