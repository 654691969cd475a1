"""What can be wrong with a photo that is to become a template, over the wire."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel

FaultName = Literal[
    "no_face",
    "several_faces",
    "resembles_other",
    "other_person",
    "uncertain_face",
    "cut_off",
    "mouth_covered",
    "eyes_covered",
    "turned",
    "tilted",
    "rolled",
    "too_dark",
    "overexposed",
    "blurred",
    "too_small",
    "noisy",
    "compressed",
]


class OverrideRecord(BaseModel):
    """Who accepted which findings, and why."""

    codes: list[FaultName]
    reason: str
    by: str
    at: datetime
