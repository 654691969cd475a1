"""Examples of ``offer_schemas.py``."""

from typing import Any

_OFFER_ID = "2e1f0d3c-9999-4999-8999-000000000031"
_ROUND_ID = "7b6a5948-9999-4999-8999-000000000032"
_CUSTOMER = "6f0d5d0a-6a52-4b2e-9a63-0f4d7c2f4f10"
_VENUE = "1c9e6b5a-4444-4444-8444-000000000017"
_WORDS = {"kind": "drink", "words_en": "A welcome drink", "words_fr": "Un verre de bienvenue"}
_GIVEN = {**_WORDS, "venue_id": _VENUE, "ends_at": "2026-12-21T07:00:00Z"}
_SHOWN = {
    **_WORDS,
    "venue_id": _VENUE,
    "starts_at": "2026-11-21T20:00:00Z",
    "ends_at": "2026-12-21T07:00:00Z",
    "made_by": "Hélène Vidal",
    "made_at": "2026-11-21T20:00:00Z",
}
_OFFER = {
    "id": _OFFER_ID,
    "customer_id": _CUSTOMER,
    **_SHOWN,
    "state": "open",
    "round_id": None,
    "redeemed_at": None,
    "redeemed_by": None,
    "taken_back_at": None,
    "can_undo_until": None,
}
_SHARE = {"made": 40, "redeemed": 12, "taken_back": 1, "expired": 9, "open": 18}

OFFER_EXAMPLES: dict[str, Any] = {
    "NewOffer": _GIVEN,
    "Redemption": {},
    "Offer": _OFFER,
    "OfferPage": {
        "items": [_OFFER],
        "may_be_offered": True,
        "segment": {
            "segment": "regular",
            "nights": 11,
            "nights_in_window": 5,
            "last_night": "2026-11-14",
        },
        "next_cursor": None,
    },
    "Segments": {
        "venue_id": _VENUE,
        "policy": {"window_days": 90, "regular_nights": 4, "lapsed_after_days": 120},
        "items": [{"segment": "new", "guests": 120}, {"segment": "regular", "guests": 40}],
    },
    "RoundTerms": {**_GIVEN, "segment": "regular"},
    "RoundPreview": {"guests": 40},
    "NewOfferRound": {"id": _ROUND_ID, **_GIVEN, "segment": "regular", "guests": 40},
    "MadeRound": {"id": _ROUND_ID, "guests": 40, "added": 40},
    "OfferRounds": {
        "items": [{"id": _ROUND_ID, **_SHOWN, "segment": "regular", "share": _SHARE}],
        "one_by_one": {"made": 3, "redeemed": 1, "taken_back": 0, "expired": 0, "open": 2},
    },
}
