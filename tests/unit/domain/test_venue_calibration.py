"""Thresholds of a venue: by light, by what was asked for, by what its answers say."""

from itertools import pairwise, permutations
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vestibule.domain.assignment import assign
from vestibule.domain.calibration import ScoreQuantiles
from vestibule.domain.decision import Candidate, Decision, Thresholds, decide
from vestibule.domain.ids import CustomerId, TemplateId
from vestibule.domain.light_band import LightBand
from vestibule.domain.pack_calibration import (
    BandCheck,
    BandMeasurement,
    MeasuredOn,
    PackCalibration,
)
from vestibule.domain.venue_calibration import RateFactors, VenueCalibration

GENERAL = ScoreQuantiles(
    "space", (1, 10, 100), (0.01, 0.1), ((0.35, 0.2), (0.45, 0.34), (0.53, 0.45)), 0.8
)
IN_THE_DARK = ScoreQuantiles(
    "space", (1, 10, 100), (0.01, 0.1), ((0.33, 0.19), (0.43, 0.33), (0.51, 0.43)), 0.8
)
MEASURED = PackCalibration(
    pack="open",
    quantiles=GENERAL,
    measured_on=MeasuredOn("venue", people=300, photos=900, mated_pairs=600, non_mated_pairs=9999),
    pair_quantiles=((0.1, 0.2), (0.01, 0.35)),
    seed=0,
    command="vestibule calibrate venue",
    bands={
        LightBand.DARK: BandMeasurement(250, 700, quantiles=IN_THE_DARK),
        LightBand.DIM: BandMeasurement(40, 80),
    },
)

factors = st.floats(0.5, 4)
bands = st.sampled_from(LightBand)
sizes = st.integers(0, 10**6)
ORDER = [Decision.UNKNOWN, Decision.REVIEW, Decision.MATCH]


@st.composite
def venues(draw: st.DrawFn) -> VenueCalibration:
    target = draw(st.floats(0.001, 0.1))
    return VenueCalibration(
        MEASURED,
        target,
        draw(st.floats(target, 0.5)),
        {band: RateFactors(draw(factors), draw(factors)) for band in draw(st.sets(bands))},
    )


@given(venues(), bands, sizes, sizes)
def test_no_threshold_of_any_light_falls_as_the_gallery_grows(venue, band, one, other):
    small, large = sorted((one, other))
    before = venue.thresholds(band, customers=small, templates=small)
    after = venue.thresholds(band, customers=large, templates=large)

    assert after.match >= before.match - 1e-12
    assert after.review >= before.review - 1e-12


@given(venues(), bands, sizes, st.floats(-1, 1), st.floats(-1, 1))
def test_no_decision_in_any_light_weakens_when_the_score_rises(venue, band, size, one, other):
    thresholds = venue.thresholds(band, customers=size, templates=size)
    low, high = sorted((one, other))

    assert thresholds.review <= thresholds.match
    assert ORDER.index(decide(low, thresholds)) <= ORDER.index(decide(high, thresholds))


@given(bands, factors, factors, sizes)
def test_more_false_alerts_than_measured_never_lower_a_threshold(band, one, other, size):
    few, many = sorted((one, other))

    def match(factor: float) -> float:
        venue = VenueCalibration(MEASURED, 0.01, 0.1, {band: RateFactors(factor, factor)})
        return venue.thresholds(band, customers=size, templates=size).match

    assert match(many) >= match(few) - 1e-12


def test_each_light_has_its_own_table_where_one_was_measured_and_the_general_one_elsewhere():
    venue = VenueCalibration(MEASURED, 0.01, 0.1)

    def match(band: LightBand) -> float:
        return venue.thresholds(band, customers=100, templates=100).match

    assert match(LightBand.DARK) == pytest.approx(0.51)
    assert match(LightBand.DIM) == match(LightBand.BRIGHT) == pytest.approx(0.53)
    assert MEASURED.has_own_table(LightBand.DARK)
    assert not MEASURED.has_own_table(LightBand.DIM)


