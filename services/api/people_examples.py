"""Examples of signing in, people, keys and venues."""

from typing import Any

_MOMENT = "2026-11-21T23:14:05Z"
_PERSON = "0b8a3f6f-7a11-4d0b-8f5e-3f6a4f0f8b7d"
_VENUE = "1c9e6b5a-4444-4444-8444-000000000017"
_BROWSER = {"device_token": "k3J…", "source": "192.0.2.7", "words": "Firefox on Android"}
_PASSWORD = "four words nobody joins"  # noqa: S105 - an example
_STEP = {
    "state": "signed_in",
    "access_token": "vL3…",
    "expires_at": _MOMENT,
    "device_token": "k3J…",
    "ticket": None,
}
_SHOWN_PERSON = {
    "id": _PERSON,
    "name": "Camille Roux",
    "email": "camille@club.example",
    "status": "active",
    "is_owner": False,
    "roles": [{"role": "host", "venue_id": _VENUE, "granted_by": "owner", "granted_at": _MOMENT}],
    "has_second_factor": True,
    "owes_second_factor": False,
    "last_seen_at": _MOMENT,
    "created_at": _MOMENT,
    "in_reach": True,
}
_SHOWN_VENUE = {
    "id": _VENUE,
    "name": "Main venue",
    "timezone": "Europe/Paris",
    "closes_at_hour": 8,
    "minimum_age": 18,
    "capacity": 400,
    "people": 12,
}
_SHOWN_SESSION = {
    "id": "9f86d081884c7d65",
    "is_this": True,
    "signed_in_by": "password",
    "device": "Firefox on Android",
    "created_at": _MOMENT,
    "last_used_at": _MOMENT,
    "expires_at": _MOMENT,
}
_SHOWN_KEY = {
    "id": "9f86d081884c7d65",
    "name": "till",
    "made_by": "Camille Roux",
    "scopes": ["purchases.record"],
    "created_at": _MOMENT,
    "expires_at": _MOMENT,
    "last_used_at": None,
}

PEOPLE_EXAMPLES: dict[str, dict[str, Any]] = {
    "PasswordSignIn": {
        "email": "camille@club.example",
        "password": _PASSWORD,
        "browser": _BROWSER,
    },
    "CodeSignIn": {"ticket": "vL3…", "code": "492039", "browser": _BROWSER},
    "SignInStep": _STEP,
    "CompanySignIn": {"name": "Club account"},
    "CompanyBeginning": {"redirect_uri": "https://door.example.com/sign-in/company/callback"},
    "CompanyFlow": {"url": "https://id.example.com/authorize?…", "flow": "gAAA…"},
    "CompanyCallback": {"flow": "gAAA…", "state": "mX2…", "code": "9s…", "browser": _BROWSER},
    "InvitationToken": {"token": "the-part-after-/invitations/"},
    "Invitation": {"name": "Camille Roux", "email": "camille@club.example"},
    "InvitationAcceptance": {"token": "vL3…", "password": _PASSWORD, "browser": _BROWSER},
    "PlaceChange": {"venue_id": _VENUE},
    "OwnAccount": {
        "id": _PERSON,
        "name": "Camille Roux",
        "email": "camille@club.example",
        "has_password": True,
        "second_factor_since": None,
        "owes_second_factor": False,
        "recovery_codes_left": 0,
    },
    "PasswordChange": {"current": "the one before", "new": _PASSWORD},
    "SessionsEnded": {"ended": 2},
    "PasswordProof": {"password": _PASSWORD},
    "SecondFactorSecret": {
        "secret": "GEZDGNBVGY3TQOJQ",
        "uri": "otpauth://totp/Vestibule:camille%40club.example?secret=GEZDGNBVGY3TQOJQ",
        "qr_svg": "<svg …></svg>",
    },
    "SecondFactorCode": {"code": "492039"},
    "RecoveryCodes": {"codes": ["MFRG-GZDF-MZTW-Q2LK"]},
    "SessionList": {"items": [_SHOWN_SESSION]},
    "NewPerson": {
        "name": "Camille Roux",
        "email": "camille@club.example",
        "roles": [{"role": "host", "venue_id": _VENUE}],
    },
    "RoleChange": {"roles": [{"role": "manager", "venue_id": None}]},
    "NameChange": {"name": "Camille Roux-Martin"},
    "Person": _SHOWN_PERSON,
    "PersonList": {"items": [_SHOWN_PERSON]},
    "NewInvitation": {
        "person": _SHOWN_PERSON,
        "path": "/invitations/vL3…",
        "expires_at": _MOMENT,
    },
    "SignInPolicy": {"second_factor_roles": ["admin", "dpo"]},
    "SignInPolicyChange": {"second_factor_roles": ["admin", "dpo"]},
    "NewApiKey": {"name": "till", "expires_in_days": 90, "scopes": ["purchases.record"]},
    "ApiKey": {
        "id": "9f86d081884c7d65",
        "name": "till",
        "api_key": "vst_…",
        "expires_at": "2027-02-19T23:14:05Z",
        "scopes": ["purchases.record"],
    },
    "ApiKeyList": {
        "items": [_SHOWN_KEY],
        "may_give": [{"permission": "purchases.record", "venue_ids": None}],
    },
    "NewVenue": {
        "name": "Quay",
        "timezone": "Europe/Paris",
        "closes_at_hour": 7,
        "minimum_age": 18,
        "capacity": 250,
    },
    "VenueChange": {"closes_at_hour": 6, "capacity": None},
    "Venue": _SHOWN_VENUE,
    "VenueList": {"items": [_SHOWN_VENUE]},
}
