"""Whether a face is whose it is said to be, by what is enrolled already."""

from vestibule.domain.calibration import Calibration
from vestibule.domain.quality.faults import Check, Fault

OWN_FPIR = 0.01
"""A face is not taken for the customer's where a stranger would look as alike with this share."""

CONFLICT_FPIR = 0.003
"""The share of new customers who may be told by chance that they look like somebody else."""


def check_own_templates(
    calibration: Calibration, *, best_score: float | None, templates: int
) -> list[Check]:
    """Against the customer's own templates; ``best_score`` is None where there are none.

    The more templates there are, the more alike a stranger can be to one of them by chance.
    """
    if best_score is None:
        return []
    size = calibration.effective_gallery_size(customers=1, templates=templates)
    limit = calibration.threshold(target_fpir=OWN_FPIR, gallery_size=size)
    return [Check.at_least(Fault.OTHER_PERSON, best_score, limit)]


def check_other_customers(
    calibration: Calibration, *, best_score: float | None, customers: int, templates: int
) -> list[Check]:
    """Against everybody else who may be searched; ``best_score`` is None where there is nobody."""
    if best_score is None:
        return []
    size = calibration.effective_gallery_size(customers=customers, templates=templates)
    limit = calibration.threshold(target_fpir=CONFLICT_FPIR, gallery_size=size)
    return [
        Check(Fault.RESEMBLES_OTHER, passed=best_score < limit, measured=best_score, limit=limit)
    ]
