"""What a calibration would change: thresholds by light, guests missed, decisions of last nights."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vestibule.domain.answered_alerts import CountedFaces
from vestibule.domain.decision import Decision, Thresholds, decide
from vestibule.domain.light_band import LightBand
from vestibule.domain.venue_calibration import VenueCalibration


@dataclass(frozen=True, slots=True)
class Tally:
    match: int = 0
    review: int = 0
    unknown: int = 0

    @property
    def faces(self) -> int:
        return self.match + self.review + self.unknown

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.match + other.match, self.review + other.review, self.unknown + other.unknown
        )


@dataclass(frozen=True, slots=True)
class BandOutlook:
    """One light at today's gallery.

    ``missed_match`` is the share of guests' faces that are no match, ``missed_review`` of those
    that are not even a check; None where mated scores were not measured. A guest with several
    templates is missed less often.
    """

    band: LightBand
    thresholds: Thresholds
    has_own_table: bool
    people: int
    missed_match: float | None
    missed_review: float | None


def outlook(
    calibration: VenueCalibration, *, customers: int, templates: int
) -> dict[LightBand, BandOutlook]:
    measured = calibration.measured
    bands = {}
    for band in LightBand:
        at = calibration.thresholds(band, customers=customers, templates=templates)
        mated = measured.mated_in(band)
        seen = measured.bands.get(band)
        bands[band] = BandOutlook(
            band=band,
            thresholds=at,
            has_own_table=measured.has_own_table(band),
            people=seen.people if seen is not None else 0,
            missed_match=mated.missed(at.match) if mated else None,
            missed_review=mated.missed(at.review) if mated else None,
        )
    return bands


def tally_as_decided(counted: Sequence[CountedFaces]) -> Mapping[LightBand, Tally]:
    tallies = dict.fromkeys(LightBand, Tally())
    for cell in counted:
        tallies[cell.band] += _tally(cell.decision, cell.faces)
    return tallies


def tally_under(
    calibration: VenueCalibration, counted: Sequence[CountedFaces]
) -> Mapping[LightBand, Tally]:
    """The same faces, decided by their scores at the galleries of then.

    A face that was unknown although it scored enough had lost its guest to a better face of the
    same photo, and stays unknown.
    """
    tallies = dict.fromkeys(LightBand, Tally())
    for cell in counted:
        lost_out = cell.decision is Decision.UNKNOWN and cell.score >= cell.review
        at = calibration.thresholds(cell.band, customers=cell.customers, templates=cell.templates)
        decision = Decision.UNKNOWN if lost_out else decide(cell.score, at)
        tallies[cell.band] += _tally(decision, cell.faces)
    return tallies


def _tally(decision: Decision, faces: int) -> Tally:
    return Tally(
        match=faces if decision is Decision.MATCH else 0,
        review=faces if decision is Decision.REVIEW else 0,
        unknown=faces if decision is Decision.UNKNOWN else 0,
    )
