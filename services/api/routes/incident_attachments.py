"""Pictures and documents of an incident."""

from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response, status
from fastapi.concurrency import run_in_threadpool

from services.api import incident_presenters as presenters
from services.api import incident_schemas as schemas
from services.api.dependencies import Here, Product
from services.api.images import NO_STORE
from services.api.routes.incidents import Onlooker, Reporter
from services.api.uploads import read_upload
from vestibule.domain.names import clean_name
from vestibule.workflows import attach_to_incident as attaching
from vestibule.workflows.see_incidents import look_at_incident

router = APIRouter(prefix="/incidents/{incident_id}/attachments", tags=["incidents"])

UPLOAD_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["photo"],
                    "properties": {
                        "photo": {"type": "string", "format": "binary"},
                        "name": {"type": "string"},
                    },
                }
            },
            "image/*": {"schema": {"type": "string", "format": "binary"}},
            "application/pdf": {"schema": {"type": "string", "format": "binary"}},
        },
    }
}
FILE_RESPONSE: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            kind: {"schema": {"type": "string", "format": "binary"}}
            for kind in ("image/jpeg", "application/pdf")
        },
        "description": "The file.",
    }
}
_UNTRUSTED = {
    **NO_STORE,
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
}


@router.post("", status_code=status.HTTP_201_CREATED, openapi_extra=UPLOAD_BODY)
async def add_attachment(
    incident_id: UUID, request: Request, here: Here, caller: Reporter
) -> schemas.Incident:
    """A picture or a PDF document as ``photo``, with its ``name``. Pictures lose their metadata.

    At most ten an incident. They are encrypted where they are stored.
    """
    upload = await read_upload(request, limit_bytes=here.settings.max_upload_bytes)
    product = here.runtime
    name = clean_name(upload.fields.get("name", ""))[:200]
    await run_in_threadpool(
        attaching.attach_to_incident, product, incident_id, upload.content, name=name, by=caller
    )
    found = await run_in_threadpool(look_at_incident, product, incident_id, by=caller)
    return presenters.whole(found)


@router.get("/{attachment_id}", response_class=Response, responses=FILE_RESPONSE)
def get_attachment(
    incident_id: UUID, attachment_id: UUID, product: Product, caller: Onlooker
) -> Response:
    """For whoever sees the incident. Looking at it is recorded."""
    found = attaching.open_attachment(product, incident_id, attachment_id, by=caller)
    name = quote(found.name or "attachment", safe="")
    headers = _UNTRUSTED | {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    return Response(found.content, media_type=found.media_type, headers=headers)


@router.delete("/{attachment_id}")
def remove_attachment(
    incident_id: UUID,
    attachment_id: UUID,
    product: Product,
    caller: Reporter,
    reason: Annotated[str, Query(min_length=1, max_length=500)],
) -> schemas.Incident:
    """For good; the history says by whom and why."""
    attaching.remove_attachment(product, incident_id, attachment_id, reason=reason, by=caller)
    return presenters.whole(look_at_incident(product, incident_id, by=caller))
