"""Rates by band, and what is not said about few people."""

import numpy as np
import pytest

from vestibule.evaluation.bands import (
    UNNAMED_GROUP,
    Axis,
    BandRates,
    Caution,
    band_rates,
    declared_groups,
)
from vestibule.evaluation.degradations import Degradation
from vestibule.evaluation.identification import Experiment, draw_galleries
from vestibule.evaluation.intervals import person_weights
from vestibule.evaluation.locating import Place, places_of
from vestibule.evaluation.observation import Observations
from vestibule.evaluation.scoring import Scores

ENROLLED, STRANGERS = 60, 60
PEOPLE = ENROLLED + STRANGERS
PERSONS = np.concatenate([np.repeat(np.arange(ENROLLED), 2), ENROLLED + np.arange(STRANGERS)])


def observations(brightness: np.ndarray, refused: np.ndarray) -> Observations:
    """Everybody in two halves of light; embeddings play no part here."""
    places = places_of([Place(True, 1, 0, 40.0, 0.1, float(b)) for b in brightness])
    return Observations(
        space=None,  # type: ignore[arg-type]  # scores are given
        people=tuple(f"p{n:03d}" for n in range(PEOPLE)),
        person_of_photo=PERSONS,
        embeddings={},
        refusals={Degradation.CLEAN: tuple("turned" if is_so else None for is_so in refused)},
        brightness={},
        enrollable=~refused,
        groups=(),
        faces_in_groups={},
        unreadable=0,
        places={Degradation.CLEAN: places},
    )


def rates_by(
    axis: Axis, *, dark: np.ndarray, scores: Scores, groups: dict[str, str] | None = None
) -> dict[str, BandRates]:
    observed = observations(np.where(dark, 10.0, 120.0), np.zeros(len(PERSONS), bool))
    draws = draw_galleries(
        PERSONS, observed.enrollable, experiment=Experiment(ENROLLED, draws=3), seed=0
    )
    weights = person_weights(PEOPLE, replicates=50, rng=np.random.default_rng(0))
    found = band_rates(
        axis,
        observed,
        lambda _kind: scores,
        draws,
        thresholds_of=lambda _kind: np.full(len(PERSONS), 0.5),
        weights=weights,
        group_of_person=groups or {},
    )
    return {rates.band: rates for rates in found}


def same_person() -> np.ndarray:
    return PERSONS[:, None] == PERSONS[None, :]


def test_errors_count_in_the_band_of_their_face() -> None:
    dark = PERSONS % 2 == 0
    scores = np.where(same_person() & ~dark[:, None], 0.9, 0.1).astype(np.float32)
    bands = rates_by(Axis.LIGHT, dark=dark, scores=scores)
    assert list(bands) == ["bright", "dark"]
    assert bands["bright"].fnir.rate.value == 0
    assert bands["dark"].fnir.rate.value == 1
    assert bands["dark"].fpir.rate.value == 0
    assert bands["dark"].photos == dark.sum()


def test_under_thirty_people_no_rate_is_given() -> None:
    dark = np.isin(PERSONS, np.arange(29))
    scores = np.where(same_person(), 0.9, 0.1).astype(np.float32)
    bands = rates_by(Axis.LIGHT, dark=dark, scores=scores)
    assert bands["dark"].fnir.caution is Caution.TOO_FEW_PEOPLE
    assert bands["dark"].fnir.rate.value is None
    assert bands["bright"].fnir.people == 31
    assert bands["bright"].fnir.rate.value == 0


@pytest.mark.parametrize(("erring", "caution"), [(9, Caution.FEW_ERRORS), (10, None)])
def test_a_rate_of_few_peoples_errors_carries_a_warning(
    erring: int, caution: Caution | None
) -> None:
    missed = np.isin(PERSONS, np.arange(erring))
    scores = np.where(same_person() & ~missed[:, None], 0.9, 0.1).astype(np.float32)
    bands = rates_by(Axis.LIGHT, dark=np.zeros(len(PERSONS), bool), scores=scores)
    assert bands["bright"].fnir.caution is caution


def test_declared_groups_are_told_apart_and_others_left_out() -> None:
    groups = {f"p{n:03d}": "crew" if n % 2 else "guests" for n in range(100)}
    scores = np.where(same_person(), 0.9, 0.1).astype(np.float32)
    bands = rates_by(Axis.GROUP, dark=np.zeros(len(PERSONS), bool), scores=scores, groups=groups)
    assert list(bands) == ["crew", "guests"]
    assert bands["crew"].photos == 30 * 2 + 20


def test_a_group_of_fewer_than_five_is_not_named() -> None:
    observed = observations(np.full(len(PERSONS), 120.0), np.zeros(len(PERSONS), bool))
    groups = {"p000": "Ada Lovelace", **{f"p{n:03d}": "crew" for n in range(1, 6)}}
    named = declared_groups(observed, groups)
    assert set(named.tolist()) == {"", UNNAMED_GROUP, "crew"}


def test_without_declared_groups_there_are_no_bands() -> None:
    scores = np.where(same_person(), 0.9, 0.1).astype(np.float32)
    assert rates_by(Axis.GROUP, dark=np.zeros(len(PERSONS), bool), scores=scores) == {}
