"""Requests and answers about notices."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Path
from pydantic import BaseModel, Field

from services.api.schemas import Consent, PurposeName, Request
from vestibule.domain.notice import LONGEST_DAYS, MAX_BODY, MAX_PURPOSE, MAX_TITLE

LinkId = Annotated[str, Path(max_length=64, description="As making the link said it.")]


class NoticePurposes(Request):
    """The sentence beside each box. A notice that asks for less leaves some empty."""

    recognition: str = Field(default="", max_length=MAX_PURPOSE)
    offers: str = Field(default="", max_length=MAX_PURPOSE)
    statistics: str = Field(default="", max_length=MAX_PURPOSE)
    sharing: str = Field(default="", max_length=MAX_PURPOSE)


class NoticeText(Request):
    """In one language. Paragraphs stand apart by an empty line, points begin with "- "."""

    title: str = Field(default="", max_length=MAX_TITLE)
    body: str = Field(default="", max_length=MAX_BODY)
    purposes: NoticePurposes = NoticePurposes()


class NoticeTexts(Request):
    en: NoticeText = NoticeText()
    fr: NoticeText = NoticeText()


class NoticeDraft(Request):
    """``validity_days`` is how long a consent given on it counts."""

    texts: NoticeTexts
    validity_days: int = Field(ge=1, le=LONGEST_DAYS)


class Notice(BaseModel):
    """A text that guests are shown, or were; what is published never changes."""

    version: str
    texts: NoticeTexts
    validity_days: int


class NoticeVersion(BaseModel):
    version: str
    validity_days: int
    published_at: datetime | None = Field(description="Null: it came with the product.")
    published_by: str | None


class NoticeInWork(BaseModel):
    """``missing``: what has to be written before it can be published, as language.part."""

    texts: NoticeTexts
    validity_days: int
    changed_by: str
    changed_at: datetime
    missing: list[str]


class NoticeDesk(BaseModel):
    """What is in force, what is being written, and every version that guests may have seen."""

    in_force: Notice
    draft: NoticeInWork | None
    versions: list[NoticeVersion]
    longest_days: int = Field(description="Longer than that no consent may count here.")


# ── agreements ──────────────────────────────────────────────────────────────────────────────
class Agreement(Request):
    """One act of a guest on a tablet: to agree to purposes, or to withdraw from them.

    ``signature`` is the drawing as a PNG or JPEG picture in base64; ``typed_name`` takes its place
    for whoever cannot or will not draw.
    """

    asks: Literal["give", "withdraw"] = "give"
    purposes: list[PurposeName] = Field(min_length=1, max_length=4)
    language: Literal["en", "fr"]
    notice_version: str | None = Field(default=None, max_length=40)
    signature: str = Field(default="", max_length=400_000)
    typed_name: str = Field(default="", max_length=200)


class AgreementResult(BaseModel):
    """The consents that were given or withdrawn."""

    consents: list[Consent]
    proof_refused: str | None = Field(
        description="A withdrawal was taken down and counts, but what should show it was not kept: "
        "the code of the problem, as `invalid_input` for an empty drawing. Null: all is kept."
    )


class ConsentLinkAsked(Request):
    asks: Literal["give", "withdraw"] = "give"


class ConsentLinkMade(BaseModel):
    """``path`` is opened on the guest's phone, once answered it works no more.

    ``id`` opens nothing: by it one asks whether the guest has answered.
    """

    id: str
    path: str
    expires_at: datetime


class ConsentLinkState(BaseModel):
    """``answered`` once what the guest said is on record."""

    state: Literal["waiting", "answered", "expired"]


class ConsentLinkToken(Request):
    token: str = Field(min_length=1, max_length=200)


class ConsentQuestion(BaseModel):
    """What the guest's phone shows. ``agreed`` are the purposes that stand now."""

    asks: Literal["give", "withdraw"]
    name: str
    notice: Notice
    agreed: list[PurposeName]


class ConsentAnswer(ConsentLinkToken):
    purposes: list[PurposeName] = Field(min_length=1, max_length=4)
    typed_name: str = Field(min_length=1, max_length=200)
    language: Literal["en", "fr"]


class ConsentAnswered(BaseModel):
    asks: Literal["give", "withdraw"]


_TEXT: dict[str, Any] = {
    "title": "Recognising you at the door",
    "body": "If you agree, we keep a small picture of your face.\n\n- It is your choice.",
    "purposes": {
        "recognition": "I agree to be recognised.",
        "offers": "I agree to be made offers.",
        "statistics": "I agree to be counted in statistics.",
        "sharing": "I agree that the other venues may do the same.",
    },
}
_TEXTS = {"en": _TEXT, "fr": {**_TEXT, "title": "Vous reconnaître à l’entrée"}}
_NOTICE: dict[str, Any] = {"version": "2026-12", "texts": _TEXTS, "validity_days": 730}
_AT = "2026-11-21T23:14:05Z"
_IN_WORK: dict[str, Any] = {
    "texts": _TEXTS,
    "validity_days": 365,
    "changed_by": "Camille",
    "changed_at": _AT,
    "missing": [],
}
CONSENT_EXAMPLES: dict[str, dict[str, Any]] = {
    "NoticePurposes": _TEXT["purposes"],
    "NoticeText": _TEXT,
    "NoticeTexts": _TEXTS,
    "NoticeDraft": {"texts": _TEXTS, "validity_days": 365},
    "Notice": _NOTICE,
    "NoticeInWork": _IN_WORK,
    "NoticeVersion": {
        "version": "2026-12-01",
        "validity_days": 365,
        "published_at": _AT,
        "published_by": "Camille",
    },
    "NoticeDesk": {
        "in_force": _NOTICE,
        "draft": _IN_WORK,
        "versions": [
            {
                "version": "2026-12",
                "validity_days": 730,
                "published_at": None,
                "published_by": None,
            }
        ],
        "longest_days": 730,
    },
    "Agreement": {
        "asks": "give",
        "purposes": ["recognition", "offers"],
        "language": "fr",
        "typed_name": "Zoé Lefèvre",
    },
    "AgreementResult": {"consents": [], "proof_refused": None},
    "ConsentLinkAsked": {"asks": "give"},
    "ConsentLinkMade": {"id": "0e5751c0…", "path": "/agree/vL3…", "expires_at": _AT},
    "ConsentLinkState": {"state": "waiting"},
    "ConsentLinkToken": {"token": "vL3…"},
    "ConsentQuestion": {
        "asks": "give",
        "name": "Zoé Lefèvre",
        "notice": _NOTICE,
        "agreed": ["recognition"],
    },
    "ConsentAnswer": {
        "token": "vL3…",
        "purposes": ["recognition"],
        "typed_name": "Zoé Lefèvre",
        "language": "fr",
    },
    "ConsentAnswered": {"asks": "give"},
}
