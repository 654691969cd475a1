"""An upload becomes a Photo and a job. The first step of the path of one photo."""

import hashlib
from uuid import UUID

from vestibule.domain.errors import EmptyUploadError, PhotoTooLargeError
from vestibule.domain.ids import JobId, PhotoId, new_uuid
from vestibule.ports import ImageHeader
from vestibule.records import audit, jobs, venues
from vestibule.records.tables import Photo
from vestibule.workflows.runtime import Runtime
from vestibule.workflows.send_job import send_job


def submit_photo(
    runtime: Runtime, content: bytes, *, actor: str, venue_id: UUID | None = None
) -> Photo:
    """Check the limits, store the bytes, write the rows, commit, then send the job's id.

    ``venue_id`` None is the first venue.
    Raises EmptyUploadError, PhotoTooLargeError, NotAnImageError, DamagedImageError,
    TooManyPixelsError or StorageFullError; nothing is kept then.
    """
    header = check_upload(runtime, content)
    photo_id = PhotoId(new_uuid())
    upload_key = f"photos/{photo_id}/original"
    runtime.blobs.put(upload_key, content)
    try:
        photo = _write_rows(
            runtime, photo_id, upload_key, content, header, actor=actor, venue_id=venue_id
        )
    except Exception:
        runtime.blobs.delete(upload_key)
        raise
    send_job(runtime, JobId(photo.job_id), queue="identify")
    return photo


def check_upload(runtime: Runtime, content: bytes) -> ImageHeader:
    """The checks that need no decoding, in the order in which they get dearer."""
    if not content:
        raise EmptyUploadError()
    if len(content) > runtime.limits.max_upload_bytes:
        raise PhotoTooLargeError(limit_bytes=runtime.limits.max_upload_bytes)
    return runtime.codec.read_header(content)


def _write_rows(
    runtime: Runtime,
    photo_id: PhotoId,
    upload_key: str,
    content: bytes,
    header: ImageHeader,
    *,
    actor: str,
    venue_id: UUID | None,
) -> Photo:
    now = runtime.clock.now()
    with runtime.database.begin() as transaction:
        job = jobs.add(transaction, kind="IDENTIFY", subject_id=photo_id, queue="identify", now=now)
        photo = Photo(
            id=photo_id,
            venue_id=venue_id or venues.home(transaction).id,
            job_id=job.id,
            sha256=hashlib.sha256(content).hexdigest(),
            upload_key=upload_key,
            width_px=header.width_px,
            height_px=header.height_px,
            uploaded_by=actor,
            created_at=now,
            expires_at=now + runtime.limits.photo_retention,
        )
        transaction.add(photo)
        transaction.flush()
        audit.append(
            transaction, at=now, actor=actor, action="photo.submit", subject=f"photo:{photo_id}"
        )
    return photo
