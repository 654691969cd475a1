"""Examples of ``incident_schemas.py``."""

from typing import Any

_INCIDENT = "3d2c1b0a-4444-4444-8444-00000000002a"
_VENUE = {"id": "9a8b7c6d-5555-4555-8555-00000000002b", "name": "Le Quai"}
_NADIA = {"id": "1f2e3d4c-6666-4666-8666-00000000002c", "name": "Nadia"}
_MARC = {"id": "2e3d4c5b-6666-4666-8666-00000000002d", "name": "Marc"}
_ACCOUNT = "Pushed another guest down the stairs at the cloakroom, after a warning."

_SUMMARY: dict[str, Any] = {
    "id": _INCIDENT,
    "version": 3,
    "kind": "violence",
    "severity": 3,
    "state": "verified",
    "occurred_at": "2026-11-22T01:12:00Z",
    "venue": _VENUE,
    "reporter": _NADIA,
    "people": [
        {
            "part": "actor",
            "customer_id": "6f0d5d0a-6a52-4b2e-9a63-0f4d7c2f4f10",
            "name": "Zoé Lefèvre",
            "description": None,
        },
        {
            "part": "victim",
            "customer_id": None,
            "name": None,
            "description": "A tall man in a red jacket",
        },
    ],
    "attachment_count": 1,
    "created_at": "2026-11-22T01:15:00Z",
}
_INVOLVED = [
    {"part": "actor", "customer_id": "6f0d5d0a-6a52-4b2e-9a63-0f4d7c2f4f10"},
    {"part": "victim", "description": "A tall man in a red jacket"},
]

INCIDENT_EXAMPLES: dict[str, Any] = {
    "NewIncident": {
        "id": _INCIDENT,
        "kind": "violence",
        "severity": 3,
        "account": _ACCOUNT,
        "people": _INVOLVED,
        "occurred_at": "2026-11-22T01:12:00Z",
    },
    "IncidentEdit": {"version": 1, "severity": 4, "reason": "The camera shows it."},
    "Verification": {"version": 2, "reason": "Seen on the camera."},
    "Dismissal": {"version": 2, "reason": "Two guests were taken for each other."},
    "Closure": {"version": 3, "reason": "Both were spoken to."},
    "IncidentPage": {"items": [_SUMMARY], "waiting": 4, "next_cursor": None},
    "Incident": {
        **_SUMMARY,
        "account": _ACCOUNT,
        "night": "2026-11-21",
        "decision_reason": "Seen on the camera.",
        "attachments": [
            {
                "id": "4c3b2a19-7777-4777-8777-00000000002e",
                "name": "stairs.jpg",
                "media_type": "image/jpeg",
                "size_bytes": 182_044,
                "added_by": _NADIA,
                "created_at": "2026-11-22T01:16:00Z",
                "url": f"/v1/incidents/{_INCIDENT}/attachments/"
                "4c3b2a19-7777-4777-8777-00000000002e",
            }
        ],
        "history": [
            {
                "version": 1,
                "action": "reported",
                "by": _NADIA,
                "at": "2026-11-22T01:15:00Z",
                "reason": None,
                "changes": {},
            },
            {
                "version": 2,
                "action": "attached",
                "by": _NADIA,
                "at": "2026-11-22T01:16:00Z",
                "reason": None,
                "changes": {"attachment": {"was": None, "is": "stairs.jpg"}},
            },
            {
                "version": 3,
                "action": "verified",
                "by": _MARC,
                "at": "2026-11-22T11:02:00Z",
                "reason": "Seen on the camera.",
                "changes": {},
            },
        ],
        "may_edit": True,
        "may_decide": False,
        "may_verify": False,
        "may_close": True,
    },
}
