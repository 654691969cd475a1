"""How alike unknown people and guests are at one venue, from its own answered alerts."""

from collections.abc import Sequence

from vestibule.domain.alikeness import VenueComparisons
from vestibule.domain.answered_alerts import (
    AnsweredAlert,
    CountedFaces,
    answer_weights,
    stranger_share,
)
from vestibule.domain.decision import Decision
from vestibule.domain.light_band import LightBand
from vestibule.domain.pack_calibration import PackCalibration


def comparisons_at(
    score: float,
    band: LightBand,
    *,
    counted: Sequence[CountedFaces],
    answers: Sequence[AnsweredAlert],
    measured: PackCalibration,
) -> VenueComparisons:
    """False alerts at or over a score, out of so many comparisons of unknown faces with guests.

    Only faces decided at a review threshold at or under the score count: of the others it is not
    known who scored so. Comparisons are thinned by the share of such alerts that was answered.
    """
    cells = [cell for cell in counted if cell.band is band and cell.review <= score]
    weights = answer_weights(answers)
    said = [
        (answer, weights[answer.night, answer.answerer])
        for answer in answers
        if answer.band is band and answer.review <= score
    ]
    over = [(answer, weight) for answer, weight in said if answer.score >= score]
    alerts = sum(
        cell.faces
        for cell in cells
        if cell.decision is not Decision.UNKNOWN and cell.score >= score
    )
    answered = sum(weight for _, weight in over)
    if not cells or not answered:
        return VenueComparisons(0, 0.0)
    share = min(answered / max(alerts, len(over)), 1.0)
    strangers = stranger_share(cells, said, measured, band)
    comparisons = sum(cell.faces * cell.customers for cell in cells) * strangers * share
    return VenueComparisons(
        alerts=int(sum(weight for answer, weight in over if answer.is_false)),
        comparisons=comparisons,
    )
