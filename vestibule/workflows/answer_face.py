"""What a person says of a face: it is them, it is not them, leave it."""

from datetime import date
from typing import Literal

from vestibule.domain.errors import ConflictError, NotFoundError
from vestibule.domain.ids import FaceId, new_uuid
from vestibule.domain.night import night_of
from vestibule.records import audit, customers, photos, venues
from vestibule.records.database import Transaction
from vestibule.records.tables import Face, Photo, Venue
from vestibule.workflows.hide_faces import hide_faces
from vestibule.workflows.hold_faces import drop_hold
from vestibule.workflows.runtime import Runtime

AnswerName = Literal["same_person", "not_them", "leave"]
_STORED = {"same_person": "same_person", "not_them": "not_them", "leave": "left"}
_FITS = {
    "same_person": ("MATCH", "REVIEW"),
    "not_them": ("MATCH", "REVIEW"),
    "leave": ("UNKNOWN",),
}


def answer_face(runtime: Runtime, face_id: FaceId, answer: AnswerName, *, actor: str) -> Face:
    """Record the answer. The same one twice changes nothing; a mistaken one can be turned round.

    *same_person* becomes a visit, once a night and venue. *not_them* hides the face in the stored
    photo, removes its crop and takes the visit back that this face gave. *leave* forgets the held
    face at once, so nothing follows it. Raises NotFoundError, ConflictError.
    """
    with runtime.database.begin() as transaction:
        face = photos.find_face_for_change(transaction, face_id)
        if face is None:
            raise NotFoundError()
        if face.answer == _STORED[answer]:
            return face
        if face.answer in ("left", "enrolled") or face.decision not in _FITS[answer]:
            raise ConflictError("That answer does not fit this face.", answer=face.answer)
        face.answer = _STORED[answer]
        if answer == "same_person":
            _record_visit(transaction, face)
        if answer == "not_them":
            _take_visit_back(transaction, face)
        audit.append(
            transaction,
            at=runtime.clock.now(),
            actor=actor,
            action=f"face.{face.answer}",
            subject=f"face:{face_id}",
            customer=str(face.customer_id) if face.customer_id else None,
        )
    if answer == "not_them":
        hide_faces(runtime, [face])
    if answer == "leave":
        drop_hold(runtime, face_id)
    return face


def _record_visit(transaction: Transaction, face: Face) -> None:
    if face.customer_id is None or not customers.find_for_change(transaction, face.customer_id):
        raise ConflictError("This customer is no longer here.")
    photo = transaction.get_one(Photo, face.photo_id)
    venue = venues.home(transaction)
    customers.add_visit(
        transaction,
        face.customer_id,
        visit_id=new_uuid(),
        venue_id=venue.id,
        face_id=face.id,
        night=_night(photo, venue),
        entered_at=photo.created_at,
    )


def _take_visit_back(transaction: Transaction, face: Face) -> None:
    """The visit stays if another face of that night was confirmed to be the same customer."""
    night = customers.remove_visit_of_face(transaction, face.id)
    if night is None or face.customer_id is None:
        return
    venue = venues.home(transaction)
    for other, photo in photos.confirmed_faces(transaction, face.customer_id):
        if other.id != face.id and _night(photo, venue) == night:
            _record_visit(transaction, other)
            return


def _night(photo: Photo, venue: Venue) -> date:
    return night_of(photo.created_at, timezone=venue.timezone, closes_at_hour=venue.closes_at_hour)
