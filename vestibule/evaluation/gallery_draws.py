"""Who is enrolled, who comes again and who was never here: one random draw of an open set."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vestibule.evaluation.observation import People
from vestibule.evaluation.scoring import Scores
from vestibule.evaluation.top_scores import one_photo_each

Positions = NDArray[np.int64]
"""int64 (n,): positions among the photos of a set."""


@dataclass(frozen=True, slots=True)
class GalleryDraw:
    """``templates`` are sorted by person; ``mated`` are the enrolled people's other photos.

    ``strangers`` holds one photo of each person who is not enrolled.
    """

    templates: Positions
    mated: Positions
    strangers: Positions


@dataclass(frozen=True, slots=True)
class Outcome:
    """The scores of one draw.

    ``mated_score`` is a mated probe's score where its own person is the best candidate, -inf
    where somebody else is or no face was found. ``stranger_score`` is a stranger's best.
    """

    mated_person: People
    mated_score: NDArray[np.float32]
    stranger_person: People
    stranger_score: NDArray[np.float32]


def draw_gallery(
    person_of_photo: People,
    enrollable: NDArray[np.bool_],
    *,
    size: int,
    templates_each: int,
    rng: np.random.Generator,
) -> GalleryDraw:
    """Enrol ``size`` people, those with two photos or more before all others.

    Each enrols up to ``templates_each`` photos that are good enough, and keeps one photo as a
    probe where there are two. ``size`` must not exceed the people with a photo good enough.
    """
    people, photos_each = np.unique(person_of_photo, return_counts=True)
    can_enrol = np.isin(people, person_of_photo[enrollable])
    comes_again = rng.permutation(people[can_enrol & (photos_each >= 2)])
    others = rng.permutation(people[can_enrol & (photos_each < 2)])
    enrolled = np.concatenate([comes_again, others])[:size]
    # Photos by person, in random order, those good enough first.
    shuffled = rng.permutation(len(person_of_photo))
    order = shuffled[np.lexsort((~enrollable[shuffled], person_of_photo[shuffled]))]
    order = order[np.isin(person_of_photo[order], enrolled)]
    rank = _rank_within(person_of_photo[order])
    count = np.bincount(person_of_photo[order])[person_of_photo[order]]
    enrols = (rank < np.clip(count - 1, 1, templates_each)) & enrollable[order]
    strangers = np.setdiff1d(people, enrolled)
    return GalleryDraw(
        templates=order[enrols],
        mated=np.sort(order[~enrols]),
        strangers=one_photo_each(person_of_photo, strangers, rng=rng),
    )


def outcome_of(draw: GalleryDraw, scores: Scores, person_of_photo: People) -> Outcome:
    """Look every probe up. ``scores`` (n, n): rows as probes, columns as templates."""
    enrolled, first = np.unique(person_of_photo[draw.templates], return_index=True)
    mated = np.maximum.reduceat(scores[np.ix_(draw.mated, draw.templates)], first, axis=1)
    own_column = np.searchsorted(enrolled, person_of_photo[draw.mated])
    own = mated[np.arange(len(mated)), own_column]
    stranger = scores[np.ix_(draw.strangers, draw.templates)]
    return Outcome(
        mated_person=person_of_photo[draw.mated],
        mated_score=np.where(own >= mated.max(1), own, np.float32(-np.inf)),
        stranger_person=person_of_photo[draw.strangers],
        stranger_score=stranger.max(1),
    )


def _rank_within(sorted_people: People) -> NDArray[np.int64]:
    """0, 1, 2, ... anew for each run of one person."""
    position = np.arange(len(sorted_people))
    starts = np.unique(sorted_people, return_index=True, return_inverse=True)
    ranks: NDArray[np.int64] = position - starts[1][starts[2]]
    return ranks
