"""For whoever runs it: is it alive, is it ready, what does it measure."""

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel

from services.api.dependencies import Here

router = APIRouter(tags=["health"])


class Health(BaseModel):
    """``waiting_for`` names what is not ready: database, schema, worker, index, storage.

    ``photos_wait_for`` names what is missing on other machines while this one is ready: uploads are
    taken in, and wait. An API is not taken out of service for it.
    """

    status: str
    waiting_for: list[str] = []
    photos_wait_for: list[str] = []


@router.get("/healthz")
def is_alive() -> Health:
    return Health(status="alive")


@router.get("/readyz", responses={503: {"model": Health, "description": "Not ready, and why."}})
def is_ready(here: Here, response: Response) -> Health:
    missing = here.not_ready()
    if missing:
        response.status_code = 503
        return Health(status="not ready", waiting_for=missing)
    return Health(status="ready", photos_wait_for=here.photos_wait_for())


@router.get("/metrics", response_class=Response)
def metrics() -> Response:
    """Prometheus' text format. No names, no ids of people."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
