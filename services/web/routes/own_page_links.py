"""Links to a guest's own page: made for them with a QR code, looked at, taken back."""

import segno
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.web import request_words
from services.web.api_client import JsonObject
from services.web.forms import read_form
from services.web.pass_through import hand_out
from services.web.rendering import api_of, go_to, render, wording_of

_PAGE = "/guests/{guest_id:uuid}/own-page"
WAYS = ("known_in_person", "document_seen", "contact_on_file")


async def listing(request: Request) -> Response:
    return await _page(request)


async def make(request: Request) -> Response:
    """The link is shown this once."""
    form = await read_form(request)
    identity = form.get("identity", "")
    body = {"identity": identity if identity in WAYS else WAYS[0]}
    return await _page(request, await api_of(request).post(_path(request), json=body))


async def take_back(request: Request) -> Response:
    await read_form(request)
    await api_of(request).delete(f"{_path(request)}/{request.path_params['link_id']}")
    said = wording_of(request).text("The link opens nothing any more.")
    return go_to(request, f"/guests/{request.path_params['guest_id']}/own-page", say=said)


async def restrict(request: Request) -> Response:
    """Restricted, or lifted once the guest was told."""
    form = await read_form(request)
    path = f"/v1/customers/{request.path_params['guest_id']}/restriction"
    say = wording_of(request).text
    if form.get("to") != "lift":
        await api_of(request).post(path)
        said = say("Restricted. No photo finds this guest from now on.")
    elif form.get("told") == "yes":
        await api_of(request).post(f"{path}/lifting", json={"person_was_told": True})
        said = say("Lifted.")
    else:
        said = say("Nothing was lifted: tell the guest first.")
    return go_to(request, f"/guests/{request.path_params['guest_id']}/own-page", say=said)


async def export(request: Request) -> Response:
    """All their data as a file, for who asked by letter."""
    path = f"/v1/customers/{request.path_params['guest_id']}/personal-data"
    return await hand_out(request, path, media_type="application/zip")


async def _page(request: Request, made: JsonObject | None = None) -> Response:
    api, guest_id = api_of(request), request.path_params["guest_id"]
    guest = await api.get(f"/v1/customers/{guest_id}")
    links = await api.get(_path(request))
    url = f"{str(request.base_url).rstrip('/')}{made['path']}" if made else ""
    return render(
        request,
        "guest_own_page.html",
        guest=guest,
        links=links["items"],
        made=made,
        url=url,
        qr_svg=_drawn(url) if url else "",
        identities={way: request_words.IDENTITIES[way] for way in WAYS},
        identity_words=request_words.IDENTITIES,
    )


def _drawn(url: str) -> str:
    """Black on white whatever the theme: phones read it then."""
    code = segno.make(url, error="m", micro=False)
    return code.svg_inline(scale=4, border=4, dark="#000", light="#fff", omitsize=True)


def _path(request: Request) -> str:
    return f"/v1/customers/{request.path_params['guest_id']}/personal-links"


ROUTES = [
    Route(_PAGE, listing),
    Route(_PAGE, make, methods=["POST"]),
    Route(f"{_PAGE}/{{link_id:uuid}}/take-back", take_back, methods=["POST"]),
    Route(f"{_PAGE}/restriction", restrict, methods=["POST"]),
    Route(f"{_PAGE}/data.zip", export),
]
