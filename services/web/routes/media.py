"""Pictures, passed through with the session. They show people: no browser may keep them."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.web.pass_through import hand_out


def _picture(api_path: str) -> Callable[[Request], Awaitable[Response]]:
    async def show(request: Request) -> Response:
        path = api_path.format(**request.path_params)
        return await hand_out(request, path, media_type="image/jpeg")

    return show


ROUTES = [
    Route("/photos/{id:uuid}/image", _picture("/v1/photos/{id}/image")),
    Route("/faces/{id:uuid}/crop", _picture("/v1/faces/{id}/crop")),
    Route("/enrolments/{id:uuid}/picture", _picture("/v1/enrolments/{id}/picture")),
    Route("/guests/{id:uuid}/portrait", _picture("/v1/customers/{id}/portrait")),
    Route("/templates/{id:uuid}/crop", _picture("/v1/templates/{id}/crop")),
    Route("/demo/samples/{id}/thumbnail", _picture("/v1/demo/samples/{id}/thumbnail")),
]
