"""Decided faces and answers become numbers: what calibration learns from, without anybody in it."""

import hashlib
import math
from collections.abc import Sequence
from datetime import date

from vestibule.domain.answered_alerts import BINS_PER_POINT, CountedFaces
from vestibule.domain.decision import Decision
from vestibule.domain.light_band import LightBand
from vestibule.domain.night import night_of
from vestibule.records import calibrations, photos
from vestibule.records.calibration_tables import AnsweredAlertRow
from vestibule.records.database import Transaction
from vestibule.records.gallery import GallerySize
from vestibule.records.tables import Customer, Face, Photo, Venue


def count_decisions(
    transaction: Transaction, photo: Photo, faces: Sequence[Face], size: GallerySize
) -> None:
    """Count the compared faces of a photo. The same bytes sent again are not counted again.

    Call it once a photo, in the transaction that stores its faces.
    """
    compared = [face for face in faces if face.threshold is not None and face.score is not None]
    if not compared or photos.same_bytes_before(transaction, photo) is not None:
        return
    venue = transaction.get_one(Venue, photo.venue_id)
    calibrations.add_faces(
        transaction,
        [_counted(photo, face, venue, size) for face in compared],
        venue_id=venue.id,
        space_id=compared[0].space_id,
    )


def count_answer(transaction: Transaction, face: Face, *, actor: str) -> None:
    """Keep the score of an answered match or check; an answer that was turned round replaces it.

    Answers to demo guests and to photos that were sent again are left out.
    """
    photo = transaction.get_one(Photo, face.photo_id)
    customer = transaction.get(Customer, face.customer_id) if face.customer_id else None
    is_compared = face.score is not None and face.threshold is not None
    if customer is None or customer.is_demo or not is_compared or face.light_band is None:
        return
    if photos.same_bytes_before(transaction, photo) is not None:
        return
    venue = transaction.get_one(Venue, photo.venue_id)
    night = _night(photo, venue)
    digest = hashlib.sha256(f"{venue.id} {night} {actor}".encode()).hexdigest()
    calibrations.add_answer(
        transaction,
        AnsweredAlertRow(
            venue_id=venue.id,
            space_id=face.space_id,
            night=night,
            light_band=face.light_band,
            score=face.score,
            threshold=face.threshold,
            review_threshold=face.review_threshold or face.threshold,
            gallery_size=photo.gallery_size or 0,
            answer=face.answer,
            answerer=digest[:16],
            face_id=face.id,
        ),
    )


def _counted(photo: Photo, face: Face, venue: Venue, size: GallerySize) -> CountedFaces:
    score, match = face.score or 0.0, face.threshold or 0.0
    return CountedFaces(
        night=_night(photo, venue),
        band=LightBand(face.light_band or LightBand.BRIGHT),
        decision=Decision(face.decision),
        customers=size.customers,
        templates=size.templates,
        match=round(match, 4),
        review=round(face.review_threshold or match, 4),
        score_bin=math.floor(score * BINS_PER_POINT),
        faces=1,
    )


def _night(photo: Photo, venue: Venue) -> date:
    return night_of(photo.created_at, timezone=venue.timezone, closes_at_hour=venue.closes_at_hour)
