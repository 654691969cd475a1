"""Everything that an evaluation found, as one value that becomes one JSON file."""

from dataclasses import dataclass
from enum import StrEnum

from vestibule.evaluation.bands import GROUP_AXES, UNNAMED_GROUP, BandRates
from vestibule.evaluation.degradations import Degradation
from vestibule.evaluation.detection import DetectionRates, GroupCount, SceneRates
from vestibule.evaluation.generalisation import HeldOutRate
from vestibule.evaluation.histograms import ScoreHistogram
from vestibule.evaluation.identification import IdentificationRates
from vestibule.evaluation.intervals import Interval
from vestibule.evaluation.verification import VerificationRates

FORMAT = 2

SMALL_SET_PEOPLE = 100
"""Below, the report says so and its document leaves the finer tables out."""


class CaveatCode(StrEnum):
    """Part of the report's format."""

    SMALL_SET = "small_set"
    UNREADABLE_PHOTOS = "unreadable_photos"
    NOT_CALIBRATED = "not_calibrated"
    SUBSET = "subset"


@dataclass(frozen=True, slots=True)
class Caveat:
    """What a reader must know before believing a number; ``count`` is of people or photos."""

    code: CaveatCode
    count: int


@dataclass(frozen=True, slots=True)
class EvaluationReport:
    """Every figure with what it was measured on. Holds no name and no key of a person or photo.

    ``settings`` are those that differ from the product's defaults. ``gallery_size`` is the whole
    gallery: everybody with two photos or more who can enrol. ``several_templates`` has the
    identification figures of galleries in which people enrol several photos; ``held_out`` is
    empty for small sets. ``dataclasses.asdict`` of it is plain JSON.
    """

    format: int
    dataset: str
    people: int
    people_with_two_photos: int
    photos: int
    gallery_size: int
    pack: str
    settings: dict[str, str]
    space_id: str
    target_fpir: float
    review_fpir: float
    seed: int
    replicates: int
    degradations: tuple[Degradation, ...]
    caveats: tuple[Caveat, ...]
    detection: tuple[DetectionRates, ...]
    failure_to_enrol: Interval
    groups: tuple[GroupCount, ...]
    scenes: tuple[SceneRates, ...]
    verification: tuple[VerificationRates, ...]
    identification: tuple[IdentificationRates, ...]
    several_templates: tuple[IdentificationRates, ...]
    held_out: tuple[HeldOutRate, ...]
    bands: tuple[BandRates, ...]
    histograms: tuple[ScoreHistogram, ...]

    @property
    def label(self) -> str:
        """The pack, with what is set otherwise than by default."""
        return ", ".join([self.pack, *(f"{k} {v}" for k, v in sorted(self.settings.items()))])

    @property
    def declared_groups(self) -> tuple[BandRates, ...]:
        """Rates of each declared group that is large enough to be named."""
        return tuple(
            band for band in self.bands if band.axis in GROUP_AXES and band.band != UNNAMED_GROUP
        )

    @property
    def slug(self) -> str:
        """A name for files: set, pack and settings."""
        changed = [f"{key}-{value}" for key, value in sorted(self.settings.items())]
        words = "-".join([self.dataset, self.pack, *changed]).lower()
        return "".join(c if c.isalnum() and c.isascii() else "-" for c in words)
