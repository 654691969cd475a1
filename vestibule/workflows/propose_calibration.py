"""Thresholds that a venue could decide with, worked out and kept, but not yet in force."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from vestibule.domain.answered_alerts import (
    AnsweredAlert,
    BandEvidence,
    CountedFaces,
    weigh_answers,
)
from vestibule.domain.calibration_document import calibration_of, content_of
from vestibule.domain.errors import InvalidInputError
from vestibule.domain.ids import new_uuid
from vestibule.domain.light_band import LightBand
from vestibule.domain.night import night_of
from vestibule.domain.pack_calibration import PackCalibration
from vestibule.domain.venue_calibration import (
    AS_MEASURED,
    REVIEW_BOUNDS,
    TARGET_BOUNDS,
    VenueCalibration,
)
from vestibule.records import audit, calibrations, gallery
from vestibule.records.calibration_tables import CalibrationProposal
from vestibule.records.database import Transaction
from vestibule.records.tables import Venue
from vestibule.workflows.calibration_in_force import factors_content
from vestibule.workflows.runtime import Runtime

LOOK_BACK = timedelta(days=90)
"""Answers of so many nights are weighed."""

FEWEST_PEOPLE = 200
"""A calibration on fewer people counts as little evidence."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is not given stays as it is in force."""

    target_fpir: float | None = None
    review_fpir: float | None = None
    from_answers: bool = False
    measured: dict[str, Any] | None = None
    """A whole calibration, as ``vestibule calibrate`` writes it."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a venue decided and answered lately."""

    venue: Venue
    at: datetime
    tonight: date
    counted: list[CountedFaces]
    answers: list[AnsweredAlert]


def propose_calibration(
    runtime: Runtime, wanted: Wanted, *, venue_id: UUID, actor: str
) -> CalibrationProposal:
    """Work it out for that venue and keep it. Changes no decision. Raises InvalidInputError."""
    calibration, evidence = _worked_out(runtime, wanted, venue_id)
    with runtime.database.begin() as transaction:
        size = gallery.size(transaction, calibration.space_id)
        proposal = CalibrationProposal(
            id=new_uuid(),
            venue_id=venue_id,
            space_id=calibration.space_id,
            source="photos" if wanted.measured else "answers" if wanted.from_answers else "target",
            target_fpir=calibration.target_fpir,
            review_fpir=calibration.review_fpir,
            factors=factors_content(calibration),
            measured=_own_measurement(runtime, calibration),
            evidence={
                "bands": {band.value: asdict(seen) for band, seen in evidence.items()},
                "shortcomings": _shortcomings(wanted, calibration, evidence, size),
            },
            created_by=actor,
            created_at=runtime.clock.now(),
        )
        transaction.add(proposal)
        audit.append(
            transaction,
            at=runtime.clock.now(),
            actor=actor,
            action="calibration.propose",
            subject=f"calibration:{proposal.id}",
            source=proposal.source,
            target_fpir=proposal.target_fpir,
            review_fpir=proposal.review_fpir,
        )
    return proposal


def seen_lately(runtime: Runtime, transaction: Transaction, venue_id: UUID) -> Seen:
    """What was decided there in the engine's space and what was said of it, over ``LOOK_BACK``."""
    venue, space_id = transaction.get_one(Venue, venue_id), runtime.engine.space.id
    tonight = night_of(
        runtime.clock.now(), timezone=venue.timezone, closes_at_hour=venue.closes_at_hour
    )
    since = tonight - LOOK_BACK
    return Seen(
        venue=venue,
        at=runtime.clock.now(),
        tonight=tonight,
        counted=calibrations.counted_faces(
            transaction, venue_id=venue.id, space_id=space_id, since=since
        ),
        answers=calibrations.answered_alerts(
            transaction, venue_id=venue.id, space_id=space_id, since=since
        ),
    )


def _worked_out(
    runtime: Runtime, wanted: Wanted, venue_id: UUID
) -> tuple[VenueCalibration, Mapping[LightBand, BandEvidence]]:
    now = runtime.calibration_in_force(venue_id)
    measured = _measured(wanted.measured, now)
    evidence: Mapping[LightBand, BandEvidence] = {}
    factors = {} if wanted.measured is not None else now.factors
    if wanted.from_answers:
        with runtime.database.look() as transaction:
            seen = seen_lately(runtime, transaction, venue_id)
        evidence = weigh_answers(seen.counted, seen.answers, measured)
        factors = {band: of.factors for band, of in evidence.items() if of.factors != AS_MEASURED}
    target = now.target_fpir if wanted.target_fpir is None else wanted.target_fpir
    review = now.review_fpir if wanted.review_fpir is None else wanted.review_fpir
    _require_within("target_fpir", wanted.target_fpir, TARGET_BOUNDS)
    _require_within("review_fpir", wanted.review_fpir, REVIEW_BOUNDS)
    if review < target:
        raise InvalidInputError("The share to check must not be under the share of matches.")
    return replace(
        now, measured=measured, target_fpir=target, review_fpir=review, factors=factors
    ), evidence


def _measured(content: dict[str, Any] | None, now: VenueCalibration) -> PackCalibration:
    if content is None:
        return now.measured
    measured = calibration_of(content)
    if measured.space_id != now.space_id:
        raise InvalidInputError(
            "This calibration is of another embedding space.", space_id=measured.space_id
        )
    return measured


def _own_measurement(runtime: Runtime, calibration: VenueCalibration) -> dict[str, Any] | None:
    is_there = calibration.measured == runtime.calibration
    return None if is_there else content_of(calibration.measured)


def _require_within(name: str, value: float | None, bounds: tuple[float, float]) -> None:
    if value is not None and not bounds[0] <= value <= bounds[1]:
        raise InvalidInputError(
            f"It must lie between {bounds[0]:g} and {bounds[1]:g}.",
            fields=[{"field": name, "problem": f"between {bounds[0]:g} and {bounds[1]:g}"}],
        )


def _shortcomings(
    wanted: Wanted,
    calibration: VenueCalibration,
    evidence: Mapping[LightBand, BandEvidence],
    size: gallery.GallerySize,
) -> list[str]:
    """Why it should not be adopted without a thought: stable names."""
    found = []
    moved = [of for of in evidence.values() if of.factors != AS_MEASURED]
    if wanted.from_answers and (not moved or not all(of.is_enough for of in moved)):
        found.append("few_answers")
    if wanted.measured is not None and calibration.measured.measured_on.people < FEWEST_PEOPLE:
        found.append("few_people")
    tables = [calibration.quantiles(band) for band in LightBand]
    if any(
        table.is_extrapolated(
            target_fpir=calibration.target_fpir,
            gallery_size=table.effective_gallery_size(
                customers=size.customers, templates=size.templates
            ),
        )
        for table in tables
    ):
        found.append("beyond_measured")
    return found
