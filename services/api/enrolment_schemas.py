"""What goes over the wire of enrolments: the outcome, what was found, and taking it up again."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from services.api.fault_schemas import FaultName, OverrideRecord
from services.api.schemas import BoxPx, ConsentGiven, JobError, JobState, Name, Request


class FaceEnrolment(Request):
    """Enrol a held face: either ``customer_id`` (existing) or ``name`` (new)."""

    customer_id: UUID | None = None
    name: Name | None = None
    birth_date: date | None = Field(
        default=None, description="Of a new customer. A minor is refused and the face forgotten."
    )
    consent: ConsentGiven | None = Field(
        default=None, description="May be left out if the customer's consent is on record."
    )
    living_person_seen: bool = Field(
        default=False,
        description="Somebody saw the person, not a picture of one. Vestibule cannot tell.",
    )


class Finding(BaseModel):
    """One thing that is wrong. ``measured`` and ``limit`` are null where nothing is measured."""

    code: FaultName
    measured: float | None
    limit: float | None
    overridable: bool = Field(description="A written reason can outweigh it, as things are.")


class PicturedFace(BaseModel):
    """``landmarks_xy_px``: left eye, right eye, nose, left and right corner of the mouth."""

    box_xyxy_px: BoxPx
    landmarks_xy_px: list[tuple[float, float]]


class EnrolmentPicture(BaseModel):
    """What is held of the photo. Boxes and landmarks are in pixels of ``width_px`` x ``height_px``;
    the JPEG behind ``url`` may be smaller."""

    url: str
    width_px: int
    height_px: int
    faces: list[PicturedFace]


class ResembledCustomer(BaseModel):
    id: UUID
    name: str
    portrait_url: str


class PresentationFinding(BaseModel):
    """Of a detector of pictures of faces, where one is installed. It decides nothing."""

    score: float
    threshold: float
    is_suspicious: bool


class Enrolment(BaseModel):
    """``outcome`` once ``state`` is done: enrolled, already_enrolled or rejected with a reason.

    ``reason`` is the worst of ``findings``, which come worst first. ``held_until`` is set while a
    rejected photo can be shown, its face picked, or its findings outweighed. ``resembles`` is for
    callers who may see customers.
    """

    id: UUID
    state: JobState
    outcome: Literal["enrolled", "already_enrolled", "rejected"] | None
    reason: FaultName | None
    findings: list[Finding]
    passed: list[FaultName] = Field(description="What was looked at and is well, by what it isn't.")
    picture: EnrolmentPicture | None
    held_until: datetime | None
    can_override: bool = Field(description="Held, and nothing found that no reason outweighs.")
    resembles: ResembledCustomer | None
    override: OverrideRecord | None
    living_person_seen: bool
    presentation: PresentationFinding | None = Field(
        description="Null where no detector of pictures of faces is installed."
    )
    customer_id: UUID
    template_id: UUID | None
    error: JobError | None


class EnrolmentOverride(Request):
    """Accept the photo in spite of ``codes``, which must name every finding."""

    codes: list[FaultName] = Field(min_length=1, max_length=20)
    reason: Annotated[str, Field(min_length=10, max_length=500)]


class FacePick(Request):
    """Which of the two faces is meant: 1 for the left one."""

    face: int = Field(ge=1, le=2)


_FINDING = {"code": "mouth_covered", "measured": 0.31, "limit": 0.95, "overridable": True}
_ID = "f6e5d4c3-4444-4444-8444-000000000017"
_OVERRIDE = {
    "codes": ["mouth_covered"],
    "reason": "Wears this scarf for medical reasons.",
    "by": "owner",
    "at": "2026-11-21T23:14:05Z",
}
ENROLMENT_EXAMPLES: dict[str, Any] = {
    "PresentationFinding": {"score": 0.12, "threshold": 0.5, "is_suspicious": False},
    "FaceEnrolment": {
        "name": "Zoé Lefèvre",
        "living_person_seen": True,
        "consent": {
            "basis": "explicit-consent",
            "notice_shown": True,
            "given_by": "the customer in person",
        },
    },
    "Finding": _FINDING,
    "OverrideRecord": _OVERRIDE,
    "Enrolment": {
        "id": _ID,
        "state": "done",
        "outcome": "rejected",
        "reason": "mouth_covered",
        "findings": [_FINDING],
        "passed": ["cut_off", "turned", "blurred", "too_small"],
        "picture": {
            "url": f"/v1/enrolments/{_ID}/picture",
            "width_px": 320,
            "height_px": 320,
            "faces": [
                {
                    "box_xyxy_px": [84.0, 62.0, 236.0, 258.0],
                    "landmarks_xy_px": [[128, 132], [194, 131], [161, 170], [134, 208], [189, 207]],
                }
            ],
        },
        "held_until": "2026-11-21T23:29:05Z",
        "can_override": True,
        "resembles": None,
        "override": None,
        "living_person_seen": True,
        "presentation": None,
        "customer_id": "6f0d5d0a-6a52-4b2e-9a63-0f4d7c2f4f10",
        "template_id": None,
        "error": None,
    },
    "EnrolmentOverride": {"codes": ["mouth_covered"], "reason": _OVERRIDE["reason"]},
    "FacePick": {"face": 1},
}
