"""What a manager says of an alert. Once: of two answers at the same time one counts."""

from typing import Literal
from uuid import UUID

from vestibule.domain.errors import ConflictError, NotFoundError
from vestibule.records import alert_rejections, alerts, photos
from vestibule.records.alert_tables import Alert
from vestibule.records.database import Transaction
from vestibule.records.tables import Job, Photo
from vestibule.workflows.count_decisions import count_answer
from vestibule.workflows.raise_alerts import send_owed, tell_watchers
from vestibule.workflows.reject_face import reject_face
from vestibule.workflows.runtime import Runtime

AlertAnswer = Literal["same_person", "not_them"]


def answer_alert(
    runtime: Runtime, alert_id: UUID, answer: AlertAnswer, *, actor: str, account_id: UUID
) -> Alert:
    """Record the answer. The same one by the same person twice changes nothing.

    *same_person* records no visit: nobody on the watchlist is let in by it. *not_them* takes the
    face out of the result and is remembered (``remember_not_them.py``). Raises NotFoundError, and
    ConflictError with what somebody else answered.
    """
    with runtime.database.begin() as transaction:
        alert = alerts.find_for_change(transaction, alert_id)
        if alert is None:
            raise NotFoundError()
        if alert.answer is not None:
            if (alert.answer, alert.answered_by_id) == (answer, account_id):
                return alert
            raise ConflictError(
                "Somebody has answered this alert.",
                answer=alert.answer,
                answered_by=alert.answered_by,
            )
        alert.answer, alert.answered_at = answer, runtime.clock.now()
        alert.answered_by, alert.answered_by_id = actor, account_id
        transaction.flush()
        owed = _mark_face(runtime, transaction, alert, answer, actor=actor)
        owed += tell_watchers(runtime, transaction, alert, "answered", actor=actor)
    send_owed(runtime, owed)
    return alert


def _mark_face(
    runtime: Runtime, transaction: Transaction, alert: Alert, answer: AlertAnswer, *, actor: str
) -> list[Job]:
    """Nothing where the photo has expired or was removed meanwhile."""
    face = photos.find_face_for_change(transaction, alert.face_id) if alert.face_id else None
    if face is None or face.customer_id != alert.customer_id:
        return []
    photo = transaction.get_one(Photo, face.photo_id)
    face.answer = answer
    owed = []
    if answer == "not_them":
        until = alert_rejections.entry_end(transaction, alert)
        owed = [reject_face(runtime, transaction, face, photo, actor=actor, at_least=until)]
    count_answer(transaction, face, actor=actor)
    return owed
