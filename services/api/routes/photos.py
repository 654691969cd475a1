"""Photos: upload, progress, result."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response, status
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse

from services.api import presenters, schemas
from services.api.alert_presenters import with_alert
from services.api.dependencies import Caller, Here, Product, only, principal
from services.api.images import JPEG_RESPONSE, jpeg_of
from services.api.progress import WaitS, progress_events, wait_until_ended
from services.api.uploads import drop_body, read_upload
from vestibule.domain.errors import NotFoundError, TooBusyError
from vestibule.domain.permissions import Permission
from vestibule.records import alerts, customers, jobs, offers, photos, purchases, tables
from vestibule.records.database import Transaction
from vestibule.workflows.expire import remove_photo
from vestibule.workflows.hide_faces import image_to_show
from vestibule.workflows.record_look import record_photo
from vestibule.workflows.sign_in import Principal
from vestibule.workflows.submit_photo import submit_photo
from vestibule.workflows.tell_alikeness import tell_alikeness

router = APIRouter(prefix="/photos", tags=["photos"], dependencies=[Depends(principal)])

UPLOAD_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["photo"],
                    "properties": {"photo": {"type": "string", "format": "binary"}},
                }
            },
            "image/*": {"schema": {"type": "string", "format": "binary"}},
        },
    }
}


def accepted(photo: tables.Photo) -> schemas.PhotoAccepted:
    return schemas.PhotoAccepted(
        id=photo.id,
        job_id=photo.job_id,
        state="queued",
        photo_url=f"/v1/photos/{photo.id}",
        events_url=f"/v1/photos/{photo.id}/events",
    )


@router.post(
    "",
    status_code=status.HTTP_202_ACCEPTED,
    openapi_extra=UPLOAD_BODY,
    dependencies=only(Permission.IDENTIFY),
)
async def upload_photo(
    request: Request, response: Response, here: Here, caller: Caller
) -> schemas.PhotoAccepted:
    """Upload a photo with one face or a crowd. The answer comes at once; follow its URLs.

    429 ``too_busy`` says in ``Retry-After`` when to send it again; nothing was stored then.
    """
    limit_bytes = here.settings.max_upload_bytes
    caller.require(Permission.IDENTIFY, caller.venue_id)
    try:
        await run_in_threadpool(here.doorkeeper.admit, here.runtime)
    except TooBusyError:
        await drop_body(request, limit_bytes=limit_bytes)
        raise
    try:
        upload = await read_upload(request, limit_bytes=limit_bytes)
        photo = await run_in_threadpool(
            submit_photo,
            here.runtime,
            upload.content,
            actor=caller.actor,
            venue_id=caller.venue_id,
        )
    finally:
        here.doorkeeper.has_come()
    response.headers["Location"] = f"/v1/photos/{photo.id}"
    return accepted(photo)


@router.get("", dependencies=only(Permission.IDENTIFY))
def list_photos(product: Product, caller: Caller) -> schemas.PhotoList:
    """The latest 20 of the venue where you are that have not expired, newest first."""
    caller.require(Permission.IDENTIFY, caller.venue_id)
    with product.database.begin() as transaction:
        rows = photos.latest(
            transaction, venue_id=caller.venue_id, now=product.clock.now(), limit=20
        )
    return schemas.PhotoList(
        items=[
            presenters.photo_summary(photo, job, faces=faces, matches=matches)
            for photo, job, faces, matches in rows
        ]
    )


@router.get("/{photo_id}", dependencies=only(Permission.IDENTIFY))
async def get_photo(photo_id: UUID, here: Here, caller: Caller, wait_s: WaitS = 0) -> schemas.Photo:
    """State, and the result once it is done; waits for that up to ``wait_s`` seconds."""
    if wait_s:
        job_id = await run_in_threadpool(_job_of, here.runtime, photo_id, caller)
        await wait_until_ended(here, job_id, wait_s=wait_s)
    return await run_in_threadpool(_photo, here.runtime, photo_id, caller)


def _found(
    transaction: Transaction, photo_id: UUID, caller: Principal, *, now: datetime
) -> tables.Photo:
    """Raises NotFoundError, or ForbiddenError for a photo of a venue where they may not."""
    photo = photos.find(transaction, photo_id, now=now)
    if photo is None:
        raise NotFoundError()
    caller.require(Permission.IDENTIFY, photo.venue_id)
    return photo


def _photo(product: Product, photo_id: UUID, caller: Principal) -> schemas.Photo:
    now = product.clock.now()
    with product.database.look() as transaction:
        photo = _found(transaction, photo_id, caller, now=now)
        job = transaction.get_one(tables.Job, photo.job_id)
        faces = photos.faces_of(transaction, photo_id)
        holds = photos.holds_of(transaction, photo_id, now=now)
        seen = {face.customer_id for face in faces if face.customer_id}
        overviews = customers.overviews_by_id(transaction, seen)
        care = purchases.who_needs_care(transaction, seen, now=now)
        here = offers.open_at_door(transaction, seen, venue_id=photo.venue_id, now=now)
        called = alerts.of_faces(transaction, [face.id for face in faces])
        same_as = photos.same_bytes_before(transaction, photo)
    if job.state == "DONE":
        record_photo(product, photo_id, customers=sorted(seen), actor=caller.actor)
    shown = [
        with_alert(
            presenters.face(
                face,
                overviews,
                held_until=holds[face.id].expires_at if face.id in holds else None,
                alikeness=tell_alikeness(product, face, venue_id=photo.venue_id),
                care=care.get(face.customer_id) if face.customer_id else None,
                offers=here.get(face.customer_id, []) if face.customer_id else [],
            ),
            called.get(face.id),
            caller,
            venue_id=photo.venue_id,
        )
        for face in faces
    ]
    return presenters.photo(photo, job, shown, same_as=same_as)


@router.get(
    "/{photo_id}/events",
    response_class=StreamingResponse,
    responses={
        200: {
            "content": {"text/event-stream": {"schema": {"type": "string"}}},
            "description": "`progress` events, each a ProgressEvent; closes at the end.",
        }
    },
    dependencies=only(Permission.IDENTIFY),
)
async def follow_photo(
    photo_id: UUID, request: Request, here: Here, caller: Caller
) -> StreamingResponse:
    """Progress as server-sent events, from the first stage, until the job ends."""
    job_id = await run_in_threadpool(_job_of, here.runtime, photo_id, caller)
    return StreamingResponse(
        _as_stream(progress_events(here, job_id), request),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _as_stream(
    events: AsyncIterator[schemas.ProgressEvent | None], request: Request
) -> AsyncIterator[str]:
    async for event in events:
        if await request.is_disconnected():
            return
        if event is None:
            yield ": still here\n\n"
        else:
            yield f"event: progress\ndata: {event.model_dump_json()}\n\n"
    await asyncio.sleep(0)


def _job_of(product: Product, photo_id: UUID, caller: Principal) -> UUID:
    with product.database.look() as transaction:
        photo = _found(transaction, photo_id, caller, now=product.clock.now())
        if jobs.find(transaction, photo.job_id) is None:
            raise NotFoundError()
        return photo.job_id


@router.get(
    "/{photo_id}/image",
    response_class=Response,
    responses=JPEG_RESPONSE,
    dependencies=only(Permission.IDENTIFY),
)
def get_photo_image(photo_id: UUID, product: Product, caller: Caller) -> Response:
    """The stored JPEG: everybody who matched nobody, or was said to, is blurred in it."""
    with product.database.look() as transaction:
        photo = _found(transaction, photo_id, caller, now=product.clock.now())
    if photo.image_key is None:
        raise NotFoundError()
    record_photo(product, photo_id, actor=caller.actor)
    return jpeg_of(lambda: image_to_show(product, photo))


@router.delete(
    "/{photo_id}", status_code=status.HTTP_204_NO_CONTENT, dependencies=only(Permission.IDENTIFY)
)
def delete_photo(photo_id: UUID, product: Product, caller: Caller) -> Response:
    with product.database.begin() as transaction:
        photo = _found(transaction, photo_id, caller, now=product.clock.now())
    remove_photo(product, photo, actor=caller.actor, action="photo.delete")
    return Response(status_code=status.HTTP_204_NO_CONTENT)
