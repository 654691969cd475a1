"""Templates with the structure of a gallery: people, several templates each, a crowd that is alike.

Drawn like this: a person is a direction; what all people share gives non-mated pairs a mean cosine
above zero; a template is its person plus what changed between two photos.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

TEMPLATES_A_PERSON = 4
SHARED_PART = 0.25
"""Length of the part that everybody shares; non-mated pairs have a mean cosine of its square."""
WITHIN_PERSON = 0.75
"""Length of what differs between two photos of one person (mated pairs: a mean cosine near .64)."""


@dataclass(frozen=True, slots=True)
class SyntheticGallery:
    templates: NDArray[np.float32]
    """(n, d), unit length; row r belongs to person ``r // TEMPLATES_A_PERSON``."""
    probes: NDArray[np.float32]
    """(p, d), unit length, not in the gallery; probe i shows person ``people[i]``."""
    people: NDArray[np.intp]


def draw_gallery(*, size: int, dimension: int, probes: int, seed: int) -> SyntheticGallery:
    """The same numbers for the same arguments. ``size`` counts templates."""
    random = np.random.default_rng(seed)
    people = -(-size // TEMPLATES_A_PERSON)
    centres = _unit(random.standard_normal((people, dimension), dtype=np.float32))
    centres[:, 0] += SHARED_PART
    centres = _unit(centres)
    owners = np.arange(size) // TEMPLATES_A_PERSON
    shown = random.choice(people, size=probes, replace=probes > people)
    return SyntheticGallery(
        templates=_photos_of(centres, owners, random),
        probes=_photos_of(centres, shown, random),
        people=shown,
    )


def _photos_of(
    centres: NDArray[np.float32], owners: NDArray[np.intp], random: np.random.Generator
) -> NDArray[np.float32]:
    dimension = centres.shape[1]
    photos = np.empty((len(owners), dimension), np.float32)
    for start in range(0, len(owners), 100_000):
        part = owners[start : start + 100_000]
        noise = _unit(random.standard_normal((len(part), dimension), dtype=np.float32))
        photos[start : start + 100_000] = _unit(centres[part] + WITHIN_PERSON * noise)
    return photos


def _unit(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    unit: NDArray[np.float32] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit
