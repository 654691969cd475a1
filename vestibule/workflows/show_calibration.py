"""The calibration in force with its evidence, and what a proposal would change."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from vestibule.domain.answered_alerts import BandEvidence, CountedFaces, weigh_answers
from vestibule.domain.calibration_outlook import (
    BandOutlook,
    Tally,
    outlook,
    tally_as_decided,
    tally_under,
)
from vestibule.domain.errors import NotFoundError
from vestibule.domain.light_band import LightBand
from vestibule.domain.venue_calibration import VenueCalibration
from vestibule.records import calibrations, gallery
from vestibule.records.calibration_tables import CalibrationAdoption, CalibrationProposal
from vestibule.records.tables import Venue
from vestibule.workflows.calibration_in_force import calibration_from_row
from vestibule.workflows.propose_calibration import Seen, seen_lately
from vestibule.workflows.runtime import Runtime

PREVIEWED = timedelta(days=14)
"""The decisions of so many nights are made again for a preview."""

_HISTORY = 20
_PROPOSALS = 10


@dataclass(frozen=True, slots=True)
class CalibrationShown:
    """``adoption`` is the one in force, None where nothing was adopted yet."""

    venue: Venue
    calibration: VenueCalibration
    adoption: CalibrationAdoption | None
    proposal: CalibrationProposal | None
    size: gallery.GallerySize
    bands: Mapping[LightBand, BandOutlook]
    evidence: Mapping[LightBand, BandEvidence]
    history: list[CalibrationAdoption]
    proposals: list[CalibrationProposal]


@dataclass(frozen=True, slots=True)
class ProposalShown:
    """``decided`` and ``then`` are the decisions of the last ``nights`` nights with faces."""

    proposal: CalibrationProposal
    is_in_force: bool
    calibration: VenueCalibration
    before: VenueCalibration
    """The one in force now."""
    now: Mapping[LightBand, BandOutlook]
    then: Mapping[LightBand, BandOutlook]
    nights: int
    decided: Mapping[LightBand, Tally]
    decided_then: Mapping[LightBand, Tally]


def show_calibration(runtime: Runtime, venue_id: UUID) -> CalibrationShown:
    calibration, space_id = runtime.calibration_in_force(venue_id), runtime.engine.space.id
    with runtime.database.look() as transaction:
        size = gallery.size(transaction, space_id)
        seen = seen_lately(runtime, transaction, venue_id)
        history = calibrations.adoptions(
            transaction, venue_id=venue_id, space_id=space_id, limit=_HISTORY
        )
        proposals = calibrations.latest_proposals(
            transaction, venue_id=venue_id, space_id=space_id, limit=_PROPOSALS
        )
        last = history[0] if history else None
        proposal = (
            calibrations.find_proposal(transaction, last.proposal_id)
            if last is not None and last.proposal_id is not None
            else None
        )
    return CalibrationShown(
        venue=seen.venue,
        calibration=calibration,
        adoption=last,
        proposal=proposal,
        size=size,
        bands=outlook(calibration, customers=size.customers, templates=size.templates),
        evidence=weigh_answers(seen.counted, seen.answers, calibration.measured),
        history=history,
        proposals=proposals,
    )


def show_proposal(runtime: Runtime, proposal_id: UUID) -> ProposalShown:
    """Beside what is in force at its venue. Raises NotFoundError."""
    space_id = runtime.engine.space.id
    with runtime.database.look() as transaction:
        proposal = calibrations.find_proposal(transaction, proposal_id)
        if proposal is None or proposal.space_id != space_id:
            raise NotFoundError()
        size = gallery.size(transaction, space_id)
        seen = seen_lately(runtime, transaction, proposal.venue_id)
        last = calibrations.adoption_in_force(
            transaction, venue_id=proposal.venue_id, space_id=space_id
        )
    now = runtime.calibration_in_force(proposal.venue_id)
    then = calibration_from_row(proposal, runtime.calibration)
    recent = _recent(seen)
    return ProposalShown(
        proposal=proposal,
        is_in_force=last is not None and last.proposal_id == proposal.id,
        calibration=then,
        before=now,
        now=outlook(now, customers=size.customers, templates=size.templates),
        then=outlook(then, customers=size.customers, templates=size.templates),
        nights=len({cell.night for cell in recent}),
        decided=tally_as_decided(recent),
        decided_then=tally_under(then, recent),
    )


def _recent(seen: Seen) -> list[CountedFaces]:
    return [cell for cell in seen.counted if cell.night > seen.tonight - PREVIEWED]
