"""The pages as one ASGI application, mounted at ``/`` beside the API or served alone."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import httpx
from starlette.applications import Starlette
from starlette.routing import Mount, Route
from starlette.types import ASGIApp

from services.web.access import knowing
from services.web.api_client import ApiClient
from services.web.csrf import CsrfTokens
from services.web.handed_out import HandedOutLinks
from services.web.i18n import VenueTime
from services.web.person import served_places
from services.web.problems import HANDLERS
from services.web.rendering import WebContext, build_environments
from services.web.routes import (
    account,
    accuracy,
    agree,
    alerts,
    api_keys,
    audit,
    backup_places,
    batches,
    consents,
    data_requests,
    demo,
    door,
    duplicates,
    enrolments,
    erasures,
    faces,
    gallery,
    guest_faces,
    guest_lists,
    guests,
    health,
    incident_forms,
    incidents,
    installable,
    jobs,
    legal_holds,
    media,
    models,
    notices,
    offers,
    own_page,
    own_page_links,
    people,
    photos,
    preferences,
    privacy,
    provisions,
    rejected,
    retention,
    review,
    review_policy,
    sign_in,
    styleguide,
    system,
    thresholds,
    till,
    tonight,
    transparency,
    venues,
)
from services.web.security_headers import SecurityHeaders
from services.web.sessions import CookieSealer, SessionCookie
from services.web.static_files import STATIC_FOLDER, HashedStatic

_MODULES = (
    door,
    photos,
    faces,
    enrolments,
    rejected,
    guests,
    offers,
    duplicates,
    guest_lists,
    guest_faces,
    own_page_links,
    incident_forms,
    incidents,
    gallery,
    jobs,
    batches,
    consents,
    demo,
    system,
    accuracy,
    models,
    styleguide,
    thresholds,
    till,
    review,
    review_policy,
    audit,
    privacy,
    data_requests,
    retention,
    erasures,
    backup_places,
    notices,
    legal_holds,
    provisions,
    alerts,
    tonight,
    account,
    people,
    venues,
    api_keys,
)
"""Their pages know who is signed in."""
_OPEN_MODULES = (transparency, sign_in, agree, own_page, preferences, installable, health, media)
"""Pages before the sign-in, and what pages are made of: pictures ask the API themselves."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


def page_routes() -> list[Route]:
    """Every address, those that a signed-in person is known at first."""
    known = [knowing(route) for module in _MODULES for route in module.ROUTES]
    return known + [route for module in _OPEN_MODULES for route in module.ROUTES]


def create_web_app(
    *,
    api_base_url: str,
    secret_key: bytes,
    former_secret_key: bytes | None = None,
    secure_cookies: bool,
    time_zone: str = "Europe/Paris",
    closes_at_hour: int = 8,
    clock: Callable[[], datetime] = _utc_now,
    transport: httpx.AsyncBaseTransport | None = None,
) -> ASGIApp:
    """Make the application.

    ``secret_key`` is at least 32 random bytes that survive a restart, or everybody is signed out
    by one; what ``former_secret_key`` made is taken as well. ``secure_cookies`` is for HTTPS; over
    plain HTTP browsers would drop such cookies. Whoever is signed in reads the times of their
    venue; elsewhere a night ends at ``closes_at_hour`` in ``time_zone``. ``transport`` replaces the
    network in tests. The API is connected to at first use: a mounted application's lifespan is not
    run.
    """
    pages = page_routes()
    static = HashedStatic(STATIC_FOLDER)
    keys = [key for key in (secret_key, former_secret_key) if key is not None]
    sealer = CookieSealer(*keys)
    time = VenueTime(ZoneInfo(time_zone), closes_at_hour, clock)
    context = WebContext(
        api=ApiClient(api_base_url, transport=transport),
        cookie=SessionCookie(sealer, secure=secure_cookies),
        sealer=sealer,
        csrf=CsrfTokens(*keys),
        links=HandedOutLinks(*keys),
        clock=clock,
        environments=build_environments(time=time, asset_url=static.url),
        asset_url=static.url,
        secure_cookies=secure_cookies,
        time=time,
        places=served_places(route.path for route in pages),
    )

    app = Starlette(
        routes=[*pages, Mount("/static", static, name="static")],
        exception_handlers=HANDLERS,
        lifespan=_until_closed,
    )
    app.state.web = context
    # Outermost, so that the page of a fault carries the headers too.
    return SecurityHeaders(app)


@asynccontextmanager
async def _until_closed(app: Starlette) -> AsyncIterator[None]:
    yield
    context: WebContext = app.state.web
    await context.api.aclose()
