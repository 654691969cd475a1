"""Over the wire: what people ask about their data, and until when they are answered."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from services.api.schemas import Name, Request
from vestibule.domain.names import clean_text

RightName = Literal["access", "rectification", "erasure", "restriction", "portability", "objection"]
ChannelName = Literal["page", "letter", "email", "in_person", "phone"]
IdentityName = Literal["personal_link", "document_seen", "contact_on_file", "known_in_person"]
StateName = Literal["open", "answered", "refused", "taken_back"]


def _said(text: str) -> str:
    cleaned = clean_text(text).strip()
    if not cleaned:
        raise ValueError("must not be empty")
    return cleaned


Words = Annotated[str, StringConstraints(max_length=4_000), AfterValidator(clean_text)]
Said = Annotated[str, StringConstraints(max_length=4_000), AfterValidator(_said)]


class RequestCustomer(BaseModel):
    id: UUID
    name: str


class DataRequestSummary(BaseModel):
    """``customer`` null: who asked is no customer (``requester``), or was erased since."""

    id: UUID
    right: RightName
    article: int = Field(description="Of the GDPR.")
    channel: ChannelName
    customer: RequestCustomer | None
    requester: str | None
    identity: IdentityName | None = Field(description="How it was made sure who asks.")
    state: StateName
    received_on: date
    due_on: date = Field(description="The last day on which an answer is in time.")
    days_left: int = Field(description="Below zero once it is late.")
    is_overdue: bool
    extended_at: datetime | None
    closed_at: datetime | None


class DataRequestPage(BaseModel):
    items: list[DataRequestSummary]
    total: int
    next_offset: int | None
    open: int
    overdue: int = Field(description="Open ones whose day is over.")


class DataRequestStep(BaseModel):
    action: Literal[
        "received", "identified", "extended", "noted", "told", "answered", "refused", "taken_back"
    ]
    words: str
    details: dict[str, Any] | None = Field(description="What is to be corrected, by field.")
    by: str
    at: datetime


class DataRecipient(BaseModel):
    """Somebody who was handed a list that holds these data, to be told of a change (article 19)."""

    at: datetime
    who: str


class DataRequest(DataRequestSummary):
    """With all that was said and done. The steps of somebody who was erased are gone too."""

    steps: list[DataRequestStep]
    recipients: list[DataRecipient] = Field(
        description="Exports since the customer is on file, for what has to be told on."
    )


class NewDataRequest(Request):
    """From a letter, a call, a talk. Name a customer, or somebody who is none."""

    right: RightName
    channel: Literal["letter", "email", "in_person", "phone"]
    customer_id: UUID | None = None
    requester: Name | None = None
    received_on: date | None = Field(default=None, description="Today without one.")
    words: Words = Field(default="", description="What they ask, in their words.")
    identity: IdentityName | None = None


class NewIdentityCheck(Request):
    identity: IdentityName
    words: Words = Field(default="", description="What was seen; never a number of a document.")


class NewExtension(Request):
    """``reason`` is what the person was told, by ``told_by``."""

    reason: Said
    told_by: ChannelName


class NewRequestNote(Request):
    words: Said
    is_telling: bool = Field(
        default=False, description="Somebody who was sent the data was told (article 19)."
    )


class NewRequestOutcome(Request):
    """``answered`` grants what was asked; an erasure is carried out with it."""

    outcome: Literal["answered", "refused", "taken_back"]
    words: Said = Field(description="The answer, or why not.")


_REQUEST = "4b1f6f0e-7777-4777-8777-000000000061"
_SUMMARY: dict[str, Any] = {
    "id": _REQUEST,
    "right": "access",
    "article": 15,
    "channel": "letter",
    "customer": {"id": "b7e1c2d3-0000-4000-8000-000000000012", "name": "Alex Morel"},
    "requester": None,
    "identity": "document_seen",
    "state": "open",
    "received_on": "2026-11-03",
    "due_on": "2026-12-03",
    "days_left": 7,
    "is_overdue": False,
    "extended_at": None,
    "closed_at": None,
}
_STEP = {
    "action": "received",
    "words": "I want to know what you hold about me.",
    "details": None,
    "by": "Camille",
    "at": "2026-11-04T14:05:00Z",
}
DATA_REQUEST_EXAMPLES: dict[str, Any] = {
    "DataRequestPage": {
        "items": [_SUMMARY],
        "total": 1,
        "next_offset": None,
        "open": 1,
        "overdue": 0,
    },
    "DataRequest": {**_SUMMARY, "steps": [_STEP], "recipients": []},
    "NewDataRequest": {
        "right": "access",
        "channel": "letter",
        "customer_id": "b7e1c2d3-0000-4000-8000-000000000012",
        "received_on": "2026-11-03",
        "words": "I want to know what you hold about me.",
    },
    "NewIdentityCheck": {"identity": "document_seen", "words": "Passport, seen at the office."},
    "NewExtension": {
        "reason": "The photos of four venues have to be looked through.",
        "told_by": "letter",
    },
    "NewRequestNote": {"words": "Told the agency that had the list.", "is_telling": True},
    "NewRequestOutcome": {"outcome": "answered", "words": "The file was sent by post."},
}
