"""The API as an ASGI application."""

from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute
from starlette.types import ASGIApp

from services.api.errors import install_error_handlers
from services.api.openapi import describe_truly
from services.api.reference import reference_page
from services.api.routes import (
    account,
    accuracy,
    administration,
    agreements,
    alerts,
    api_keys,
    audit,
    backup_places,
    batches,
    calibration,
    consent_links,
    consumption,
    customer_lists,
    customers,
    data_requests,
    demo,
    enrolments,
    erasures,
    faces,
    gallery,
    generations,
    health,
    import_sources,
    incident_attachments,
    incidents,
    installation,
    jobs,
    legal_holds,
    merges,
    models,
    notices,
    offers,
    people,
    personal,
    personal_links,
    photos,
    provisions,
    purchases,
    retention,
    session,
    templates,
    timeline,
    transparency,
    venues,
    visits,
    watchlist,
    watchlist_policy,
)
from services.api.schemas import Problem
from services.api.tracing import RequestTracing
from vestibule import __version__
from vestibule.wiring_parts import Installation

DESCRIPTION = """
Face re-identification for clubs: upload a photo, see who is a customer who agreed to be recognised.

Send `Authorization: Bearer TOKEN`. Errors are `application/problem+json` with a stable `code`.
"""
ROUTED = (
    transparency,
    account,
    people,
    api_keys,
    venues,
    session,
    administration,
    alerts,
    audit,
    retention,
    legal_holds,
    batches,
    import_sources,
    generations,
    calibration,
    installation,
    accuracy,
    models,
    photos,
    faces,
    enrolments,
    customers,
    agreements,
    consent_links,
    notices,
    provisions,
    erasures,
    backup_places,
    timeline,
    visits,
    merges,
    customer_lists,
    templates,
    gallery,
    incidents,
    incident_attachments,
    purchases,
    consumption,
    offers,
    jobs,
    demo,
    watchlist_policy,
    watchlist,
    data_requests,
    personal_links,
    personal,
)
"""What has routes under /v1, in the order of the document."""


class _TracedApi(FastAPI):
    """Outside of every added middleware, because answers to faults of ours are made there."""

    def build_middleware_stack(self) -> ASGIApp:
        return RequestTracing(super().build_middleware_stack())


def create_api(here: Installation) -> FastAPI:
    """Routes under /v1, and /healthz, /readyz and /metrics beside it."""
    app = _TracedApi(
        title="Vestibule",
        version=__version__,
        description=DESCRIPTION,
        openapi_url="/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=_operation_id,
    )
    app.state.installation = here
    install_error_handlers(app)
    problem = {"model": Problem, "description": "A problem, with a stable code."}
    for module in ROUTED:
        app.include_router(module.router, prefix="/v1", responses={"default": problem})
    app.include_router(health.router)
    describe_truly(app)

    @app.get("/v1/docs", include_in_schema=False)
    def read_the_reference() -> HTMLResponse:
        return reference_page(app.openapi())

    return app


def _operation_id(route: APIRoute) -> str:
    return route.name
