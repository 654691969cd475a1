"""Faces that joined an alert which was not them: each is either the same face, or raises anew."""

from uuid import UUID

import structlog

from vestibule.domain.faces import Embeddings
from vestibule.domain.rejection import same_person_scores
from vestibule.domain.similarity import scores_between
from vestibule.records import alert_rejections, alerts, photos, watchlist
from vestibule.records.alert_tables import Alert
from vestibule.records.database import Transaction
from vestibule.records.tables import Face, Photo
from vestibule.workflows.embed_crop import embedding_of_crop
from vestibule.workflows.raise_alerts import raise_alert, send_owed
from vestibule.workflows.reject_face import reject_face
from vestibule.workflows.runtime import Runtime

log = structlog.get_logger(__name__)


def settle_other_sightings(
    runtime: Runtime, alert: Alert, rejected: Embeddings | None
) -> tuple[int, int]:
    """Faces that joined an alert which was not them: alike ones are neither, others raise anew.

    ``rejected`` is the embedding of the face that was answered; without it all raise anew, because
    one of them may be the person whom the alert was for. Returns how many of each. Safe to run
    twice and again after a crash.
    """
    alike, raised = 0, 0
    with runtime.database.look() as transaction:
        found = [s.face_id for s in alerts.sightings_of(transaction, alert.id)]
    for face_id in found:
        if face_id == alert.face_id:
            continue
        if rejected is not None and _is_alike(runtime, face_id, rejected):
            alike += _reject(runtime, face_id, alert)
        else:
            raised += _raise_anew(runtime, face_id, alert)
    if alike or raised:
        log.info("alert.others_settled", alert=str(alert.id), alike=alike, raised=raised)
    return alike, raised


def settle_left_over_sightings(runtime: Runtime) -> int:
    """Those whose job ended without settling them, by the clock."""
    with runtime.database.begin() as transaction:
        left = alert_rejections.with_unsettled_sightings(transaction)
    for alert in left:
        settle_other_sightings(runtime, alert, None)
    return len(left)


def _is_alike(runtime: Runtime, face_id: UUID, rejected: Embeddings) -> bool:
    with runtime.database.look() as transaction:
        face = photos.find_face(transaction, face_id)
        photo = transaction.get(Photo, face.photo_id) if face else None
    if face is None or photo is None:
        return False
    other = embedding_of_crop(runtime, face, photo)
    if other is None:
        return False
    score = scores_between(runtime.engine.space.metric, rejected[None], other[None])[0, 0]
    return bool(score >= same_person_scores(runtime.calibration.quantiles).surely)


def _reject(runtime: Runtime, face_id: UUID, alert: Alert) -> int:
    actor = alert.answered_by or "system"
    with runtime.database.begin() as transaction:
        face, photo = _waiting(transaction, face_id)
        if face is None or photo is None:
            return 0
        face.answer = "not_them"
        until = alert_rejections.entry_end(transaction, alert)
        owed = reject_face(runtime, transaction, face, photo, actor=actor, at_least=until)
    send_owed(runtime, [owed])
    return 1


def _raise_anew(runtime: Runtime, face_id: UUID, alert: Alert) -> int:
    with runtime.database.begin() as transaction:
        face, photo = _waiting(transaction, face_id)
        sighting = alerts.sighting_of(transaction, face_id)
        if face is None or photo is None or sighting is None or sighting.alert_id != alert.id:
            return 0
        customer_id, now = alert.customer_id, runtime.clock.now()
        entry = watchlist.active_for(
            transaction, [customer_id], venue_id=alert.venue_id, now=now
        ).get(customer_id)
        if entry is None:
            return 0
        transaction.delete(sighting)
        transaction.flush()
        owed = raise_alert(runtime, transaction, photo, face, entry, actor="system")
    send_owed(runtime, owed)
    return 1


def _waiting(transaction: Transaction, face_id: UUID) -> tuple[Face | None, Photo | None]:
    """The face while nobody has said anything of it, locked, with its photo."""
    face = photos.find_face_for_change(transaction, face_id)
    if face is None or face.answer is not None or face.customer_id is None:
        return None, None
    return face, transaction.get(Photo, face.photo_id)
