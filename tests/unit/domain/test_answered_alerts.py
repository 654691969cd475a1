"""What answers say of the rate of false alerts, on simulated venues whose true rate is known."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vestibule.domain.answered_alerts import (
    ANSWERS_A_NIGHT,
    BINS_PER_POINT,
    AlertCounts,
    AnsweredAlert,
    CountedFaces,
    rate_factor,
    weigh_answers,
)
from vestibule.domain.calibration import ScoreQuantiles
from vestibule.domain.decision import Decision
from vestibule.domain.light_band import LightBand
from vestibule.domain.pack_calibration import MeasuredOn, PackCalibration
from vestibule.domain.score_shares import MatedScores
from vestibule.domain.venue_calibration import VenueCalibration

TARGETS = (0.003, 0.01, 0.03, 0.1, 0.3)
MEASURED = PackCalibration(
    pack="open",
    quantiles=ScoreQuantiles(
        "space",
        (1, 100, 1000),
        TARGETS,
        ((0.4, 0.35, 0.28, 0.2, 0.1), (0.56, 0.53, 0.49, 0.45, 0.4), (0.63, 0.6, 0.56, 0.53, 0.5)),
    ),
    measured_on=MeasuredOn("set", people=1000, photos=1, mated_pairs=1, non_mated_pairs=1),
    pair_quantiles=(),
    seed=0,
    command="",
    mated=MatedScores((0.02, 0.1, 0.5), (0.45, 0.55, 0.7)),
)
SIZE = 300
STEPS = 4_000
SCORES = [
    MEASURED.quantiles.threshold(target_fpir=(step + 0.5) / STEPS, gallery_size=SIZE)
    for step in range(STEPS)
]
FIRST = date(2026, 1, 1)


class SimulatedVenue:
    """Strangers come out ``times`` as often as measured; a fifth of the faces are guests'."""

    def __init__(self, times: float, *, seed: int, faces_a_night: int = 250) -> None:
        self.times, self.faces_a_night = times, faces_a_night
        self.rng = np.random.default_rng(seed)
        self.counted: list[CountedFaces] = []
        self.answers: list[AnsweredAlert] = []
        self.use(VenueCalibration(MEASURED, 0.01, 0.1))

    def use(self, calibration: VenueCalibration) -> None:
        self.calibration = calibration
        self.at = calibration.thresholds(LightBand.DIM, customers=SIZE, templates=SIZE)

    def score_of_stranger(self) -> float:
        """The best score of a stranger, by inverting the measured distribution."""
        return SCORES[min(int(STEPS * self.rng.uniform() / self.times), STEPS - 1)]

    def spend_nights(self, nights: int, *, answered: float = 0.9, lie: str | None = None) -> None:
        done = len({cell.night for cell in self.counted})
        for number in range(done, done + nights):
            night = FIRST + timedelta(days=number)
            for _ in range(self.faces_a_night):
                is_guest = self.rng.uniform() < 0.2
                score = self.rng.normal(0.7, 0.1) if is_guest else self.score_of_stranger()
                self._decide(night, float(score), is_guest, answered, lie)

    def _decide(self, night, score, is_guest, answered, lie) -> None:
        at = self.at
        decision = Decision.UNKNOWN
        if score >= at.review:
            decision = Decision.MATCH if score >= at.match else Decision.REVIEW
        score_bin = int(np.floor(score * BINS_PER_POINT))
        self.counted.append(
            CountedFaces(
                night, LightBand.DIM, decision, SIZE, SIZE, at.match, at.review, score_bin, 1
            )
        )
        if decision is not Decision.UNKNOWN and self.rng.uniform() < answered:
            is_false = {"never": False, "always": True}.get(lie or "", not is_guest)
            answerer = str(self.rng.integers(3))
            self.answers.append(
                AnsweredAlert(night, LightBand.DIM, score, at.match, answerer, is_false)
            )

    def adopt(self) -> None:
        evidence = weigh_answers(self.counted, self.answers, MEASURED)
        factors = {band: seen.factors for band, seen in evidence.items()}
        self.use(replace(self.calibration, factors=factors))

    def fpir(self) -> float:
        """The true rate of strangers called somebody at the present match threshold."""
        return self.times * MEASURED.quantiles.fpir(score=self.at.match, gallery_size=SIZE)

    def evidence(self):
        return weigh_answers(self.counted, self.answers, MEASURED)[LightBand.DIM]


