"""Counted faces, answered alerts, and which calibration a venue decides with."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from uuid import UUID

from sqlalchemy import CursorResult, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from vestibule.domain.answered_alerts import AnsweredAlert, CountedFaces
from vestibule.domain.decision import Decision
from vestibule.domain.light_band import LightBand
from vestibule.records.calibration_tables import (
    AnsweredAlertRow,
    CalibrationAdoption,
    CalibrationProposal,
    FaceCount,
)
from vestibule.records.database import Transaction


# ── what was decided and answered ───────────────────────────────────────────────────────────
def add_faces(
    transaction: Transaction, decided: Iterable[CountedFaces], *, venue_id: UUID, space_id: str
) -> None:
    """Add to the counts; in one order, so that two photos never wait for each other."""
    counts: Counter[CountedFaces] = Counter(decided)
    for cell in sorted(counts, key=lambda c: (c.night, c.band, c.decision, c.score_bin, c.match)):
        row = insert(FaceCount).values(
            venue_id=venue_id,
            space_id=space_id,
            night=cell.night,
            light_band=cell.band.value,
            decision=cell.decision.value,
            customers=cell.customers,
            templates=cell.templates,
            threshold=cell.match,
            review_threshold=cell.review,
            score_bin=cell.score_bin,
            faces=counts[cell],
        )
        transaction.execute(
            row.on_conflict_do_update(
                constraint="pk_face_count", set_={"faces": FaceCount.faces + counts[cell]}
            )
        )


def counted_faces(
    transaction: Transaction, *, venue_id: UUID, space_id: str, since: date
) -> list[CountedFaces]:
    query = select(FaceCount).where(
        FaceCount.venue_id == venue_id, FaceCount.space_id == space_id, FaceCount.night >= since
    )
    return [
        CountedFaces(
            night=row.night,
            band=LightBand(row.light_band),
            decision=Decision(row.decision),
            customers=row.customers,
            templates=row.templates,
            match=row.threshold,
            review=row.review_threshold,
            score_bin=row.score_bin,
            faces=row.faces,
        )
        for row in transaction.scalars(query)
    ]


def add_answer(transaction: Transaction, answer: AnsweredAlertRow) -> None:
    """An earlier answer to the same face is marked as replaced."""
    if answer.face_id is not None:
        earlier = update(AnsweredAlertRow).where(AnsweredAlertRow.face_id == answer.face_id)
        transaction.execute(earlier.values(is_replaced=True))
    transaction.add(answer)


def answered_alerts(
    transaction: Transaction, *, venue_id: UUID, space_id: str, since: date
) -> list[AnsweredAlert]:
    query = select(AnsweredAlertRow).where(
        AnsweredAlertRow.venue_id == venue_id,
        AnsweredAlertRow.space_id == space_id,
        AnsweredAlertRow.night >= since,
        AnsweredAlertRow.is_replaced.is_(False),
    )
    return [
        AnsweredAlert(
            night=row.night,
            band=LightBand(row.light_band),
            score=row.score,
            match=row.threshold,
            answerer=row.answerer,
            is_false=row.answer == "not_them",
            review=row.review_threshold,
        )
        for row in transaction.scalars(query)
    ]


def forget_before(transaction: Transaction, night: date) -> int:
    """Delete counts and answers of earlier nights; returns how many rows went."""
    gone = 0
    for table in (FaceCount, AnsweredAlertRow):
        result = transaction.execute(delete(table).where(table.night < night))
        gone += result.rowcount if isinstance(result, CursorResult) else 0
    return gone


# ── what could be adopted, and what was ─────────────────────────────────────────────────────
def find_proposal(transaction: Transaction, proposal_id: UUID) -> CalibrationProposal | None:
    return transaction.get(CalibrationProposal, proposal_id)


def latest_proposals(
    transaction: Transaction, *, venue_id: UUID, space_id: str, limit: int
) -> list[CalibrationProposal]:
    query = (
        select(CalibrationProposal)
        .where(CalibrationProposal.venue_id == venue_id, CalibrationProposal.space_id == space_id)
        .order_by(CalibrationProposal.created_at.desc())
    )
    return list(transaction.scalars(query.limit(limit)))


def adoption_in_force(
    transaction: Transaction, *, venue_id: UUID, space_id: str
) -> CalibrationAdoption | None:
    return next(iter(adoptions(transaction, venue_id=venue_id, space_id=space_id, limit=1)), None)


def adoptions(
    transaction: Transaction, *, venue_id: UUID, space_id: str, limit: int
) -> list[CalibrationAdoption]:
    """Newest first."""
    query = (
        select(CalibrationAdoption)
        .where(CalibrationAdoption.venue_id == venue_id, CalibrationAdoption.space_id == space_id)
        .order_by(CalibrationAdoption.number.desc())
    )
    return list(transaction.scalars(query.limit(limit)))
