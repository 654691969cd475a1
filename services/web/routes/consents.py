"""A guest's consent: recorded, withdrawn."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.web.forms import read_form
from services.web.rendering import api_of, go_to, wording_of
from services.web.routes.enrolments import consent_given


async def record(request: Request) -> Response:
    form = await read_form(request)
    guest_url = f"/guests/{request.path_params['guest_id']}"
    if form.get("consent") != "given":
        return go_to(request, f"{guest_url}/consent")
    path = f"/v1/customers/{request.path_params['guest_id']}/consents"
    await api_of(request).post(path, json=consent_given(form))
    return go_to(request, guest_url, say=wording_of(request).text("The consent is on record."))


async def withdraw(request: Request) -> Response:
    await read_form(request)
    path = "/v1/customers/{guest_id}/consents/{consent_id}/withdrawal"
    await api_of(request).post(path.format(**request.path_params))
    said = wording_of(request).text(
        "The consent is withdrawn. From now on no photo recognises this guest."
    )
    return go_to(request, f"/guests/{request.path_params['guest_id']}", say=said)


ROUTES = [
    Route("/guests/{guest_id:uuid}/consents", record, methods=["POST"]),
    Route(
        "/guests/{guest_id:uuid}/consents/{consent_id:uuid}/withdraw", withdraw, methods=["POST"]
    ),
]