@pytest.mark.parametrize("times", [0.6, 1.0, 2.0, 3.0])
def test_adopting_again_and_again_comes_to_the_rate_that_was_asked_for(times):
    venue = SimulatedVenue(times, seed=7)
    before = abs(venue.fpir() - 0.01)
    for _ in range(4):
        venue.spend_nights(15)
        venue.adopt()

    assert venue.fpir() == pytest.approx(0.01, abs=0.004)
    assert abs(venue.fpir() - 0.01) <= before + 0.002


@pytest.mark.parametrize("seed", range(5))
def test_one_night_hardly_moves_anything_and_never_towards_more_false_alerts(seed):
    venue = SimulatedVenue(1.0, seed=seed, faces_a_night=100)
    venue.spend_nights(1)
    evidence = venue.evidence()

    assert not evidence.is_enough
    assert 0.85 <= evidence.factors.match <= 1.4
    assert 0.85 <= evidence.factors.review <= 1.4


def test_no_answer_leaves_what_was_measured():
    venue = SimulatedVenue(3.0, seed=1)
    venue.spend_nights(3, answered=0.0)

    assert (venue.evidence().factors.match, venue.evidence().factors.review) == (1.0, 1.0)


def test_unanswered_alerts_are_taken_for_false_before_anything_is_relaxed():
    silent = SimulatedVenue(0.5, seed=3)
    silent.spend_nights(40, answered=0.3)
    telling = SimulatedVenue(0.5, seed=3)
    telling.spend_nights(40, answered=1.0)

    assert telling.evidence().factors.review < silent.evidence().factors.review == 1.0


@pytest.mark.parametrize(("lie", "bound"), [("never", 0.5), ("always", 4.0)])
def test_somebody_who_always_says_the_same_moves_it_to_the_bound_and_no_further(lie, bound):
    venue = SimulatedVenue(1.0, seed=2)
    venue.spend_nights(40, lie=lie)
    factors = venue.evidence().factors

    assert min(bound, 1) <= factors.match <= max(bound, 1)
    assert min(bound, 1) <= factors.review <= max(bound, 1)


def test_one_person_of_one_night_counts_for_no_more_than_the_cap():
    venue = SimulatedVenue(1.0, seed=4)
    venue.spend_nights(10)
    honest = venue.evidence()
    tonight = FIRST + timedelta(days=3)
    flood = [
        AnsweredAlert(tonight, LightBand.DIM, 0.9, 0.56, "liar", is_false=True) for _ in range(500)
    ]
    venue.answers += flood
    flooded = venue.evidence()

    assert flooded.review.false <= honest.review.false + ANSWERS_A_NIGHT + 1e-9
    assert flooded.review.answers == honest.review.answers + 500


def test_the_more_alerts_are_called_false_the_higher_the_thresholds():
    venue = SimulatedVenue(1.0, seed=5)
    venue.spend_nights(12)
    answers = list(venue.answers)
    factors = []
    for turned in range(0, len(answers), max(len(answers) // 8, 1)):
        venue.answers = [
            replace(answer, is_false=index < turned) for index, answer in enumerate(answers)
        ]
        factors.append(venue.evidence().factors)

    for fewer, more in pairwise(factors):
        assert more.match >= fewer.match - 1e-9
        assert more.review >= fewer.review - 1e-9
    assert factors[-1].review > factors[0].review


counts = st.integers(0, 2_000)


@given(counts, counts, counts, st.floats(0, 500))
def test_one_more_false_alert_never_lowers_the_factor(one, other, true, expected):
    few, many = sorted((one, other))

    def factor(false: int) -> float:
        alerts = many + true
        return rate_factor(AlertCounts(alerts, alerts, float(alerts), float(false), expected))

    assert factor(many) >= factor(few) - 1e-9


@given(st.floats(0, 500))
def test_as_many_false_alerts_as_expected_never_lower_a_threshold_by_much(expected):
    alerts = round(expected)
    found = rate_factor(AlertCounts(alerts, alerts, float(alerts), float(alerts), expected))

    assert 0.9 <= found <= 1.1


def test_rate_is_counted_over_faces_and_its_interval_holds_the_truth():
    held = 0
    for seed in range(20):
        venue = SimulatedVenue(1.5, seed=seed, faces_a_night=120)
        venue.spend_nights(10)
        rate = venue.evidence().rate
        assert rate is not None
        assert rate.low <= rate.value <= rate.high
        held += rate.low <= 0.15 <= rate.high

    assert held >= 17


def test_light_without_a_decided_face_has_no_evidence():
    assert weigh_answers([], [], MEASURED) == {}
