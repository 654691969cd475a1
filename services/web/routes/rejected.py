"""A rejected enrolment taken up again: accepted with a reason, or the guest's face picked."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.web.api_client import JsonObject
from services.web.forms import read_form, uuid_field
from services.web.rendering import api_of, go_to, is_fragment, wording_of
from services.web.routes.enrolments import show_outcome

_SHORTEST_REASON, _LONGEST_REASON = 10, 500


async def override(request: Request) -> Response:
    """Accept the photo in spite of what was found."""
    form = await read_form(request)
    api, enrolment_id = api_of(request), request.path_params["enrolment_id"]
    reason, photo_id = form.get("reason", "").strip(), uuid_field(form, "photo_id")
    if not _SHORTEST_REASON <= len(reason) <= _LONGEST_REASON:
        return await show_outcome(
            request,
            await api.get(f"/v1/enrolments/{enrolment_id}"),
            photo_id,
            override_reason=reason,
            override_error=wording_of(request).text(
                "Write the reason in ten to five hundred characters."
            ),
        )
    codes = [code for code in form.get("codes", "").split(",") if code]
    body = {"codes": codes, "reason": reason}
    enrolment = await api.post(f"/v1/enrolments/{enrolment_id}/override", json=body)
    return await _go_on(request, enrolment, photo_id)


async def pick(request: Request) -> Response:
    """Say which of the two faces is the guest's."""
    form = await read_form(request)
    path = f"/v1/enrolments/{request.path_params['enrolment_id']}/face"
    face = 2 if form.get("face") == "2" else 1
    enrolment = await api_of(request).post(path, json={"face": face})
    return await _go_on(request, enrolment, uuid_field(form, "photo_id"))


async def _go_on(request: Request, enrolment: JsonObject, photo_id: str) -> Response:
    """The sheet waits in place; a page goes to where the outcome will be, so reloading is safe."""
    if is_fragment(request):
        return await show_outcome(request, enrolment, photo_id)
    return go_to(request, f"/enrolments/{enrolment['id']}?photo={photo_id}")


ROUTES = [
    Route("/enrolments/{enrolment_id:uuid}/override", override, methods=["POST"]),
    Route("/enrolments/{enrolment_id:uuid}/face", pick, methods=["POST"]),
]
