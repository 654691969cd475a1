"""An answered wrong match does not return: remembered when answered, asked before deciding."""

from collections.abc import Sequence
from uuid import UUID

import structlog

from vestibule.domain.decision import Candidate
from vestibule.domain.errors import VolatileMemoryUnavailableError
from vestibule.domain.faces import DetectedFace, Embeddings
from vestibule.domain.ids import CustomerId
from vestibule.domain.night import night_end
from vestibule.domain.rejection import (
    rejected_for,
    same_person_scores,
    without_rejected,
)
from vestibule.ports import RejectedProbe
from vestibule.records import alert_rejections, jobs, not_them, photos, venues
from vestibule.records.tables import Face, Job, Photo
from vestibule.workflows.embed_crop import embedding_of_crop
from vestibule.workflows.hide_faces import hide_faces
from vestibule.workflows.lasting_rejections import (
    remember_until_the_entry_ends,
    with_lasting_rejections,
)
from vestibule.workflows.runtime import Runtime
from vestibule.workflows.settle_sightings import settle_other_sightings

TRIES_TO_REMEMBER = 3
"""After a second and two more, the pixels matter more than the night's memory."""

log = structlog.get_logger(__name__)


def leave_out_rejected(
    runtime: Runtime,
    photo: Photo,
    faces: Sequence[DetectedFace],
    embeddings: Embeddings,
    candidates: Sequence[list[Candidate]],
) -> list[list[Candidate]]:
    """Per face, the candidates that nobody said it is not: in this very photo, or tonight."""
    now = runtime.clock.now()
    with runtime.database.look() as transaction:
        pairs = not_them.pairs_of_photo(transaction, photo.sha256, now=now)
    tonight = runtime.rejected.alike(runtime.engine.space, embeddings, now=now)
    alike = with_lasting_rejections(runtime, embeddings, candidates, tonight)
    same_person = same_person_scores(runtime.calibration.quantiles)
    left = [
        without_rejected(
            offered,
            never=rejected_for(face.box_xyxy_px, pairs),
            alike=rejected,
            same_person=same_person,
        )
        for face, offered, rejected in zip(faces, candidates, alike, strict=True)
    ]
    dropped = sum(map(len, candidates)) - sum(map(len, left))
    if dropped:
        log.info("identify.left_out", photo=str(photo.id), pairs=dropped)
    return left


def remember_rejected_face(runtime: Runtime, job: Job) -> None:
    """The job of an answer "not them": remember the face for tonight, then remove its pixels.

    Nobody was shown the face since the answer (``hide_faces.image_to_show``). Safe to run twice. An
    answer that was turned round meanwhile leaves nothing to do. Where tonight's memory stays away,
    the pixels go without it: the very same photo is remembered all the same.
    """
    with runtime.database.look() as transaction:
        face = photos.find_face(transaction, job.subject_id)
        photo = transaction.get(Photo, face.photo_id) if face else None
        answers = not_them.of_face(transaction, job.subject_id)
        alert = alert_rejections.alert_to_remember(transaction, job.subject_id)
    if face is not None and photo is not None and face.answer == "not_them":
        # From the crop, which must still be there. Without a face in it only the very same photo
        # is remembered.
        embedding = embedding_of_crop(runtime, face, photo)
        if embedding is not None:
            for answer in answers:
                _remember_or_go_on(runtime, job, face, embedding, answer.id)
            if alert is not None:
                remember_until_the_entry_ends(runtime, alert, embedding)
        if alert is not None:
            settle_other_sightings(runtime, alert, embedding)
        hide_faces(runtime, [face])
    with runtime.database.begin() as transaction:
        jobs.finish(transaction, job, now=runtime.clock.now())


def forget_tonight(runtime: Runtime, answer_ids: Sequence[UUID]) -> None:
    """For an answer that was turned round. What cannot be forgotten ends when the venue closes."""
    try:
        runtime.rejected.forget_answers(answer_ids)
    except VolatileMemoryUnavailableError as error:
        log.warning("not_them.not_forgotten", answers=len(answer_ids), code=error.code)


def _remember_or_go_on(
    runtime: Runtime, job: Job, face: Face, embedding: Embeddings, answer_id: UUID
) -> None:
    try:
        _remember_tonight(runtime, face, embedding, answer_id=answer_id)
    except VolatileMemoryUnavailableError as error:
        if job.attempt < TRIES_TO_REMEMBER:
            raise
        log.warning("not_them.not_remembered", face=str(face.id), code=error.code)


def _remember_tonight(
    runtime: Runtime, face: Face, embedding: Embeddings, *, answer_id: UUID
) -> None:
    """Keep the face's embedding in memory until the venue where it was seen closes.

    ``answer_id`` is the NotThem row's.
    """
    if face.customer_id is None:
        return
    now = runtime.clock.now()
    with runtime.database.look() as transaction:
        venue_id = photos.venue_of_face(transaction, face.id)
        found = venues.find(transaction, venue_id) if venue_id else None
        venue = found or venues.home(transaction)
    until = night_end(now, timezone=venue.timezone, closes_at_hour=venue.closes_at_hour)
    probe = RejectedProbe(answer_id, CustomerId(face.customer_id), embedding, until)
    runtime.rejected.remember(runtime.engine.space, probe)
    # The second look closes the race with an erasure, a withdrawal or the answer turned round:
    # either it forgets after our write, or we see its commit here and forget ourselves.
    with runtime.database.look() as transaction:
        stands = not_them.stands(transaction, answer_id)
    if not stands:
        runtime.rejected.forget_answers([answer_id])
