"""Decided faces in the metrics: in bins by light and decision; nothing leads to anybody."""

from collections.abc import Iterable

from vestibule.domain.decision import FaceDecision, Thresholds
from vestibule.domain.light_band import LightBand
from vestibule.telemetry import FACES, MARGINS, SCORES


def count_faces(decided: Iterable[tuple[FaceDecision, LightBand, Thresholds]]) -> None:
    """Call it once a photo, when its result is stored."""
    for decision, light, thresholds in decided:
        name = decision.decision.value
        FACES.labels(name, light.value).inc()
        score = decision.candidate.score if decision.candidate else decision.best_score
        if score is not None:
            SCORES.labels(name, light.value).observe(score)
            MARGINS.labels(light.value).observe(score - thresholds.match)
