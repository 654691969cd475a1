"""Asks whether an enrolled face may be a picture of one, where a detector is there to ask."""

from vestibule.records.tables import Json
from vestibule.workflows.enrolment_source import Source
from vestibule.workflows.runtime import Runtime


def check_presentation(runtime: Runtime, source: Source) -> Json:
    """``{"presentation": {…}}`` for the outcome's checks, nothing without a detector.

    It is a finding for people to look into: it never refuses anybody.
    """
    if runtime.presentation is None or source.face is None:
        return {}
    found = runtime.presentation.check(source.image, source.face)
    return {
        "presentation": {
            "score": round(found.score, 3),
            "threshold": round(found.threshold, 3),
            "is_suspicious": found.is_suspicious,
        }
    }
