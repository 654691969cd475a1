"""Error rates by what a face was like: its light, its size, its turn, and a declared group.

A band is that of the labelled face at the place where the clean photo shows it, measured in the
degraded photo, so a face that was not found counts in its band too. Groups are what somebody
declared in a file; nothing is ever read off a face.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from vestibule.domain.light_band import light_band
from vestibule.evaluation.degradations import Degradation
from vestibule.evaluation.gallery_draws import GalleryDraw, outcome_of
from vestibule.evaluation.intervals import Interval, Weights, share_interval, weighted_share
from vestibule.evaluation.locating import Places
from vestibule.evaluation.observation import Observations, People
from vestibule.evaluation.scoring import Scores

FEWEST_PEOPLE = 30
"""With fewer people of a kind no rate is given: chance would speak, not the engine."""

FEWEST_ERRORS = 10
"""A rate that fewer people's errors make up is given with a warning: its interval is what is known.

The rule of ten errors over the rate: at a rate r, that takes 10 / r people.
"""

FEWEST_TO_NAME = 5
"""A declared group of fewer people is not named: the name could be a person's."""

UNNAMED_GROUP = "groups of fewer than five people"

_EYE_DISTANCES_PX = ((16.0, "under 16"), (32.0, "16 to 32"), (64.0, "32 to 64"))
_TURNS = ((0.3, "under 0.3"), (0.6, "0.3 to 0.6"), (0.9, "0.6 to 0.9"))


class Axis(StrEnum):
    """What bands are cut along. Part of the report's format."""

    LIGHT = "light"
    FACE_SIZE = "face_size"
    POSE = "pose"
    GROUP = "group"
    GROUP_IN_POOR_LIGHT = "group_in_poor_light"


MEASURED_IN: Mapping[Axis, tuple[Degradation, ...]] = {
    Axis.LIGHT: (
        Degradation.CLEAN,
        Degradation.EXPOSURE,
        Degradation.GAMMA,
        Degradation.BOTH,
    ),
    Axis.FACE_SIZE: (Degradation.CLEAN, Degradation.SMALL_FACES),
    Axis.POSE: (Degradation.CLEAN,),
    Axis.GROUP: (Degradation.CLEAN,),
    Axis.GROUP_IN_POOR_LIGHT: (
        Degradation.EXPOSURE,
        Degradation.GAMMA,
        Degradation.STAGE_LIGHT,
    ),
}
"""Whose photos are pooled, each as a probe of its own."""

GROUP_AXES = (Axis.GROUP, Axis.GROUP_IN_POOR_LIGHT)
"""Cut along what somebody declared."""


class Caution(StrEnum):
    """Why a rate says less than it seems to. Part of the report's format."""

    TOO_FEW_PEOPLE = "too_few_people"
    FEW_ERRORS = "few_errors"


@dataclass(frozen=True, slots=True)
class CautiousRate:
    """``rate`` has no value under 30 people; ``people`` is how many decide it."""

    rate: Interval
    people: int
    caution: Caution | None


@dataclass(frozen=True, slots=True)
class BandRates:
    """One band at the gallery's match thresholds. ``photos`` counts each degradation's anew.

    ``threshold`` is the mean of what the band's faces are held to, by the light on each.
    """

    axis: Axis
    band: str
    degradations: tuple[Degradation, ...]
    photos: int
    gallery_size: int
    threshold: float
    fpir: CautiousRate
    fnir: CautiousRate
    failure_to_acquire: CautiousRate


def band_rates(
    axis: Axis,
    observed: Observations,
    scores_of: Callable[[Degradation], Scores],
    draws: Sequence[GalleryDraw],
    *,
    thresholds_of: Callable[[Degradation], NDArray[np.float64]],
    weights: Weights,
    group_of_person: Mapping[str, str],
) -> tuple[BandRates, ...]:
    """Every band of an axis that a photo falls into, from the axis' pooled degradations."""
    kinds = tuple(kind for kind in MEASURED_IN[axis] if kind in observed.places)
    if axis in GROUP_AXES:
        bands = {kind: declared_groups(observed, group_of_person) for kind in kinds}
    else:
        bands = {kind: _BAND_OF_PLACE[axis](observed.places[kind]) for kind in kinds}
    persons = observed.person_of_photo
    mated: list[list[_Cases]] = [[] for _ in draws]
    strangers: list[list[_Cases]] = [[] for _ in draws]
    for kind in kinds:
        scores, thresholds = scores_of(kind), thresholds_of(kind)
        for number, draw in enumerate(draws):
            known, unknown = _probes(persons, scores, bands[kind], draw, thresholds)
            mated[number].append(known)
            strangers[number].append(unknown)
    photos = _joined([_Cases(persons, bands[kind], ~observed.usable(kind)) for kind in kinds])
    held_to = np.concatenate([thresholds_of(kind) for kind in kinds])
    misses, takes = [_joined(c) for c in mated], [_joined(c) for c in strangers]
    return tuple(
        BandRates(
            axis=axis,
            band=band,
            degradations=kinds,
            photos=int((photos.bands == band).sum()),
            gallery_size=len(draws[0].templates),
            threshold=round(float(held_to[photos.bands == band].mean()), 4),
            fpir=_rate(takes, band, weights),
            fnir=_rate(misses, band, weights),
            failure_to_acquire=_rate([photos], band, weights),
        )
        for band in _BANDS_IN_ORDER[axis](photos.bands)
    )


