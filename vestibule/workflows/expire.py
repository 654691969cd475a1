"""What has had its time goes: holds after minutes, photos after hours, answers after days."""

from dataclasses import dataclass
from datetime import timedelta

from vestibule.domain.errors import VolatileMemoryUnavailableError
from vestibule.records import (
    alert_rejections,
    audit,
    batches,
    calibrations,
    consent_links,
    enrolments,
    not_them,
    personal_links,
    photos,
    suppressions,
)
from vestibule.records.tables import Photo
from vestibule.workflows.hide_faces import hide_left_over_faces
from vestibule.workflows.import_customers import expire_imports
from vestibule.workflows.runtime import Runtime

_OWNED = ("photos/", "holds/", "enrolments/", "incidents/", "consents/")
"""Objects of these kinds have their owner's id behind the first slash."""

COUNTS_KEPT = timedelta(days=180)
"""What answers of half a year say is enough, and people and lamps change."""
FILE_NAMES_KEPT = timedelta(days=30)
"""Of photos that could not be imported: long enough to see to them, and names are people's."""


@dataclass(frozen=True, slots=True)
class Expired:
    holds: int
    photos: int
    uploads: int
    answers: int
    counts: int


def expire(runtime: Runtime) -> Expired:
    """One round. Safe to run at any time, twice, and from several processes."""
    _forget_file_names(runtime)
    _forget_suppressions(runtime)
    _forget_ended_links(runtime)
    expire_imports(runtime)
    return Expired(
        holds=_expire_holds(runtime),
        photos=_expire_photos(runtime),
        uploads=_remove_left_over_uploads(runtime),
        answers=_expire_answers(runtime),
        counts=_forget_counts(runtime),
    )


def remove_photo(runtime: Runtime, photo: Photo, *, actor: str, action: str) -> None:
    """Remove a photo with its faces, holds and job: objects first, so that no row is lost early."""
    with runtime.database.begin() as transaction:
        hold_keys = photos.hold_keys_of_photo(transaction, photo.id)
    for key in [*hold_keys, *runtime.blobs.keys(f"photos/{photo.id}/")]:
        runtime.blobs.delete(key)
    with runtime.database.begin() as transaction:
        photos.remove(transaction, photo)
        audit.append(
            transaction,
            at=runtime.clock.now(),
            actor=actor,
            action=action,
            subject=f"photo:{photo.id}",
        )


def remove_orphans(runtime: Runtime) -> int:
    """Objects of uploads, holds and attachments that no row knows: what a power cut brought back.

    For a start, before anything is uploaded: an object is stored before its row.
    """
    left_over = orphans(runtime)
    for key in left_over:
        runtime.blobs.delete(key)
    return len(left_over)


def orphans(runtime: Runtime) -> list[str]:
    """Objects with an owner that no row knows now; one being uploaded may be among them."""
    keys = [key for kind in _OWNED for key in runtime.blobs.keys(kind)]
    with runtime.database.begin() as transaction:
        known = photos.known_object_owners(transaction)
    return [key for key in keys if key.split("/")[1] not in known]


def _expire_holds(runtime: Runtime) -> int:
    with runtime.database.begin() as transaction:
        now = runtime.clock.now()
        keys = photos.expired_hold_keys(transaction, now=now)
        keys += enrolments.take_expired_holds(transaction, now=now)
    for key in keys:
        runtime.blobs.delete(key)
    return len(keys)


def _expire_photos(runtime: Runtime) -> int:
    with runtime.database.begin() as transaction:
        due = photos.expired(transaction, now=runtime.clock.now())
    for photo in due:
        remove_photo(runtime, photo, actor="system", action="photo.expire")
    return len(due)


def _forget_counts(runtime: Runtime) -> int:
    """Counted faces and answers, once too many nights have passed."""
    with runtime.database.begin() as transaction:
        before = (runtime.clock.now() - COUNTS_KEPT).date()
        return calibrations.forget_before(transaction, before)


def _forget_suppressions(runtime: Runtime) -> None:
    """Digests of erased people, three years later."""
    with runtime.database.begin() as transaction:
        suppressions.remove_ended(transaction, now=runtime.clock.now())


def _forget_ended_links(runtime: Runtime) -> None:
    """Of guests' phones, minutes later, and sessions at their own pages."""
    with runtime.database.begin() as transaction:
        consent_links.remove_expired(transaction, now=runtime.clock.now())
        personal_links.end_sessions(transaction, now=runtime.clock.now())


def _forget_file_names(runtime: Runtime) -> None:
    with runtime.database.begin() as transaction:
        batches.forget_failed_items(transaction, before=runtime.clock.now() - FILE_NAMES_KEPT)


def _remove_left_over_uploads(runtime: Runtime) -> int:
    """Originals of jobs that have ended, however they ended."""
    with runtime.database.begin() as transaction:
        left = [(p.id, p.upload_key or "") for p in photos.left_over_uploads(transaction)]
        left_over = photos.left_over_enrolment_uploads(transaction)
        enrolled = [(e.id, e.upload_key or "") for e in left_over]
    for photo_id, key in left:
        runtime.blobs.delete(key)
        with runtime.database.begin() as transaction:
            photos.forget_photo_upload(transaction, photo_id)
    for enrolment_id, key in enrolled:
        runtime.blobs.delete(key)
        with runtime.database.begin() as transaction:
            photos.forget_enrolment_upload(transaction, enrolment_id)
    return len(left) + len(enrolled)


def _expire_answers(runtime: Runtime) -> int:
    """What "not them" is remembered by: tonight's embeddings at closing time, the rest later."""
    now = runtime.clock.now()
    hide_left_over_faces(runtime)
    try:
        forgotten = runtime.rejected.expire(now=now)
    except VolatileMemoryUnavailableError:
        forgotten = 0  # it lets go by itself
    with runtime.database.begin() as transaction:
        forgotten += alert_rejections.remove_expired(transaction, now=now)
        return forgotten + not_them.remove_expired(transaction, now=now)
