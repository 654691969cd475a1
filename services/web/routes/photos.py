"""A photo: taken in as a stream, its progress, its result."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.web import csrf
from services.web.api_client import ApiCaller, ApiProblemError, JsonObject
from services.web.forms import StreamedForm, read_form
from services.web.pass_through import PassThrough
from services.web.photo_view import photo_view
from services.web.problems import RefusedError, refuse_upload
from services.web.rendering import (
    api_of,
    go_to,
    is_fragment,
    render,
    render_fragment,
    require_session,
    web,
    wording_of,
)

_UPLOAD = "/v1/photos"


async def upload(request: Request) -> Response:
    """Pass a photo on while it arrives: a plain form's file, or a script's raw body."""
    api = api_of(request)
    try:
        if request.headers.get("content-type", "").startswith("multipart/form-data"):
            accepted = await _upload_form(request, api)
        else:
            accepted = await _upload_body(request, api)
    except ApiProblemError as problem:
        return await refuse_upload(request, problem)
    url = f"/photos/{accepted['id']}"
    if request.headers.get("accept", "").startswith("application/json"):
        return JSONResponse({"url": url, "events_url": f"{url}/events"}, 202)
    return go_to(request, url)


async def _upload_form(request: Request, api: ApiCaller) -> JsonObject:
    form = await StreamedForm.read(request)
    accepted: JsonObject = await api.send(
        _UPLOAD, form.file(), content_type=form.content_type, size_bytes=None
    )
    return accepted


async def _upload_body(request: Request, api: ApiCaller) -> JsonObject:
    web(request).csrf.require(request, require_session(request), request.headers.get(csrf.HEADER))
    length = request.headers.get("content-length", "")
    accepted: JsonObject = await api.send(
        _UPLOAD,
        request.stream(),
        content_type=request.headers.get("content-type", "application/octet-stream"),
        size_bytes=int(length) if length.isdecimal() else None,
    )
    return accepted


async def photo(request: Request) -> Response:
    found = await api_of(request).get(f"{_UPLOAD}/{request.path_params['photo_id']}")
    view = photo_view(found)
    if is_fragment(request):
        return render_fragment(request, "_photo.html", view=view, photo=found)
    return render(request, "photo.html", view=view, photo=found)


async def face(request: Request) -> Response:
    """One face's card as it is now: somebody else may have answered meanwhile."""
    photo_id = request.path_params["photo_id"]
    found = await api_of(request).get(f"{_UPLOAD}/{photo_id}")
    view, face_id = photo_view(found), str(request.path_params["face_id"])
    card = next((card for card in view.cards if card.face["id"] == face_id), None)
    if card is None:
        raise RefusedError(404, "not_found")
    if not is_fragment(request):
        return go_to(request, f"/photos/{photo_id}#face-{card.number}")
    values = {"card": card, "view": view, "photo": found, "photo_id": photo_id}
    return render_fragment(request, "_face_answer.html", **values)


async def events(request: Request) -> Response:
    """The API's events, passed on as they come."""
    path = f"{_UPLOAD}/{request.path_params['photo_id']}/events"
    stream = await api_of(request).open(path)
    return PassThrough(stream, media_type="text/event-stream")


async def delete(request: Request) -> Response:
    await read_form(request)
    await api_of(request).delete(f"{_UPLOAD}/{request.path_params['photo_id']}")
    said = wording_of(request).text("The photo was removed, with everything that hung on it.")
    return go_to(request, "/", say=said)


ROUTES = [
    Route("/photos", upload, methods=["POST"]),
    Route("/photos/{photo_id:uuid}", photo),
    Route("/photos/{photo_id:uuid}/events", events),
    Route("/photos/{photo_id:uuid}/faces/{face_id:uuid}", face),
    Route("/photos/{photo_id:uuid}/delete", delete, methods=["POST"]),
]
