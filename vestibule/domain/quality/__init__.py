"""Whether a face can be used, and in words why not.

``probe.py`` says which faces are worth comparing at all; its limits are lenient. ``faults.py``
names what can be wrong with a photo that is to become a template, ``inspection.py`` is what was
measured on it, and ``enrolment.py`` holds the limits. ``identity.py``, which asks whose face it
looks like, is imported by its own name: it needs thresholds, and they need this package.
"""

from vestibule.domain.quality.enrolment import judge_inspection
from vestibule.domain.quality.faults import Check, Fault, Verdict, not_overridable
from vestibule.domain.quality.inspection import FaceInspection
from vestibule.domain.quality.probe import (
    ENROLMENT_LIMITS,
    PROBE_LIMITS,
    FaceQuality,
    QualityLimits,
    UnusableReason,
    judge_enrolment,
    judge_probe,
)

__all__ = [
    "ENROLMENT_LIMITS",
    "PROBE_LIMITS",
    "Check",
    "FaceInspection",
    "FaceQuality",
    "Fault",
    "QualityLimits",
    "UnusableReason",
    "Verdict",
    "judge_enrolment",
    "judge_inspection",
    "judge_probe",
    "not_overridable",
]
