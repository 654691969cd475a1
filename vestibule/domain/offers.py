"""What a guest is offered: until when, once, and what became of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from vestibule.domain.errors import InvalidInputError
from vestibule.domain.names import clean_name

LONGEST = timedelta(days=180)
"""No offer holds longer: what nobody remembers is no promise."""
LATEST_START = timedelta(days=180)
UNDO_WITHIN = timedelta(minutes=15)
"""A slip of the thumb at the door is taken back so long."""
LONGEST_WORDS = 120


class OfferKind(StrEnum):
    DRINK = "drink"
    ENTRY = "entry"
    REDUCTION = "reduction"
    CLOAKROOM = "cloakroom"
    TABLE = "table"
    OTHER = "other"


class OfferState(StrEnum):
    WAITING = "waiting"
    """Not yet: it begins later."""
    OPEN = "open"
    REDEEMED = "redeemed"
    TAKEN_BACK = "taken_back"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class OfferTerms:
    """``words`` as they were typed, by language; one of the two may be empty."""

    kind: OfferKind
    words_en: str
    words_fr: str
    starts_at: datetime
    ends_at: datetime


def checked_terms(terms: OfferTerms, *, now: datetime) -> OfferTerms:
    """With tidy words. Raises InvalidInputError (fact: ``fields``)."""
    words_en, words_fr = clean_name(terms.words_en), clean_name(terms.words_fr)
    wrong = []
    if not words_en and not words_fr:
        wrong.append("words_en")
    wrong += [
        name
        for name, words in (("words_en", words_en), ("words_fr", words_fr))
        if len(words) > LONGEST_WORDS
    ]
    if terms.starts_at > now + LATEST_START:
        wrong.append("starts_at")
    if not max(now, terms.starts_at) < terms.ends_at <= terms.starts_at + LONGEST:
        wrong.append("ends_at")
    if wrong:
        raise InvalidInputError("An offer says what, and until when.", fields=wrong)
    return OfferTerms(terms.kind, words_en, words_fr, terms.starts_at, terms.ends_at)


def state_of(
    *,
    starts_at: datetime,
    ends_at: datetime,
    redeemed_at: datetime | None,
    taken_back_at: datetime | None,
    now: datetime,
) -> OfferState:
    if redeemed_at is not None:
        return OfferState.REDEEMED
    if taken_back_at is not None:
        return OfferState.TAKEN_BACK
    if now >= ends_at:
        return OfferState.EXPIRED
    return OfferState.OPEN if now >= starts_at else OfferState.WAITING
