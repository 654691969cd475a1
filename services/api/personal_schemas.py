"""Over the wire: a customer's own page. ``PersonalData`` is also the file that they take along."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from services.api.data_request_schemas import IdentityName, RightName, Said, StateName, Words
from services.api.profile_schemas import Written
from services.api.schemas import Request
from vestibule.domain.names import clean_name

EndName = Literal[
    "customer",
    "template",
    "visit",
    "purchase",
    "offer",
    "consent",
    "consent_proof",
    "incident",
    "dismissed_incident",
    "proposal",
    "entry",
    "data_request",
]


def _named(name: str) -> str:
    cleaned = clean_name(name)
    if not cleaned:
        raise ValueError("must not be empty")
    return cleaned


class PersonalProfile(BaseModel):
    name: str
    birth_date: date | None
    phone: str | None
    email: str | None
    language: str | None
    loyalty_number: str | None
    tags: list[str]
    notes: str = Field(description="What staff wrote down.")
    home_venue: str
    on_file_since: datetime
    other_names: list[str] = Field(description="Of files that were made one with this one.")


class PersonalConsent(BaseModel):
    id: UUID
    purpose: str
    basis: str
    venue: str | None = Field(description="Null is every venue.")
    notice_version: str
    method: str = Field(description="How it was given: spoken, tablet, paper, phone or import.")
    given_at: datetime
    expires_at: datetime | None
    withdrawn_at: datetime | None


class PersonalFace(BaseModel):
    """An enrolled face. What is compared is a list of numbers made from this picture."""

    id: UUID
    added_at: datetime
    is_compared: bool
    picture: str | None = Field(description="The file in the archive.")


class PersonalSighting(BaseModel):
    """A photo in which this face was recognised, or held to be possible, until it expires."""

    id: UUID
    at: datetime
    venue: str
    decision: Literal["MATCH", "REVIEW", "UNKNOWN", "UNUSABLE"]
    expires_at: datetime
    picture: str | None


class PersonalVisit(BaseModel):
    night: date
    venue: str
    entered_at: datetime
    left_at: datetime | None
    known_by: str = Field(description="face, hand, ticket or import.")


class PersonalPurchase(BaseModel):
    at: datetime
    night: date
    venue: str
    category: str
    amount_minor: int = Field(description="In the smallest unit of the currency.")
    currency: str
    is_voided: bool


class PersonalOffer(BaseModel):
    """Those too that are hidden because you do not agree to offers."""

    kind: str
    words_en: str
    words_fr: str
    venue: str | None = Field(description="Null: at every venue.")
    made_at: datetime
    ends_at: datetime
    redeemed_at: datetime | None
    taken_back_at: datetime | None
    segment: str | None = Field(
        description="Why you got it: how often you had come when it was made; null for you alone."
    )


class PersonalIncident(BaseModel):
    """Never who reported it, and nobody else who was in it.

    The written account may speak of others: it is given on request, without them.
    """

    id: UUID
    kind: str
    severity: int
    night: date
    venue: str
    part: Literal["actor", "victim", "witness"]
    state: Literal["reported", "verified", "dismissed", "closed"]
    has_account: bool


class PersonalProposal(BaseModel):
    """That this person be kept out, whatever came of it. People decide on it."""

    at: datetime
    venue: str | None = Field(description="Null is the whole chain.")
    origin: Literal["algorithm", "person"]
    state: Literal["open", "approved", "rejected", "expired", "withdrawn"]
    points: float
    days: int


class PersonalAppeal(BaseModel):
    statement: str
    recorded_at: datetime
    due_at: datetime
    outcome: Literal["upheld", "shortened", "lifted"] | None
    decided_at: datetime | None


class PersonalEntry(BaseModel):
    """Kept out from one moment until another. ``can_appeal``: now, with no appeal open."""

    id: UUID
    venue: str | None = Field(description="Null is the whole chain.")
    starts_at: datetime
    ends_at: datetime
    lifted_at: datetime | None
    is_current: bool
    can_appeal: bool
    appeals: list[PersonalAppeal]


class PersonalStep(BaseModel):
    """What this person asked, and what they were told."""

    action: str
    words: str
    at: datetime


class PersonalRequest(BaseModel):
    id: UUID
    right: RightName
    state: StateName
    received_on: date
    due_on: date
    steps: list[PersonalStep]


class PersonalLook(BaseModel):
    at: datetime
    action: str = Field(description="A word for a kind of deed, as in the audit log.")


class PersonalEnd(BaseModel):
    """When a kind of thing goes by the clocks in force, if nothing else happens until then."""

    what: EndName = Field(
        description="The whole file, the enrolled faces, or each thing of a kind by itself."
    )
    kept_days: int
    goes_at: datetime | None = Field(
        description="The first of them. Null while something open keeps them, as an appeal does."
    )
    is_announced: bool = Field(description="It is near: the staff sees it on the file too.")


class PersonalData(BaseModel):
    """All that is held about one person, but what is somebody else's."""

    format: Literal["vestibule-personal-data/1"] = "vestibule-personal-data/1"
    made_at: datetime
    profile: PersonalProfile
    restricted_since: datetime | None
    objects_to_statistics_since: datetime | None
    objects_to_offers_since: datetime | None
    consents: list[PersonalConsent]
    faces: list[PersonalFace]
    sightings: list[PersonalSighting]
    visits: list[PersonalVisit]
    purchases: list[PersonalPurchase]
    offers: list[PersonalOffer]
    incidents: list[PersonalIncident]
    proposals: list[PersonalProposal]
    watchlist: list[PersonalEntry]
    requests: list[PersonalRequest]
    looks: list[PersonalLook] = Field(
        description="When something was done with these data and what, at most the last 500."
    )
    ends: list[PersonalEnd] = Field(
        description="Of each kind of which something is held. Photos carry their own end."
    )
    kept_back_until: datetime | None = Field(
        description="Longer than the clocks say, as a part may be needed for a claim."
    )