def declared_groups(observed: Observations, group_of_person: Mapping[str, str]) -> NDArray[np.str_]:
    """The group of each photo's person, "" where none is declared; small ones are not named."""
    present = set(np.unique(observed.person_of_photo).tolist())
    named = [
        group_of_person.get(person, "") if position in present else ""
        for position, person in enumerate(observed.people)
    ]
    sizes = Counter(named)
    safe = [UNNAMED_GROUP if group and sizes[group] < FEWEST_TO_NAME else group for group in named]
    return np.array(safe, np.str_)[observed.person_of_photo]


# ── which band ──────────────────────────────────────────────────────────────────────────────
def _by_light(places: Places) -> NDArray[np.str_]:
    bands = [light_band(brightness).value for brightness in places.brightness.tolist()]
    return _where_known(bands, places)


def _by_size(places: Places) -> NDArray[np.str_]:
    bands = [_cut(value, _EYE_DISTANCES_PX, "64 and over") for value in places.eye_distance_px]
    return _where_known(bands, places)


def _by_turn(places: Places) -> NDArray[np.str_]:
    return _where_known([_cut(value, _TURNS, "0.9 and over") for value in places.turn], places)


def _where_known(bands: Sequence[str], places: Places) -> NDArray[np.str_]:
    return np.where(places.is_known, np.array(bands, np.str_), "")


def _cut(value: float, edges: Sequence[tuple[float, str]], last: str) -> str:
    return next((name for edge, name in edges if value < edge), last)


def _in_order(*names: str) -> Callable[[NDArray[np.str_]], list[str]]:
    return lambda bands: [name for name in names if (bands == name).any()]


def _alphabetical(bands: NDArray[np.str_]) -> list[str]:
    return sorted(set(bands.tolist()) - {""})


_BAND_OF_PLACE: Mapping[Axis, Callable[[Places], NDArray[np.str_]]] = {
    Axis.LIGHT: _by_light,
    Axis.FACE_SIZE: _by_size,
    Axis.POSE: _by_turn,
}
_BANDS_IN_ORDER: Mapping[Axis, Callable[[NDArray[np.str_]], list[str]]] = {
    Axis.LIGHT: _in_order("bright", "dim", "dark"),
    Axis.FACE_SIZE: _in_order(*(name for _, name in _EYE_DISTANCES_PX), "64 and over"),
    Axis.POSE: _in_order(*(name for _, name in _TURNS), "0.9 and over"),
    Axis.GROUP: _alphabetical,
    Axis.GROUP_IN_POOR_LIGHT: _alphabetical,
}


# ── rates ───────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class _Cases:
    """What may go wrong once each: whose it is, in which band, and whether it did."""

    persons: NDArray[np.int64]
    bands: NDArray[np.str_]
    is_error: NDArray[np.bool_]


def _joined(cases: Sequence[_Cases]) -> _Cases:
    return _Cases(
        np.concatenate([case.persons for case in cases]),
        np.concatenate([case.bands for case in cases]),
        np.concatenate([case.is_error for case in cases]),
    )


def _probes(
    person_of_photo: People,
    scores: Scores,
    bands: NDArray[np.str_],
    draw: GalleryDraw,
    thresholds: NDArray[np.float64],
) -> tuple[_Cases, _Cases]:
    """Mated probes and strangers of one draw under one degradation."""
    outcome = outcome_of(draw, scores, person_of_photo)
    missed = outcome.mated_score < thresholds[draw.mated]
    taken = outcome.stranger_score >= thresholds[draw.strangers]
    return (
        _Cases(outcome.mated_person, bands[draw.mated], missed),
        _Cases(outcome.stranger_person, bands[draw.strangers], taken),
    )


def _rate(draws: Sequence[_Cases], band: str, weights: Weights) -> CautiousRate:
    shares, people, erring = [], [], []
    for cases in draws:
        here = cases.bands == band
        persons, is_error = cases.persons[here], cases.is_error[here]
        people.append(len(np.unique(persons)))
        erring.append(len(np.unique(persons[is_error])))
        shares.append(weighted_share(is_error, weights[:, persons]))
    if min(people) < FEWEST_PEOPLE:
        return CautiousRate(Interval(None, None, None), min(people), Caution.TOO_FEW_PEOPLE)
    caution = Caution.FEW_ERRORS if np.mean(erring) < FEWEST_ERRORS else None
    rate = share_interval(np.mean(shares, axis=0), people=min(people))
    return CautiousRate(rate, min(people), caution)
