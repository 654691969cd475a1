"""What a person says of a face: it is them, it is not them, leave it."""

from datetime import date
from typing import Literal
from uuid import UUID

from vestibule.domain.errors import ConflictError, NotFoundError
from vestibule.domain.ids import FaceId, JobId
from vestibule.domain.night import night_of
from vestibule.records import alerts, audit, customers, not_them, photos, visits
from vestibule.records.database import Transaction
from vestibule.records.tables import Face, Photo, Venue
from vestibule.telemetry import ANSWERS
from vestibule.workflows.count_decisions import count_answer
from vestibule.workflows.hold_faces import drop_hold
from vestibule.workflows.reject_face import reject_face
from vestibule.workflows.remember_not_them import forget_tonight
from vestibule.workflows.runtime import Runtime
from vestibule.workflows.send_job import send_job

AnswerName = Literal["same_person", "not_them", "leave"]
_STORED = {"same_person": "same_person", "not_them": "not_them", "leave": "left"}
_FITS = {
    "same_person": ("MATCH", "REVIEW"),
    "not_them": ("MATCH", "REVIEW"),
    "leave": ("UNKNOWN",),
}


def answer_face(runtime: Runtime, face_id: FaceId, answer: AnswerName, *, actor: str) -> Face:
    """Record the answer. The same one twice changes nothing; a mistaken one can be turned round.

    *same_person* becomes a visit, once a night and venue. *not_them* takes the visit back that this
    face gave; nobody is shown the face from the commit on, and a job remembers it and removes its
    pixels (``remember_not_them.py``). *leave* forgets the held face at once, so nothing follows it.
    Raises NotFoundError, ConflictError.
    """
    with runtime.database.begin() as transaction:
        face = _locked(transaction, face_id)
        if face is None:
            raise NotFoundError()
        if _take_as_opinion(runtime, transaction, face, answer, actor=actor):
            return face
        if face.answer == _STORED[answer]:
            return face
        if face.answer in ("left", "enrolled") or face.decision not in _FITS[answer]:
            raise ConflictError("That answer does not fit this face.", answer=face.answer)
        face.answer = _STORED[answer]
        photo = transaction.get_one(Photo, face.photo_id)
        job, taken_back = None, list[UUID]()
        if answer == "same_person":
            _record_visit(transaction, face, photo)
            taken_back = not_them.take_back(transaction, face, photo)
        if answer == "not_them":
            _take_visit_back(transaction, face, _venue(transaction, photo))
            job = reject_face(runtime, transaction, face, photo, actor=actor)
        if answer != "leave":
            count_answer(transaction, face, actor=actor)
        audit.append(
            transaction,
            at=runtime.clock.now(),
            actor=actor,
            action=f"face.{face.answer}",
            subject=f"face:{face_id}",
            customer=str(face.customer_id) if face.customer_id else None,
        )
    ANSWERS.labels(answer, face.decision).inc()
    forget_tonight(runtime, taken_back)
    if job is not None:
        send_job(runtime, JobId(job.id), queue=job.queue)
    if answer == "leave":
        drop_hold(runtime, face_id)
    return face


def _take_as_opinion(
    runtime: Runtime, transaction: Transaction, face: Face, answer: AnswerName, *, actor: str
) -> bool:
    """Whether the face has an alert, which a manager answers and nobody at the door.

    What was said at the door is shown to them. Raises ConflictError once they have said that it
    is not them: the face is hidden by then.
    """
    sighting = alerts.sighting_of(transaction, face.id)
    alert = alerts.find(transaction, sighting.alert_id) if sighting else None
    if sighting is None or alert is None or alert.answer == "lapsed":
        return False
    if alert.answer == "not_them":
        raise ConflictError("A manager answered this face.", answer=face.answer)
    if sighting.door_said != answer:
        sighting.door_said, sighting.door_said_by = answer, actor
        audit.append(
            transaction,
            at=runtime.clock.now(),
            actor=actor,
            action="alert.door_said",
            subject=f"alert:{alert.id}",
            face=str(face.id),
            answer=answer,
        )
    return True


def _locked(transaction: Transaction, face_id: FaceId) -> Face | None:
    """The customer first, as everything does that moves faces between files."""
    seen = photos.find_face(transaction, face_id)
    if seen is not None and seen.customer_id is not None:
        customers.lock_present(transaction, seen.customer_id)
    return photos.find_face_for_change(transaction, face_id)


def _record_visit(transaction: Transaction, face: Face, photo: Photo) -> None:
    seen = face.customer_id
    customer = customers.lock_present(transaction, seen) if seen else None
    if customer is None:
        raise ConflictError("This customer is no longer here.")
    venue = _venue(transaction, photo)
    night = _night(photo, venue)
    is_new = visits.add_visit(
        transaction,
        customer.id,
        venue_id=venue.id,
        face_id=face.id,
        night=night,
        entered_at=photo.created_at,
    )
    if not is_new:
        known = visits.of_night(transaction, customer.id, venue_id=venue.id, night=night)
        if known is not None:
            visits.came_back(known, photo.created_at)


def _venue(transaction: Transaction, photo: Photo) -> Venue:
    """Where the photo was taken: a visit is to that venue."""
    return transaction.get_one(Venue, photo.venue_id)


def _take_visit_back(transaction: Transaction, face: Face, venue: Venue) -> None:
    """The visit stays if another face of that night was confirmed to be the same customer."""
    night = visits.remove_visit_of_face(transaction, face.id)
    if night is None or face.customer_id is None:
        return
    for other, photo in photos.confirmed_faces(transaction, face.customer_id):
        if photo.venue_id != venue.id or other.id == face.id:
            continue
        if _night(photo, venue) == night:
            _record_visit(transaction, other, photo)
            return


def _night(photo: Photo, venue: Venue) -> date:
    return night_of(photo.created_at, timezone=venue.timezone, closes_at_hour=venue.closes_at_hour)
