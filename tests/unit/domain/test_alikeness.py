"""How many people look so much alike: rounded, bounded, and silent where too little is known."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vestibule.domain.alikeness import VenueComparisons, alikeness
from vestibule.domain.calibration import ScoreQuantiles
from vestibule.domain.light_band import LightBand
from vestibule.domain.pack_calibration import BandMeasurement, MeasuredOn, PackCalibration
from vestibule.domain.score_shares import PairTail

TABLE = ScoreQuantiles("space", (1, 10), (0.01, 0.1), ((0.35, 0.2), (0.45, 0.34)))
MEASURED = PackCalibration(
    pack="open",
    quantiles=TABLE,
    measured_on=MeasuredOn("set", people=1_000, photos=1, mated_pairs=1, non_mated_pairs=1),
    pair_quantiles=((0.1, 0.2), (0.001, 0.45), (0.0005, 0.48)),
    seed=0,
    command="",
    measured_at=date(2026, 11, 25),
    bands={
        LightBand.DARK: BandMeasurement(
            300, 500, quantiles=TABLE, pairs=PairTail((0.1, 0.002), (0.2, 0.45))
        )
    },
)

scores = st.floats(-1, 1)


def test_about_one_in_so_many_with_the_evidence_behind_it():
    found = alikeness(MEASURED, 0.46, LightBand.BRIGHT)

    assert found is not None
    assert (found.one_in, found.is_bound) == (1_000, False)
    assert (found.source, found.set_name, found.measured_at) == (
        "measured",
        "set",
        date(2026, 11, 25),
    )
    assert (found.people, found.pairs, found.own_light) == (1_000, 499_500, False)


def test_beyond_what_was_measured_only_the_bound_is_said():
    found = alikeness(MEASURED, 0.9, LightBand.BRIGHT)

    assert found is not None
    assert (found.one_in, found.is_bound) == (2_000, True)
    assert found.at_most_one_in == 100_000


def test_face_in_the_dark_is_told_by_what_was_measured_in_the_dark():
    found = alikeness(MEASURED, 0.45, LightBand.DARK)

    assert found is not None
    assert (found.one_in, found.people, found.own_light) == (500, 300, True)


@given(scores, scores, st.sampled_from(LightBand))
def test_higher_score_is_never_told_as_more_common(one, other, band):
    low, high = (alikeness(MEASURED, score, band) for score in sorted((one, other)))

    assert low is not None
    assert high is not None
    assert low.one_in <= high.one_in
    assert high.is_bound or not low.is_bound


def test_nothing_is_said_where_too_few_people_were_measured():
    few = replace(MEASURED, measured_on=replace(MEASURED.measured_on, people=199))

    assert alikeness(few, 0.46, LightBand.BRIGHT) is None


def test_nothing_is_said_where_no_pairs_were_measured():
    assert alikeness(replace(MEASURED, pair_quantiles=()), 0.46, LightBand.BRIGHT) is None


@pytest.mark.parametrize(("alerts", "source"), [(9, "measured"), (10, "venue")])
def test_venues_own_answers_go_first_once_they_are_enough(alerts, source):
    found = alikeness(
        MEASURED, 0.46, LightBand.BRIGHT, seen_here=VenueComparisons(alerts, 72_000.0)
    )

    assert found is not None
    assert found.source == source
    assert found.one_in == (5_000 if source == "venue" else 1_000)
