"""All that was measured of a space's scores, with where it comes from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from vestibule.domain.calibration import ScoreQuantiles
from vestibule.domain.light_band import LightBand
from vestibule.domain.score_shares import MatedScores, PairTail


@dataclass(frozen=True, slots=True)
class MeasuredOn:
    """The set behind a calibration. ``photos`` counts those with a usable face."""

    name: str
    people: int
    photos: int
    mated_pairs: int
    non_mated_pairs: int


@dataclass(frozen=True, slots=True)
class BandCheck:
    """How strangers in one light fare at the general threshold for ``target_fpir``.

    ``fpir`` is their measured rate at ``gallery_size``, ``low`` and ``high`` its 95 % interval by
    person.
    """

    target_fpir: float
    gallery_size: int
    fpir: float
    low: float
    high: float

    @property
    def differs(self) -> bool:
        """Off by a fifth or more, and not by chance."""
        is_by_chance = self.low <= self.target_fpir <= self.high
        return not is_by_chance and abs(self.fpir / self.target_fpir - 1) >= 0.2


@dataclass(frozen=True, slots=True)
class BandMeasurement:
    """What was measured of faces in one light band against templates as taken.

    ``quantiles`` and ``pairs`` are None where the general ones hold: too few people were seen in
    that light, or their scores do not differ.
    """

    people: int
    photos: int
    checks: tuple[BandCheck, ...] = ()
    quantiles: ScoreQuantiles | None = None
    pairs: PairTail | None = None
    mated: MatedScores | None = None


@dataclass(frozen=True, slots=True)
class PackCalibration:
    """The quantiles with where they come from.

    ``pair_quantiles`` is the score that a share (the first of each) of pairs of different people
    reaches: the false match rate of a one-to-one comparison. ``mated`` is missing from files of
    the first format, and so are ``bands`` and ``measured_at``.
    """

    pack: str
    quantiles: ScoreQuantiles
    measured_on: MeasuredOn
    pair_quantiles: tuple[tuple[float, float], ...]
    seed: int
    command: str
    mated: MatedScores | None = None
    bands: Mapping[LightBand, BandMeasurement] = field(default_factory=dict)
    measured_at: date | None = None

    @property
    def space_id(self) -> str:
        return self.quantiles.space_id

    def quantiles_in(self, band: LightBand) -> ScoreQuantiles:
        """The band's own table, or the general one."""
        measured = self.bands.get(band)
        return self.quantiles if measured is None else measured.quantiles or self.quantiles

    def has_own_table(self, band: LightBand) -> bool:
        measured = self.bands.get(band)
        return measured is not None and measured.quantiles is not None

    def pairs_in(self, band: LightBand) -> PairTail | None:
        """The band's own tail of pairs, or the general one; None if none was measured."""
        measured = self.bands.get(band)
        if measured is not None and measured.pairs is not None:
            return measured.pairs
        if not self.pair_quantiles:
            return None
        rates, scores = zip(*self.pair_quantiles, strict=True)
        return PairTail(rates, scores)

    def mated_in(self, band: LightBand) -> MatedScores | None:
        """The band's own: darkness costs misses even where it does not cost false alerts."""
        measured = self.bands.get(band)
        if measured is not None and measured.mated is not None:
            return measured.mated
        return self.mated