# ── the link and the page behind it ─────────────────────────────────────────────────────────
class NewPersonalLink(Request):
    """Whoever makes one says how they know whom they hand it to."""

    identity: Literal["document_seen", "contact_on_file", "known_in_person"]


class PersonalLinkOnRecord(BaseModel):
    id: UUID
    identity: IdentityName
    made_by: str
    created_at: datetime
    expires_at: datetime
    opened_at: datetime | None = Field(description="The first time; that browser keeps it.")
    last_opened_at: datetime | None
    revoked_at: datetime | None
    is_live: bool


class PersonalLinkList(BaseModel):
    """The newest first."""

    items: list[PersonalLinkOnRecord]


class PersonalLinkMade(PersonalLinkOnRecord):
    path: str = Field(description="With the token behind the #: shown this once.")
    language: str | None = Field(description="The customer's.")


class PersonalLinkToken(Request):
    token: str = Field(max_length=200, description="What stands behind the # of the link.")
    browser_token: str | None = Field(
        default=None, max_length=200, description="What this browser was given before."
    )
    source: str = Field(default="", max_length=100, description="The network address, if known.")


class PersonalSession(BaseModel):
    access_token: str
    browser_token: str = Field(description="For this browser to keep: the link opens again by it.")
    expires_at: datetime


class ContactChange(Request):
    """What is left out stays; null takes it off. It holds at once."""

    phone: Written | None = None
    email: Written | None = None
    language: Written | None = None


class OwnRequest(Request):
    """``name`` and ``birth_date`` are what should stand there, for a rectification."""

    right: RightName
    words: Words = ""
    name: Annotated[str, StringConstraints(max_length=200), AfterValidator(_named)] | None = None
    birth_date: date | None = None


class OwnObjections(Request):
    """True objects, false takes it back, what is left out stays."""

    to_statistics: bool | None = None
    to_offers: bool | None = None


class DataUse(BaseModel):
    """What a customer's data may not be used for, and since when."""

    restricted_since: datetime | None
    objects_to_statistics_since: datetime | None
    objects_to_offers_since: datetime | None


class RestrictionLifting(Request):
    """A person is told before the restriction of their data is lifted (article 18(3))."""

    person_was_told: Literal[True]


class OwnAppeal(Request):
    statement: Said
