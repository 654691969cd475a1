"""Photos, their faces, the holds on unknown faces, and enrolments."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, delete, func, select, update

from vestibule.records.consent_tables import ConsentProof
from vestibule.records.database import Transaction
from vestibule.records.incident_tables import IncidentAttachment
from vestibule.records.tables import Enrolment, EnrolmentHold, Face, FaceHold, Job, Photo


def find(transaction: Transaction, photo_id: UUID, *, now: datetime) -> Photo | None:
    """A photo that has not expired."""
    query = select(Photo).where(Photo.id == photo_id, Photo.expires_at > now)
    return transaction.scalar(query)


def same_bytes_before(transaction: Transaction, photo: Photo) -> Photo | None:
    """The latest earlier upload of the same bytes that is still kept."""
    return transaction.scalar(
        select(Photo)
        .where(
            Photo.sha256 == photo.sha256,
            Photo.created_at < photo.created_at,
            Photo.id != photo.id,
            Photo.expires_at > photo.created_at,
        )
        .order_by(Photo.created_at.desc())
        .limit(1)
    )


def latest(
    transaction: Transaction, *, venue_id: UUID, now: datetime, limit: int
) -> list[tuple[Photo, Job, int, int]]:
    """Of that venue, newest first: photo, its job, number of faces, number of matches."""
    faces = select(func.count()).where(Face.photo_id == Photo.id).scalar_subquery()
    matches = (
        select(func.count())
        .where(Face.photo_id == Photo.id, Face.decision == "MATCH")
        .scalar_subquery()
    )
    query = (
        select(Photo, Job, faces, matches)
        .join(Job, Job.id == Photo.job_id)
        .where(Photo.expires_at > now, Photo.venue_id == venue_id)
        .order_by(Photo.created_at.desc())
        .limit(limit)
    )
    return [(photo, job, n, m) for photo, job, n, m in transaction.execute(query)]


def count_since(transaction: Transaction, moment: datetime, *, venue_id: UUID) -> int:
    query = select(func.count()).where(Photo.created_at >= moment, Photo.venue_id == venue_id)
    return transaction.scalar(query) or 0


def expired(transaction: Transaction, *, now: datetime, limit: int = 200) -> list[Photo]:
    query = select(Photo).where(Photo.expires_at <= now).order_by(Photo.expires_at).limit(limit)
    return list(transaction.scalars(query))


def left_over_uploads(transaction: Transaction) -> list[Photo]:
    """Photos whose job has ended while their original is still stored."""
    query = select(Photo).join(Job, Job.id == Photo.job_id)
    query = query.where(Photo.upload_key.is_not(None), Job.finished_at.is_not(None))
    return list(transaction.scalars(query))


def remove(transaction: Transaction, photo: Photo) -> None:
    """Delete photo, faces, holds and the job."""
    transaction.execute(delete(Photo).where(Photo.id == photo.id))
    transaction.execute(delete(Job).where(Job.id == photo.job_id))


# ── faces ───────────────────────────────────────────────────────────────────────────────────
def faces_of(transaction: Transaction, photo_id: UUID) -> list[Face]:
    query = select(Face).where(Face.photo_id == photo_id).order_by(Face.number)
    return list(transaction.scalars(query))


def find_face(transaction: Transaction, face_id: UUID) -> Face | None:
    return transaction.get(Face, face_id)


def venue_of_face(transaction: Transaction, face_id: UUID) -> UUID | None:
    """Where its photo was taken; None for a face that is not here."""
    query = select(Photo.venue_id).join(Face, Face.photo_id == Photo.id)
    return transaction.scalar(query.where(Face.id == face_id))


def find_face_for_change(transaction: Transaction, face_id: UUID) -> Face | None:
    query = select(Face).where(Face.id == face_id).with_for_update()
    return transaction.scalar(query.execution_options(populate_existing=True))


def confirmed_faces(transaction: Transaction, customer_id: UUID) -> list[tuple[Face, Photo]]:
    """Faces that a person said to be this customer, with their photos."""
    query = select(Face, Photo).join(Photo, Photo.id == Face.photo_id)
    query = query.where(Face.customer_id == customer_id, Face.answer == "same_person")
    return [(face, photo) for face, photo in transaction.execute(query)]


def replace_faces(transaction: Transaction, photo: Photo, faces: list[Face]) -> None:
    transaction.execute(delete(Face).where(Face.photo_id == photo.id))
    transaction.add_all(faces)
    transaction.flush()


def faces_showing(transaction: Transaction, customer_id: UUID) -> list[Face]:
    return list(transaction.scalars(select(Face).where(Face.customer_id == customer_id)))


def with_image(transaction: Transaction, photo_ids: Iterable[UUID]) -> int:
    """How many of these photos are stored."""
    query = select(func.count()).where(Photo.id.in_(set(photo_ids)), Photo.image_key.is_not(None))
    return transaction.scalar(query) or 0


def faces_to_hide_of(transaction: Transaction, photo_id: UUID) -> list[Face]:
    """Answered "not them", and their pixels are still stored."""
    return list(transaction.scalars(_to_hide().where(Face.photo_id == photo_id)))


def faces_left_to_hide(transaction: Transaction) -> list[Face]:
    """Those for which no job is open any more."""
    is_open = select(Job.id).where(
        Job.subject_id == Face.id, Job.kind == "REMEMBER", Job.finished_at.is_(None)
    )
    return list(transaction.scalars(_to_hide().where(~is_open.exists())))


def _to_hide() -> Select[Face]:
    return select(Face).where(Face.answer == "not_them", Face.crop_key.is_not(None))


# ── holds ───────────────────────────────────────────────────────────────────────────────────
def hold_of(transaction: Transaction, face_id: UUID, *, now: datetime) -> FaceHold | None:
    hold = transaction.get(FaceHold, face_id)
    return hold if hold is not None and hold.expires_at > now else None


def holds_of(transaction: Transaction, photo_id: UUID, *, now: datetime) -> dict[UUID, FaceHold]:
    query = select(FaceHold).join(Face, Face.id == FaceHold.face_id)
    query = query.where(Face.photo_id == photo_id, FaceHold.expires_at > now)
    return {hold.face_id: hold for hold in transaction.scalars(query)}


def take_holds(transaction: Transaction, where: ColumnElement[bool]) -> list[str]:
    """Delete hold rows, which makes their objects unreadable; returns the objects' keys."""
    return list(transaction.scalars(delete(FaceHold).where(where).returning(FaceHold.region_key)))


