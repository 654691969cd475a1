"""The thresholds of one venue: what was measured, what is asked for, and what its answers say."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from vestibule.domain.calibration import ScoreQuantiles
from vestibule.domain.decision import Thresholds
from vestibule.domain.light_band import LightBand
from vestibule.domain.pack_calibration import PackCalibration

SMALLEST_FACTOR, LARGEST_FACTOR = 0.5, 4.0
"""So far answers may move the rate of false alerts from the measured one; docs/adr/0013."""

TARGET_BOUNDS = (0.001, 0.05)
"""How often a face of somebody unknown may come out as a match: what a venue may ask for."""

REVIEW_BOUNDS = (0.01, 0.12)
"""And as a match or a check; more would have people look at faces all night."""


@dataclass(frozen=True, slots=True)
class RateFactors:
    """How many times as often as measured strangers are called somebody at this venue.

    ``match`` counts those over the match threshold, ``review`` all alerts. Raises ValueError
    outside ``SMALLEST_FACTOR``..``LARGEST_FACTOR``.
    """

    match: float = 1.0
    review: float = 1.0

    def __post_init__(self) -> None:
        for factor in (self.match, self.review):
            if not SMALLEST_FACTOR <= factor <= LARGEST_FACTOR:
                raise ValueError("the factor is out of bounds")


AS_MEASURED = RateFactors()


@dataclass(frozen=True, slots=True)
class VenueCalibration:
    """What decisions are made with. ``review_fpir`` must not be under ``target_fpir``."""

    measured: PackCalibration
    target_fpir: float
    review_fpir: float
    factors: Mapping[LightBand, RateFactors] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not 0 < self.target_fpir <= self.review_fpir < 1:
            raise ValueError("targets lie between 0 and 1, review's not under the match's")

    @property
    def space_id(self) -> str:
        return self.measured.space_id

    def quantiles(self, band: LightBand) -> ScoreQuantiles:
        return self.measured.quantiles_in(band)

    def thresholds(self, band: LightBand, *, customers: int, templates: int) -> Thresholds:
        """For a face in that light, at that gallery.

        Where strangers come out f times as often as measured, the target is met by asking for
        1/f of it. Never falls when the gallery grows; the review threshold is never the higher.
        """
        table = self.measured.quantiles_in(band)
        factors = self.factors.get(band, AS_MEASURED)
        size = table.effective_gallery_size(customers=customers, templates=templates)
        match = table.threshold(
            target_fpir=min(self.target_fpir / factors.match, 0.5), gallery_size=size
        )
        review = table.threshold(
            target_fpir=min(self.review_fpir / factors.review, 0.99), gallery_size=size
        )
        return Thresholds(
            match=match,
            review=min(review, match),
            target_fpir=self.target_fpir,
            gallery_size=customers,
            space_id=table.space_id,
        )
