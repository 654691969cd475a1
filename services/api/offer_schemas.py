"""Over the wire: offers to guests, and the segments that they are made for."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, Field, StringConstraints

from services.api.open_offer_schema import OfferKindName
from services.api.schemas import Request
from vestibule.domain.names import clean_text
from vestibule.domain.offers import LONGEST_WORDS

OfferStateName = Literal["waiting", "open", "redeemed", "taken_back", "expired"]
SegmentName = Literal["never", "lapsed", "new", "returning", "regular"]
OfferWords = Annotated[str, StringConstraints(max_length=LONGEST_WORDS), AfterValidator(clean_text)]


class OfferTermsGiven(Request):
    """In one language or both. It holds 180 days at most."""

    kind: OfferKindName
    words_en: OfferWords = ""
    words_fr: OfferWords = ""
    venue_id: UUID | None = Field(
        default=None,
        description="Null: at every venue of the chain. That takes the permission everywhere, and "
        "a consent for all of it.",
    )
    starts_at: AwareDatetime | None = Field(default=None, description="Now, unless it is said.")
    ends_at: AwareDatetime


class NewOffer(OfferTermsGiven):
    id: UUID | None = Field(
        default=None, description="Yours, if you want: sent again it is the same offer."
    )


class Redemption(Request):
    venue_id: UUID | None = Field(default=None, description="This venue, unless it is said.")


class Offer(BaseModel):
    id: UUID
    customer_id: UUID
    kind: OfferKindName
    words_en: str
    words_fr: str
    venue_id: UUID | None
    starts_at: datetime
    ends_at: datetime
    state: OfferStateName
    made_by: str
    made_at: datetime
    round_id: UUID | None = Field(description="Set where it was made for a segment.")
    redeemed_at: datetime | None
    redeemed_by: str | None
    taken_back_at: datetime | None
    can_undo_until: datetime | None = Field(description="Of a redemption, so long.")


class SegmentExplained(BaseModel):
    """What it was worked out from, now. It is kept nowhere."""

    segment: SegmentName
    nights: int
    nights_in_window: int
    last_night: str | None


class OfferPage(BaseModel):
    """The latest first. What is open is left out while the guest does not agree to offers."""

    items: list[Offer]
    may_be_offered: bool = Field(description="Whether they agree to offers at this venue.")
    segment: SegmentExplained | None = Field(
        description="For those who plan offers; null too of who does not agree to them."
    )
    next_cursor: str | None


class SegmentSize(BaseModel):
    segment: SegmentName
    guests: int


class SegmentationPolicy(BaseModel):
    """A regular came on ``regular_nights`` of the last ``window_days`` nights; somebody has lapsed
    whose last night is ``lapsed_after_days`` ago; new came once, returning more often."""

    window_days: int
    regular_nights: int
    lapsed_after_days: int


class Segments(BaseModel):
    """Of guests who agreed to offers there; of everybody else nothing is worked out."""

    venue_id: UUID | None
    policy: SegmentationPolicy
    items: list[SegmentSize]


class RoundTerms(OfferTermsGiven):
    segment: SegmentName


class RoundPreview(BaseModel):
    guests: int = Field(description="Whom it would reach now. Nothing was written.")


class NewOfferRound(RoundTerms):
    """``id`` is yours: sent again it goes on where it stopped and makes nothing twice."""

    id: UUID
    guests: int = Field(
        ge=0, le=10_000, description="As the preview said: 409 when it would be more."
    )


class MadeRound(BaseModel):
    id: UUID
    guests: int = Field(description="Who have the offer now.")
    added: int = Field(description="How many of them got it by this call.")


class OfferShare(BaseModel):
    made: int
    redeemed: int
    taken_back: int
    expired: int
    open: int


class OfferRound(BaseModel):
    id: UUID
    segment: SegmentName
    kind: OfferKindName
    words_en: str
    words_fr: str
    venue_id: UUID | None
    starts_at: datetime
    ends_at: datetime
    made_by: str
    made_at: datetime
    share: OfferShare


class OfferRounds(BaseModel):
    """The latest 50. ``one_by_one``: offers of 90 days that were made to one guest each."""

    items: list[OfferRound]
    one_by_one: OfferShare
