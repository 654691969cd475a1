"""What a venue's own answers say of its rate of false alerts; docs/adr/0013 explains each step.

Only faces over the review threshold are ever shown as somebody, so only they are answered: scores
are cut off on the left. The rate is therefore counted over all faces that were decided, which are
known in number, and never from the answered scores alone.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np
from scipy.special import betaincinv, gammaincinv

from vestibule.domain.calibration import ScoreQuantiles
from vestibule.domain.decision import Decision
from vestibule.domain.light_band import LightBand
from vestibule.domain.pack_calibration import PackCalibration
from vestibule.domain.venue_calibration import LARGEST_FACTOR, SMALLEST_FACTOR, RateFactors

BINS_PER_POINT = 200
"""Scores of counted faces are kept in bins of 0.005."""

ANSWERS_A_NIGHT = 20
"""One person's answers of one night count for so many at most, however many there are."""

PRIOR_ALERTS = 10.0
"""What was measured weighs like so many expected false alerts seen here."""

DESIGN_EFFECT = 2.0
"""Faces of one night are not independent: people are photographed again. Two count as one."""

FEWEST_NIGHTS = 5
FEWEST_EXPECTED_ALERTS = 20.0
"""Under so many nights, or expected false alerts with an answer, evidence is called little."""

_LARGEST_GUEST_SHARE = 2.0
_SURE = 0.95


@dataclass(frozen=True, slots=True)
class CountedFaces:
    """So many decided faces of one night that are alike in all of this."""

    night: date
    band: LightBand
    decision: Decision
    customers: int
    templates: int
    match: float
    review: float
    score_bin: int
    """``floor(score * BINS_PER_POINT)``."""
    faces: int

    @property
    def score(self) -> float:
        """The middle of the bin."""
        return (self.score_bin + 0.5) / BINS_PER_POINT


@dataclass(frozen=True, slots=True)
class AnsweredAlert:
    """A match or check that a person answered: *them* (mated score) or *not them* (non-mated).

    ``answerer`` tells people of one night apart and nothing more.
    """

    night: date
    band: LightBand
    score: float
    match: float
    answerer: str
    is_false: bool
    review: float = -1.0


@dataclass(frozen=True, slots=True)
class AlertCounts:
    """Alerts over one of the two thresholds: counted, answered, and expected to be false.

    ``answered`` and ``false`` are weighted by ``ANSWERS_A_NIGHT``; ``expected`` is how many false
    ones strangers would have given by what was measured.
    """

    alerts: int
    answers: int
    answered: float
    false: float
    expected: float

    @property
    def answered_share(self) -> float:
        """Of the alerts, the share that counts as answered; 1 where there was none to answer."""
        return min(self.answered / self.alerts, 1.0) if self.alerts else 1.0

    @property
    def expected_answered(self) -> float:
        return self.expected * self.answered_share


