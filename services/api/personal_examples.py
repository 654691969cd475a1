"""Examples of the schemas of a customer's own page."""

from typing import Any

_ID = "b7e1c2d3-0000-4000-8000-000000000012"
_AT = "2026-11-22T14:05:00Z"
_LINK: dict[str, Any] = {
    "id": "5c2a7f1b-8888-4888-8888-000000000071",
    "identity": "known_in_person",
    "made_by": "Camille",
    "created_at": _AT,
    "expires_at": "2026-11-29T14:05:00Z",
    "opened_at": None,
    "last_opened_at": None,
    "revoked_at": None,
    "is_live": True,
}
_DATA: dict[str, Any] = {
    "format": "vestibule-personal-data/1",
    "made_at": _AT,
    "profile": {
        "name": "Alex Morel",
        "birth_date": "1994-02-11",
        "phone": "+33612345678",
        "email": "alex@example.org",
        "language": "fr",
        "loyalty_number": None,
        "tags": [],
        "notes": "",
        "home_venue": "Main venue",
        "on_file_since": "2026-02-11T22:05:00Z",
        "other_names": [],
    },
    "restricted_since": None,
    "objects_to_statistics_since": None,
    "objects_to_offers_since": None,
    "consents": [
        {
            "id": _ID,
            "purpose": "recognition",
            "basis": "explicit-consent",
            "venue": None,
            "notice_version": "2026-11",
            "method": "tablet",
            "given_at": "2026-02-11T22:05:00Z",
            "expires_at": "2028-02-11T22:05:00Z",
            "withdrawn_at": None,
        }
    ],
    "faces": [
        {
            "id": _ID,
            "added_at": "2026-02-11T22:06:00Z",
            "is_compared": True,
            "picture": f"pictures/face-{_ID}.jpg",
        }
    ],
    "sightings": [],
    "visits": [
        {
            "night": "2026-11-21",
            "venue": "Main venue",
            "entered_at": "2026-11-21T22:40:00Z",
            "left_at": None,
            "known_by": "face",
        }
    ],
    "purchases": [
        {
            "at": "2026-11-21T23:10:00Z",
            "night": "2026-11-21",
            "venue": "Main venue",
            "category": "soft",
            "amount_minor": 450,
            "currency": "EUR",
            "is_voided": False,
        }
    ],
    "offers": [
        {
            "kind": "drink",
            "words_en": "A welcome drink",
            "words_fr": "Un verre de bienvenue",
            "venue": "Main venue",
            "made_at": "2026-11-20T18:00:00Z",
            "ends_at": "2026-12-21T07:00:00Z",
            "redeemed_at": None,
            "taken_back_at": None,
            "segment": "regular",
        }
    ],
    "incidents": [
        {
            "id": _ID,
            "kind": "violence",
            "severity": 3,
            "night": "2026-11-14",
            "venue": "Main venue",
            "part": "actor",
            "state": "verified",
            "has_account": True,
        }
    ],
    "proposals": [],
    "watchlist": [
        {
            "id": _ID,
            "venue": "Main venue",
            "starts_at": "2026-11-15T12:00:00Z",
            "ends_at": "2026-12-15T12:00:00Z",
            "lifted_at": None,
            "is_current": True,
            "can_appeal": True,
            "appeals": [],
        }
    ],
    "requests": [],
    "looks": [{"at": _AT, "action": "customer.view"}],
    "ends": [
        {
            "what": "customer",
            "kept_days": 1095,
            "goes_at": "2029-12-14T12:00:00Z",
            "is_announced": False,
        },
        {
            "what": "template",
            "kept_days": 365,
            "goes_at": "2027-11-21T22:40:00Z",
            "is_announced": False,
        },
        {
            "what": "visit",
            "kept_days": 730,
            "goes_at": "2028-11-20T22:40:00Z",
            "is_announced": False,
        },
        {"what": "incident", "kept_days": 1095, "goes_at": None, "is_announced": False},
    ],
    "kept_back_until": None,
}
PERSONAL_EXAMPLES: dict[str, Any] = {
    "PersonalData": _DATA,
    "NewPersonalLink": {"identity": "known_in_person"},
    "PersonalLinkList": {"items": [_LINK]},
    "PersonalLinkMade": {**_LINK, "path": "/me#…", "language": "fr"},
    "PersonalLinkToken": {"token": "…"},
    "PersonalSession": {
        "access_token": "…",
        "browser_token": "…",
        "expires_at": "2026-11-22T14:35:00Z",
    },
    "ContactChange": {"phone": "06 12 34 56 78", "email": None},
    "OwnRequest": {"right": "rectification", "name": "Alexandre Morel"},
    "OwnObjections": {"to_statistics": True},
    "DataUse": {
        "restricted_since": _AT,
        "objects_to_statistics_since": None,
        "objects_to_offers_since": None,
    },
    "RestrictionLifting": {"person_was_told": True},
    "OwnAppeal": {"statement": "It was not me."},
}
