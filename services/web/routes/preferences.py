"""Language and theme. They change nothing but how this browser is answered, so links do."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from services.web.i18n import LOCALES
from services.web.onward import own_path
from services.web.rendering import THEMES, web

_YEAR_S = 365 * 24 * 3600
_CHOICES = {"language": tuple(LOCALES), "theme": THEMES}


async def choose(request: Request) -> Response:
    response = RedirectResponse(own_path(request.query_params.get("next", "/")), 303)
    for name, allowed in _CHOICES.items():
        value = request.query_params.get(name)
        if value in allowed:
            response.set_cookie(
                f"vestibule_{name}",
                value,
                max_age=_YEAR_S,
                path="/",
                secure=web(request).secure_cookies,
                httponly=True,
                samesite="lax",
            )
    return response


ROUTES = [Route("/preferences", choose)]