@pytest.mark.parametrize("factor", [0.49, 4.01, float("nan")])
def test_factor_out_of_bounds_is_refused(factor):
    with pytest.raises(ValueError, match="bounds"):
        RateFactors(match=factor)


@pytest.mark.parametrize(("target", "review"), [(0.0, 0.1), (0.2, 0.1), (0.01, 1.0)])
def test_targets_that_cannot_be_met_are_refused(target, review):
    with pytest.raises(ValueError, match="targets"):
        VenueCalibration(MEASURED, target, review)


@pytest.mark.parametrize(
    ("fpir", "low", "high", "differs"),
    [
        (0.005, 0.004, 0.006, True),
        (0.005, 0.001, 0.012, False),
        (0.0095, 0.0091, 0.0099, False),
        (0.02, 0.015, 0.03, True),
    ],
)
def test_a_light_differs_when_it_is_off_by_a_fifth_and_not_by_chance(fpir, low, high, differs):
    assert BandCheck(0.01, 100, fpir, low, high).differs is differs


@given(st.floats(-0.5, 1), st.floats(-0.5, 1), sizes)
def test_rate_of_false_alerts_never_rises_with_the_score(one, other, size):
    low, high = sorted((one, other))

    assert GENERAL.fpir(score=high, gallery_size=size) <= GENERAL.fpir(
        score=low, gallery_size=size
    ) * (1 + 1e-6)


@given(st.floats(0.001, 0.1), st.integers(0, 100))
def test_rate_of_false_alerts_undoes_the_threshold(target, size):
    threshold = GENERAL.threshold(target_fpir=target, gallery_size=size)

    found = GENERAL.fpir(score=threshold, gallery_size=size)

    assert found == pytest.approx(target, rel=1e-3)


# ── faces of different light in one photo ───────────────────────────────────────────────────
def candidate(customer: int, score: float) -> Candidate:
    return Candidate(CustomerId(UUID(int=customer)), TemplateId(UUID(int=customer + 100)), score)


scores = st.floats(-1, 1, allow_nan=False).map(lambda score: round(score, 3))
rows = st.dictionaries(st.integers(1, 4), scores, max_size=4)
faces = st.lists(st.tuples(rows, st.floats(0.2, 0.6), st.floats(0, 0.2)), max_size=4)


def at(review: float, gap: float) -> Thresholds:
    return Thresholds(review + gap, review, target_fpir=0.01, gallery_size=10, space_id="s")


def best_total(photo: list[tuple[dict[int, float], float, float]]) -> float:
    """By trying every way to give four customers to the faces, some perhaps to nobody."""
    gain = [
        {customer: max(score - review, 0) for customer, score in row.items()}
        for row, review, _ in photo
    ]
    slots = [1, 2, 3, 4, *[0] * len(photo)]
    return max(
        sum(gain[face].get(customer, 0) for face, customer in enumerate(order))
        for order in permutations(slots, len(photo))
    )


@given(faces)
def test_assignment_over_faces_of_different_light_is_exclusive_and_optimal(photo):
    offered = [[candidate(c, score) for c, score in row.items()] for row, _, _ in photo]
    own = [at(review, gap) for _, review, gap in photo]

    decisions = assign(offered, own)

    given_away = [d.candidate.customer_id for d in decisions if d.candidate]
    assert len(set(given_away)) == len(given_away)
    total = sum(
        d.candidate.score - limit.review
        for d, limit in zip(decisions, own, strict=True)
        if d.candidate
    )
    assert abs(total - best_total(photo)) < 1e-6


def test_face_in_the_dark_is_decided_at_its_own_thresholds():
    bright, dark = assign(
        [[candidate(1, 0.52)], [candidate(2, 0.52)]], [at(0.45, 0.08), at(0.43, 0.08)]
    )

    assert (bright.decision, dark.decision) == (Decision.REVIEW, Decision.MATCH)


def test_thresholds_of_every_light_rise_over_measured_sizes():
    venue = VenueCalibration(MEASURED, 0.01, 0.1)
    for band in LightBand:
        rising = [venue.thresholds(band, customers=n, templates=n).match for n in (1, 10, 100)]
        assert all(before < after for before, after in pairwise(rising))