def hold_keys_of_photo(transaction: Transaction, photo_id: UUID) -> list[str]:
    faces = select(Face.id).where(Face.photo_id == photo_id)
    return take_holds(transaction, FaceHold.face_id.in_(faces))


def hold_keys_of_face(transaction: Transaction, face_id: UUID) -> list[str]:
    return take_holds(transaction, FaceHold.face_id == face_id)


def expired_hold_keys(transaction: Transaction, *, now: datetime) -> list[str]:
    return take_holds(transaction, FaceHold.expires_at <= now)


# ── enrolments ──────────────────────────────────────────────────────────────────────────────
def find_enrolment(transaction: Transaction, enrolment_id: UUID) -> tuple[Enrolment, Job] | None:
    query = select(Enrolment, Job).join(Job, Job.id == Enrolment.job_id)
    row = transaction.execute(query.where(Enrolment.id == enrolment_id)).first()
    return (row[0], row[1]) if row else None


def enrolments_of(transaction: Transaction, customer_id: UUID) -> list[Enrolment]:
    query = select(Enrolment).where(Enrolment.customer_id == customer_id)
    return list(transaction.scalars(query))


def left_over_enrolment_uploads(transaction: Transaction) -> list[Enrolment]:
    query = select(Enrolment).join(Job, Job.id == Enrolment.job_id)
    query = query.where(Enrolment.upload_key.is_not(None), Job.finished_at.is_not(None))
    return list(transaction.scalars(query))


def forget_photo_upload(transaction: Transaction, photo_id: UUID) -> None:
    transaction.execute(update(Photo).where(Photo.id == photo_id).values(upload_key=None))


def forget_enrolment_upload(transaction: Transaction, enrolment_id: UUID) -> None:
    transaction.execute(
        update(Enrolment).where(Enrolment.id == enrolment_id).values(upload_key=None)
    )


def known_object_owners(transaction: Transaction) -> set[str]:
    """The ids in the keys of what is stored of photos, enrolments, incidents and consents."""
    wanted = [
        select(IncidentAttachment.id),
        select(ConsentProof.id),
        select(Photo.id),
        select(FaceHold.face_id),
        select(EnrolmentHold.enrolment_id),
        select(Enrolment.id).where(Enrolment.upload_key.is_not(None)),
    ]
    return {str(found) for query in wanted for found in transaction.scalars(query)}