@dataclass(frozen=True, slots=True)
class RateSeen:
    """The share of unknown people's faces over the review threshold, 95 % by night."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class BandEvidence:
    """One light at one venue."""

    nights: int
    faces: int
    match: AlertCounts
    review: AlertCounts
    rate: RateSeen | None
    factors: RateFactors

    @property
    def is_enough(self) -> bool:
        return (
            self.nights >= FEWEST_NIGHTS and self.review.expected_answered >= FEWEST_EXPECTED_ALERTS
        )


def weigh_answers(
    counted: Sequence[CountedFaces],
    answers: Sequence[AnsweredAlert],
    measured: PackCalibration,
) -> Mapping[LightBand, BandEvidence]:
    """The evidence of every light in which faces were decided."""
    weights = answer_weights(answers)
    bands = {}
    for band in LightBand:
        here = [cell for cell in counted if cell.band is band]
        said = [(answer, weights[_of(answer)]) for answer in answers if answer.band is band]
        if here:
            bands[band] = _weigh(here, said, measured, band)
    return bands


def rate_factor(counts: AlertCounts) -> float:
    """How many times as often as measured strangers come out here, as far as that is known.

    Gamma-Poisson: what was measured is the prior with mean 1. Over 1 it is the posterior's mean;
    under 1 only as far as its upper 95 % bound, with every unanswered alert taken for a false one.
    Without evidence it is 1; one more false alert never lowers it.
    """
    if counts.alerts and not counts.answered:
        return 1.0
    share, expected = counts.answered_share, counts.expected_answered / DESIGN_EFFECT
    mean = (PRIOR_ALERTS + counts.false / DESIGN_EFFECT) / (PRIOR_ALERTS + expected)
    unanswered = max(counts.alerts - counts.answers, 0)
    scale = counts.answers / counts.answered if counts.answered else 1.0
    at_worst = (counts.false * scale + unanswered) * share / DESIGN_EFFECT
    bound = float(gammaincinv(PRIOR_ALERTS + at_worst, _SURE)) / (PRIOR_ALERTS + expected)
    return float(np.clip(max(mean, min(1.0, bound)), SMALLEST_FACTOR, LARGEST_FACTOR))


def _of(answer: AnsweredAlert) -> tuple[date, str]:
    return answer.night, answer.answerer


def answer_weights(answers: Sequence[AnsweredAlert]) -> dict[tuple[date, str], float]:
    """What one answer counts for, by night and answerer; see ``ANSWERS_A_NIGHT``."""
    given = Counter(_of(answer) for answer in answers)
    return {who: min(1.0, ANSWERS_A_NIGHT / count) for who, count in given.items()}


def _weigh(
    counted: Sequence[CountedFaces],
    said: Sequence[tuple[AnsweredAlert, float]],
    measured: PackCalibration,
    band: LightBand,
) -> BandEvidence:
    table = measured.quantiles_in(band)
    strangers = stranger_share(counted, said, measured, band)
    over_match = [(answer, weight) for answer, weight in said if answer.score >= answer.match]
    match = _counts(
        sum(cell.faces for cell in counted if cell.decision is Decision.MATCH),
        over_match,
        strangers * sum(cell.faces * _expected(table, cell, cell.match) for cell in counted),
    )
    review = _counts(
        sum(cell.faces for cell in counted if cell.decision is not Decision.UNKNOWN),
        said,
        strangers * sum(cell.faces * _expected(table, cell, cell.review) for cell in counted),
    )
    return BandEvidence(
        nights=len({cell.night for cell in counted}),
        faces=sum(cell.faces for cell in counted),
        match=match,
        review=review,
        rate=_rate_seen(counted, said, review, strangers),
        factors=RateFactors(match=rate_factor(match), review=rate_factor(review)),
    )


def _counts(
    alerts: int, said: Sequence[tuple[AnsweredAlert, float]], expected: float
) -> AlertCounts:
    return AlertCounts(
        alerts=max(alerts, len(said)),
        answers=len(said),
        answered=sum(weight for _, weight in said),
        false=sum(weight for answer, weight in said if answer.is_false),
        expected=expected,
    )


def stranger_share(
    counted: Sequence[CountedFaces],
    said: Sequence[tuple[AnsweredAlert, float]],
    measured: PackCalibration,
    band: LightBand,
) -> float:
    """Of all decided faces, the share that is not a guest's.

    Guests are the confirmed alerts, scaled up to the unanswered ones and by what the review
    threshold misses (twofold at most, so that one answer never outweighs itself).
    """
    faces = sum(cell.faces for cell in counted)
    alerts = sum(cell.faces for cell in counted if cell.decision is not Decision.UNKNOWN)
    answered = sum(weight for _, weight in said)
    if not answered:
        return 1.0
    confirmed = sum(weight for answer, weight in said if not answer.is_false)
    mated = measured.mated_in(band)
    review = sum(cell.faces * cell.review for cell in counted) / faces
    missed = mated.missed(review) if mated is not None else 0.0
    found_and_missed = min(1 / max(1 - missed, 1e-6), _LARGEST_GUEST_SHARE)
    guests = alerts * confirmed / answered * found_and_missed
    return max(1 - guests / faces, 0.0)


def _expected(table: ScoreQuantiles, cell: CountedFaces, threshold: float) -> float:
    size = table.effective_gallery_size(customers=cell.customers, templates=cell.templates)
    return _fpir(table, round(threshold, 4), _three_digits(size))


def _three_digits(size: int) -> int:
    """A gallery half a percent larger has the same rate, and half a year has many galleries."""
    return round(size, -max(len(str(size)) - 3, 0))


@lru_cache(maxsize=16_384)
def _fpir(table: ScoreQuantiles, threshold: float, gallery_size: int) -> float:
    return table.fpir(score=threshold, gallery_size=gallery_size)


def _rate_seen(
    counted: Sequence[CountedFaces],
    said: Sequence[tuple[AnsweredAlert, float]],
    review: AlertCounts,
    strangers: float,
) -> RateSeen | None:
    """Clopper and Pearson (1934) on as many faces as those of clustered nights are worth."""
    seen = strangers * review.answered_share * sum(cell.faces for cell in counted)
    if seen < 1 or not review.answered:
        return None
    worth = _clustering(counted, said, review.false)
    faces, false = seen / worth, min(review.false, seen) / worth
    tail = (1 - _SURE) / 2
    low = float(betaincinv(false, faces - false + 1, tail)) if false > 0 else 0.0
    high = float(betaincinv(false + 1, max(faces - false, 1e-9), 1 - tail))
    return RateSeen(false / faces, low, high)


def _clustering(
    counted: Sequence[CountedFaces], said: Sequence[tuple[AnsweredAlert, float]], false: float
) -> float:
    """How much more nights differ than chance would have them: Pearson's chi-square, at least 1."""
    faces: Counter[date] = Counter()
    for cell in counted:
        faces[cell.night] += cell.faces
    by_night: dict[date, float] = dict.fromkeys(faces, 0.0)
    for answer, weight in said:
        if answer.is_false:
            by_night[answer.night] = by_night.get(answer.night, 0.0) + weight
    total = sum(faces.values())
    if len(faces) < 2 or not false:
        return DESIGN_EFFECT
    expected = {night: false * count / total for night, count in faces.items()}
    chi_square = sum((by_night[n] - at) ** 2 / at for n, at in expected.items() if at > 0)
    return max(1.0, chi_square / (len(faces) - 1))
