"""Which calibration decides: the one that was adopted last, or the one that is there without."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from vestibule.domain.calibration_document import calibration_of
from vestibule.domain.light_band import LightBand
from vestibule.domain.pack_calibration import PackCalibration
from vestibule.domain.venue_calibration import RateFactors, VenueCalibration
from vestibule.records import calibrations
from vestibule.records.calibration_tables import CalibrationProposal
from vestibule.records.database import Database


class CalibrationInForce:
    """Asks Postgres each time which adoption of a venue is the last, and reads it only when it
    changed. A venue that adopted nothing decides with what is there without.

    So an adoption counts from the next photo on, in every process. Safe to call from several
    threads: at worst two of them read the same row.
    """

    def __init__(self, without: VenueCalibration) -> None:
        self.without = without
        """What decides as long as nothing was adopted."""
        self.kept: dict[UUID, object] = {}
        """What was seen lately at each venue, for whoever shows it; see ``tell_alikeness``."""
        self._known: dict[UUID, _Adopted] = {}

    def now(self, database: Database, venue_id: UUID) -> VenueCalibration:
        space_id = self.without.space_id
        with database.look() as transaction:
            adoption = calibrations.adoption_in_force(
                transaction, venue_id=venue_id, space_id=space_id
            )
            if adoption is None or adoption.proposal_id is None:
                return self.without
            known = self._known.get(venue_id)
            if known is None or known.proposal_id != adoption.proposal_id:
                row = transaction.get_one(CalibrationProposal, adoption.proposal_id)
                known = _Adopted(row.id, calibration_from_row(row, self.without.measured))
                self._known[venue_id] = known
        return known.calibration


@dataclass(frozen=True, slots=True)
class _Adopted:
    proposal_id: UUID
    calibration: VenueCalibration


def calibration_from_row(row: CalibrationProposal, there: PackCalibration) -> VenueCalibration:
    """``there`` is what was measured without any adoption: a row without its own leans on it."""
    return VenueCalibration(
        measured=calibration_of(row.measured) if row.measured else there,
        target_fpir=row.target_fpir,
        review_fpir=row.review_fpir,
        factors={LightBand(name): RateFactors(**of) for name, of in row.factors.items()},
    )


def factors_content(calibration: VenueCalibration) -> dict[str, Any]:
    return {
        band.value: {"match": round(factors.match, 4), "review": round(factors.review, 4)}
        for band, factors in calibration.factors.items()
    }
