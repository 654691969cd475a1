"""Templates with the structure of a gallery: people, several templates each, a crowd that is alike.

Drawn like this: a person is a direction, and so is what changed between two photos of a person;
both have more of some directions than of others, as embeddings do, so that strangers are sometimes
alike; and some photos are worse than others. The constants are set so that scores of 192 numbers
have the quantiles that calibrations/open.json measured on MobileFaceNet (a test compares).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

TEMPLATES_A_PERSON = 4
SPECTRUM_EXPONENT = 0.84
"""The variance of direction i falls as i to minus this: non-mated scores spread as measured."""
WITHIN_PERSON = 0.52
"""Median length of what differs between two photos of one person, a person's own being 1."""
WITHIN_SPREAD = 0.35
"""Standard deviation of that length's logarithm over photos."""


@dataclass(frozen=True, slots=True)
class SyntheticGallery:
    templates: NDArray[np.float32]
    """(n, d), unit length; row r belongs to person ``r // TEMPLATES_A_PERSON``."""
    probes: NDArray[np.float32]
    """(p, d), unit length, not in the gallery; probe i shows person ``people[i]``."""
    strangers: NDArray[np.float32]
    """(p, d), unit length: photos of people who are not in the gallery."""
    people: NDArray[np.intp]


def draw_gallery(*, size: int, dimension: int, probes: int, seed: int) -> SyntheticGallery:
    """The same numbers for the same arguments. ``size`` counts templates, ``probes`` each kind."""
    random = np.random.default_rng(seed)
    people = -(-size // TEMPLATES_A_PERSON)
    centres = _directions(people + probes, dimension, random)
    owners = np.arange(size) // TEMPLATES_A_PERSON
    shown = random.choice(people, size=probes, replace=probes > people)
    return SyntheticGallery(
        templates=_photos_of(centres, owners, random),
        probes=_photos_of(centres, shown, random),
        people=shown,
        strangers=_photos_of(centres, people + np.arange(probes), random),
    )


def _directions(count: int, dimension: int, random: np.random.Generator) -> NDArray[np.float32]:
    spread = np.arange(1, dimension + 1, dtype=np.float32) ** np.float32(-SPECTRUM_EXPONENT / 2)
    return _unit(random.standard_normal((count, dimension), dtype=np.float32) * spread)


def _photos_of(
    centres: NDArray[np.float32], owners: NDArray[np.intp], random: np.random.Generator
) -> NDArray[np.float32]:
    dimension = centres.shape[1]
    photos = np.empty((len(owners), dimension), np.float32)
    for start in range(0, len(owners), 100_000):
        part = owners[start : start + 100_000]
        changes = _directions(len(part), dimension, random)
        lengths = WITHIN_PERSON * np.exp(
            WITHIN_SPREAD * random.standard_normal((len(part), 1), dtype=np.float32)
        )
        photos[start : start + 100_000] = _unit(centres[part] + lengths * changes)
    return photos


def _unit(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    unit: NDArray[np.float32] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit
