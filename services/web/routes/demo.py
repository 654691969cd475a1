"""Demo guests: loaded, tried with a sample photo, removed."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.web.forms import read_form
from services.web.rendering import api_of, go_to, is_fragment, render_fragment, wording_of


async def load(request: Request) -> Response:
    await read_form(request)
    demo = await api_of(request).post("/v1/demo")
    if is_fragment(request):
        return render_fragment(request, "_demo.html", demo=demo)
    return go_to(request, "/")


async def progress(request: Request) -> Response:
    """Asked for every second while the guests load; the page starts anew once they are there."""
    demo = await api_of(request).get("/v1/demo")
    if demo["state"] == "loaded" and is_fragment(request):
        return go_to(request, "/")
    return render_fragment(request, "_demo.html", demo=demo)


async def try_sample(request: Request) -> Response:
    await read_form(request)
    sample_id = request.path_params["sample_id"]
    accepted = await api_of(request).post(f"/v1/demo/samples/{sample_id}/photo")
    return go_to(request, f"/photos/{accepted['id']}")


async def remove(request: Request) -> Response:
    await read_form(request)
    await api_of(request).delete("/v1/demo")
    said = wording_of(request).text("The demo guests were removed, with their faces and visits.")
    return go_to(request, "/system", say=said)


ROUTES = [
    Route("/demo", load, methods=["POST"]),
    Route("/demo/progress", progress),
    Route("/demo/samples/{sample_id}/photo", try_sample, methods=["POST"]),
    Route("/demo/remove", remove, methods=["POST"]),
]
