"""Every page asks the API who is signed in, and is refused to whom it is not for."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from services.web.person import Person, page_permissions
from services.web.rendering import person_of, require_session, session_of, web

_ACCOUNT = "/account"
"""All that opens to whoever owes a second factor: there it is set up."""
Endpoint = Callable[[Request], Awaitable[Response]]


class NoPermissionError(Exception):
    """The page is not for whoever is signed in."""


async def meet(request: Request) -> None:
    """Ask the API who is signed in, once a request."""
    session = session_of(request)
    if session is None or hasattr(request.state, "person"):
        return
    said = await web(request).api.caller(session.access_token).get("/v1/session")
    request.state.person = Person(
        name=said["name"],
        is_person=said["account_id"] is not None,
        permissions={held["permission"]: held["venue_ids"] for held in said["permissions"]},
        owes_second_factor=said["owes_second_factor"],
        venue=said["venue"],
        venues=said["venues"],
        appeals_overdue=said.get("appeals_overdue", 0),
        requests_pressing=said.get("requests_pressing", 0),
    )


def knowing(route: Route) -> Route:
    """The same route, where it is known who asks."""
    inner: Endpoint = route.endpoint
    methods = sorted(route.methods or ())
    needed = page_permissions(route.path) if "GET" in methods else ()

    async def endpoint(request: Request) -> Response:
        if needed != ():
            require_session(request)
        await meet(request)
        if person_of(request).owes_second_factor and not route.path.startswith(_ACCOUNT):
            return RedirectResponse(_ACCOUNT, status_code=303)
        if session_of(request) is not None and not _is_for(person_of(request), needed):
            raise NoPermissionError
        return await inner(request)

    return Route(route.path, endpoint, methods=methods, name=route.name)


def _is_for(person: Person, needed: tuple[str, ...] | None) -> bool:
    return needed is not None and (not needed or person.can(*needed))
