"""Calibrations as they go over the wire."""

from typing import Any

from services.api import calibration_schemas as schemas
from vestibule.domain.answered_alerts import BandEvidence
from vestibule.domain.calibration_outlook import BandOutlook, Tally
from vestibule.domain.light_band import LightBand
from vestibule.domain.pack_calibration import PackCalibration
from vestibule.domain.venue_calibration import (
    AS_MEASURED,
    REVIEW_BOUNDS,
    TARGET_BOUNDS,
    VenueCalibration,
)
from vestibule.records import calibration_tables as tables
from vestibule.workflows.show_calibration import CalibrationShown, ProposalShown


def calibration(shown: CalibrationShown) -> schemas.Calibration:
    measured = shown.calibration.measured
    return schemas.Calibration(
        venue=shown.venue.name,
        pack=measured.pack,
        space_id=measured.space_id,
        searchable_customers=shown.size.customers,
        templates=shown.size.templates,
        in_force=_in_force(shown),
        bands=[_band(of, shown.calibration) for of in shown.bands.values()],
        answers=[_answers(band, of) for band, of in shown.evidence.items()],
        target_bounds=schemas.Bounds(smallest=TARGET_BOUNDS[0], largest=TARGET_BOUNDS[1]),
        review_bounds=schemas.Bounds(smallest=REVIEW_BOUNDS[0], largest=REVIEW_BOUNDS[1]),
        history=[adoption(row) for row in shown.history],
        proposals=[schemas.CalibrationProposalSummary(**_summary(row)) for row in shown.proposals],
    )


def proposal(shown: ProposalShown) -> schemas.CalibrationProposal:
    return schemas.CalibrationProposal(
        **_summary(shown.proposal),
        is_in_force=shown.is_in_force,
        measured_on=_measured_on(shown.calibration.measured),
        bands=[
            schemas.BandChange(
                band=band.value,
                now=_band(shown.now[band], shown.before),
                then=_band(shown.then[band], shown.calibration),
                decided=_decisions(shown.decided[band]),
                would_decide=_decisions(shown.decided_then[band]),
            )
            for band in LightBand
        ],
        nights=shown.nights,
    )


def adoption(row: tables.CalibrationAdoption) -> schemas.CalibrationAdoption:
    return schemas.CalibrationAdoption.model_validate(row, from_attributes=True)


def _in_force(shown: CalibrationShown) -> schemas.CalibrationInForce:
    last = shown.adoption
    return schemas.CalibrationInForce(
        proposal_id=last.proposal_id if last else None,
        measured_on=_measured_on(shown.calibration.measured),
        target_fpir=shown.calibration.target_fpir,
        review_fpir=shown.calibration.review_fpir,
        adopted_by=last.adopted_by if last else None,
        adopted_at=last.adopted_at if last else None,
        reason=last.reason if last else None,
    )


def _measured_on(measured: PackCalibration) -> schemas.MeasuredSet:
    on = measured.measured_on
    return schemas.MeasuredSet(
        name=on.name, people=on.people, photos=on.photos, measured_at=measured.measured_at
    )


def _summary(row: tables.CalibrationProposal) -> dict[str, Any]:
    return {
        "id": row.id,
        "source": row.source,
        "target_fpir": row.target_fpir,
        "review_fpir": row.review_fpir,
        "shortcomings": row.evidence["shortcomings"],
        "created_by": row.created_by,
        "created_at": row.created_at,
    }


def _band(of: BandOutlook, calibration: VenueCalibration) -> schemas.BandThresholds:
    factors = calibration.factors.get(of.band, AS_MEASURED)
    return schemas.BandThresholds(
        band=of.band.value,
        threshold=round(of.thresholds.match, 4),
        review_threshold=round(of.thresholds.review, 4),
        own_table=of.has_own_table,
        people=of.people,
        missed_match=_rounded(of.missed_match),
        missed_review=_rounded(of.missed_review),
        match_factor=round(factors.match, 3),
        review_factor=round(factors.review, 3),
    )


def _answers(band: LightBand, of: BandEvidence) -> schemas.BandAnswers:
    rate = of.rate
    return schemas.BandAnswers(
        band=band.value,
        nights=of.nights,
        faces=of.faces,
        alerts=of.review.alerts,
        answered=of.review.answers,
        not_them=round(of.review.false, 1),
        expected=round(of.review.expected_answered, 1),
        rate=(
            schemas.RateSeen(
                value=round(rate.value, 4), low=round(rate.low, 4), high=round(rate.high, 4)
            )
            if rate
            else None
        ),
        match_factor=round(of.factors.match, 3),
        review_factor=round(of.factors.review, 3),
        is_enough=of.is_enough,
    )


def _decisions(tally: Tally) -> schemas.Decisions:
    return schemas.Decisions(match=tally.match, review=tally.review, unknown=tally.unknown)


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 4)
