"""How many people would look so much like this guest: the score of one face in words.

It is told of other people, never of the one who stands there: how likely it is that this is the
guest depends on who comes in, which no score knows.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from vestibule.domain.light_band import LightBand
from vestibule.domain.pack_calibration import PackCalibration
from vestibule.domain.score_shares import in_steps

FEWEST_PEOPLE = 200
"""With fewer people measured nothing is said."""

FEWEST_ALERTS = 10
"""So many false alerts at least as alike, or the venue's own answers say nothing."""

Source = Literal["measured", "venue"]


@dataclass(frozen=True, slots=True)
class Alikeness:
    """About one person in ``one_in`` looks at least so much alike; fewer if ``is_bound``.

    ``one_in`` is rounded down to steps of 1, 2 and 5, so it never makes a face rarer than it was
    measured to be. ``pairs`` counts pairs of different people (``measured``) or comparisons of
    unknown faces with guests (``venue``); ``people`` is how many people they are of, None where
    that is not known. ``own_light``: measured in the light of this face. ``at_most_one_in`` goes
    with a bound: what the rule of three would allow had none of the pairs been so alike.
    """

    one_in: int
    is_bound: bool
    source: Source
    set_name: str | None
    people: int | None
    pairs: int
    measured_at: date | None
    band: LightBand
    own_light: bool
    at_most_one_in: int | None = None


@dataclass(frozen=True, slots=True)
class VenueComparisons:
    """What a venue's answers say of one score in one light.

    ``alerts`` faces of unknown people were at least so much like the guest they were shown as,
    in ``comparisons`` of unknown faces with guests.
    """

    alerts: int
    comparisons: float


def alikeness(
    calibration: PackCalibration,
    score: float,
    band: LightBand,
    *,
    seen_here: VenueComparisons | None = None,
) -> Alikeness | None:
    """From the venue's own answers where they are enough, else from what was measured, or None."""
    if seen_here is not None and seen_here.alerts >= FEWEST_ALERTS:
        return Alikeness(
            one_in=max(in_steps(seen_here.comparisons / seen_here.alerts), 2),
            is_bound=False,
            source="venue",
            set_name=None,
            people=None,
            pairs=round(seen_here.comparisons),
            measured_at=None,
            band=band,
            own_light=True,
        )
    return _as_measured(calibration, score, band)


def _as_measured(calibration: PackCalibration, score: float, band: LightBand) -> Alikeness | None:
    tail, on = calibration.pairs_in(band), calibration.measured_on
    own_light = calibration.has_own_table(band)
    people = calibration.bands[band].people if own_light else on.people
    if tail is None or people < FEWEST_PEOPLE:
        return None
    rate = tail.rate(score)
    pairs = on.people * (on.people - 1) // 2
    return Alikeness(
        one_in=max(in_steps(1 / (rate or tail.smallest_rate)), 2),
        is_bound=rate is None,
        source="measured",
        set_name=on.name,
        people=people,
        pairs=pairs,
        measured_at=calibration.measured_at,
        band=band,
        own_light=own_light,
        at_most_one_in=in_steps(pairs / 3) if rate is None else None,
    )
