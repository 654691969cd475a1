"""The table of ``ScoreQuantiles`` out of what strangers scored."""

import numpy as np

from vestibule.domain.calibration import ScoreQuantiles
from vestibule.evaluation.observation import People
from vestibule.evaluation.scoring import Scores
from vestibule.evaluation.top_scores import stranger_rates, threshold_at

TARGET_FPIRS = (0.003, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.3, 0.5)
GALLERY_DRAWS = 4
"""Which photo of a person stands in the gallery is drawn anew this often, and averaged."""

_FEWEST_PEOPLE_OVER_THRESHOLD = 4
"""A target is measured when at least so many people lie over its threshold."""


def measure_quantiles(
    scores: Scores,
    person_of_photo: People,
    *,
    space_id: str,
    template_exponent: float,
    rng: np.random.Generator,
    person_of_probe: People | None = None,
) -> ScoreQuantiles:
    """From the scores (probes, photos) of probes with photos that may stand in a gallery.

    The probes are the photos themselves unless ``person_of_probe`` says whose they are.
    """
    probes = person_of_photo if person_of_probe is None else person_of_probe
    strangers, people = len(np.unique(probes)), len(np.unique(person_of_photo))
    sizes = gallery_sizes_up_to(people - 1)
    targets = [t for t in TARGET_FPIRS if t * strangers >= _FEWEST_PEOPLE_OVER_THRESHOLD]
    rates = stranger_rates(
        scores,
        person_of_photo,
        person_of_probe=probes,
        gallery_sizes=sizes,
        draws=GALLERY_DRAWS,
        rng=rng,
    )
    table = np.array([[threshold_at(row, target) for target in targets] for row in rates])
    # Draws differ a little from one size to the next; a threshold never falls with the size.
    table = np.maximum.accumulate(table, axis=0)
    return ScoreQuantiles(
        space_id=space_id,
        gallery_sizes=tuple(sizes),
        target_fpirs=tuple(targets),
        thresholds=tuple(tuple(round(float(score), 4) for score in row) for row in table),
        template_exponent=template_exponent,
    )


def gallery_sizes_up_to(largest: int) -> list[int]:
    """1, 2, 5, 10, 20, 50, ... and the largest itself."""
    steps = [step * 10**power for power in range(8) for step in (1, 2, 5)]
    return [size for size in steps if size < largest] + [largest]
