"""The door: where every guest begins."""

import asyncio
from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from services.web.access import NoPermissionError
from services.web.api_client import JsonObject
from services.web.person import offered
from services.web.rendering import api_of, person_of, render, render_fragment, web

# Results are for the moment: after half an hour they leave the door's screen.
_RECENT = timedelta(minutes=30)
_RECENT_COUNT = 3


async def door(request: Request) -> Response:
    """Whoever does not work at the door begins where they do."""
    api, person = api_of(request), person_of(request)
    if not person.can("photos.identify"):
        elsewhere = offered(web(request).places, person)
        if elsewhere:
            return RedirectResponse(elsewhere[0].path, status_code=303)
        raise NoPermissionError
    status, demo, photos = await asyncio.gather(
        api.get("/v1/status"), api.get("/v1/demo"), api.get("/v1/photos")
    )
    recent = _recent(photos["items"], web(request).clock())
    is_empty = status["customers"] == 0
    return render(
        request,
        "door.html",
        status=status,
        demo=demo,
        recent=recent,
        is_empty=is_empty,
        upload_limit_bytes=status["max_upload_bytes"],
    )


async def recent(request: Request) -> Response:
    """The last results again; asked for every half minute, so that they fade."""
    photos = await api_of(request).get("/v1/photos")
    shown = _recent(photos["items"], web(request).clock())
    return render_fragment(request, "_recent.html", recent=shown)


def _recent(photos: list[JsonObject], now: datetime) -> list[JsonObject]:
    return [
        {**photo, "is_fading": now - datetime.fromisoformat(photo["created_at"]) > _RECENT / 2}
        for photo in photos
        if now - datetime.fromisoformat(photo["created_at"]) < _RECENT
    ][:_RECENT_COUNT]


ROUTES = [Route("/", door), Route("/door/recent", recent)]
