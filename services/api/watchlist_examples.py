"""Examples of the watchlist's schemas. Their arithmetic is the code's own."""

from typing import Any

from services.api import watchlist_presenters as presenters
from services.watchlist_example import (
    REPORTERS,
    VENUE,
    example_evidence,
    example_finding,
    example_incidents,
)
from vestibule.domain.watchlist_policy import AS_SHIPPED, BOUNDS, content_of
from vestibule.records.watchlist_names import Names

_AT = "2026-11-22T01:40:00Z"
_NEXT_DAY = "2026-11-22T14:05:00Z"
_PROPOSAL = "7d1b2a3c-3333-4333-8333-000000000031"
_ENTRY = "7d1b2a3c-3333-4333-8333-000000000032"
_APPEAL = "7d1b2a3c-3333-4333-8333-000000000033"
_TEMPLATE = "7d1b2a3c-3333-4333-8333-000000000034"
_FACE = "7d1b2a3c-3333-4333-8333-000000000035"
_GUEST = {"id": "b7e1c2d3-0000-4000-8000-000000000012", "name": "Alex Morel"}
_PLACE = {"id": str(VENUE), "name": "Main venue"}
_NAMES = Names({VENUE: "Main venue"}, REPORTERS)
_FOUND = example_finding()
_REASON = "Two people were hurt within three weeks; both accounts agree."
_WORDS = {
    "theft": "Took a coat that was not theirs; gave it back.",
    "violence": "Hit another guest at the bar after an argument.",
    "harassment": "Followed a guest to the cloakroom after being told twice to stop.",
}

_SUMMARY: dict[str, Any] = {
    "id": _PROPOSAL,
    "customer": _GUEST,
    "venue": _PLACE,
    "origin": "algorithm",
    "state": "open",
    "points": presenters.points(_FOUND.score.points),
    "threshold": _FOUND.threshold,
    "days": _FOUND.days,
    "approvals_needed": 1,
    "approvals": 0,
    "objection": None,
    "created_at": _AT,
    "expires_at": "2026-12-06T01:40:00Z",
    "closed_at": None,
}
_INCIDENTS = [
    {
        "id": str(one.incident_id),
        "kind": one.kind.value,
        "severity": one.severity,
        "state": "verified",
        "occurred_at": one.occurred_at.isoformat(),
        "venue": _PLACE,
        "reported_by": REPORTERS[one.reporter_id],
        "account": _WORDS[one.kind.value],
    }
    for one in reversed(example_incidents())
]
_DETAIL: dict[str, Any] = {
    **_SUMMARY,
    "is_found_by_face": True,
    "reason": "",
    "proposed_by": "algorithm",
    "extends": None,
    "entry": None,
    "decisions": [],
    "arithmetic": presenters.arithmetic(example_evidence(), _NAMES, policy_number=0).model_dump(
        mode="json"
    ),
    "incidents": _INCIDENTS,
}
_OPEN_APPEAL = {
    "id": _APPEAL,
    "statement": "It was not me at the cloakroom; my friends can say so.",
    "recorded_by": "Ines",
    "recorded_at": _NEXT_DAY,
    "due_at": "2026-12-06T14:05:00Z",
    "is_overdue": False,
    "objection": None,
    "outcome": None,
    "outcome_reason": None,
    "decided_by": None,
    "decided_at": None,
}
_ON_LIST = {
    "id": _ENTRY,
    "customer": _GUEST,
    "venue": _PLACE,
    "proposal_id": _PROPOSAL,
    "state": "active",
    "starts_at": _NEXT_DAY,
    "ends_at": "2026-12-06T14:05:00Z",
    "first_ends_at": "2026-12-06T14:05:00Z",
    "approved_by": ["Camille"],
    "is_found_by_face": True,
    "may_lift": True,
    "lifted_by": None,
    "lifted_at": None,
    "lifted_reason": None,
    "appeals": [_OPEN_APPEAL],
}
_POLICY = content_of(AS_SHIPPED)
_VERSION = {
    "number": 1,
    "content": {**_POLICY, "venue_threshold": 55},
    "reason": "Two brawls were not proposed in October",
    "adopted_by": "owner",
    "adopted_at": _AT,
}
_SUPPOSED = {
    "night": "2026-11-21",
    "venue": _PLACE,
    "points": presenters.points(_FOUND.score.points),
    "threshold": 55,
    "days": 14,
    "incidents": 3,
    "nights": 3,
    "reporters": 2,
}

WATCHLIST_EXAMPLES: dict[str, dict[str, Any]] = {
    "WatchlistProposalPage": {"items": [_SUMMARY], "total": 1, "next_offset": None},
    "WatchlistProposal": _DETAIL,
    "NewWatchlistProposal": {
        "customer_id": _GUEST["id"],
        "venue_id": None,
        "days": 90,
        "incident_ids": [one["id"] for one in _INCIDENTS],
        "reason": _REASON,
    },
    "NewWatchlistDecision": {"verdict": "approve", "reason": _REASON},
    "WatchlistStanding": {
        "customer": _GUEST,
        "scores": [{"venue": _PLACE, "arithmetic": {**_DETAIL["arithmetic"], "rung": None}}],
        "incidents": _INCIDENTS,
        "proposals": [_SUMMARY],
        "entries": [],
        "longest_days": AS_SHIPPED.ladder_days[-1],
    },
    "FacesToCompare": {
        "enrolled": [
            {
                "template_id": _TEMPLATE,
                "enrolled_at": "2026-03-14T23:20:00Z",
                "crop_url": f"/v1/templates/{_TEMPLATE}/crop",
            }
        ],
        "seen": [
            {
                "kind": "alert",
                "at": _AT,
                "venue": _PLACE,
                "incident_id": None,
                "url": f"/v1/faces/{_FACE}/crop",
            },
            {
                "kind": "incident",
                "at": "2026-11-20T02:10:00Z",
                "venue": _PLACE,
                "incident_id": _INCIDENTS[0]["id"],
                "url": f"/v1/incidents/{_INCIDENTS[0]['id']}/attachments/{_FACE}",
            },
        ],
    },
    "WatchlistEntryPage": {"items": [_ON_LIST], "total": 1, "next_offset": None},
    "WatchlistEntry": _ON_LIST,
    "NewWatchlistLift": {"reason": "The other guest withdrew what they had said."},
    "NameCheck": {"name": "Alex Morel", "venue_id": str(VENUE)},
    "NameChecked": {"call_a_manager": True},
    "WatchlistAppealPage": {
        "items": [{"appeal": _OPEN_APPEAL, "entry": _ON_LIST}],
        "total": 1,
        "next_offset": None,
    },
    "NewWatchlistAppeal": {
        "customer_id": _GUEST["id"],
        "statement": _OPEN_APPEAL["statement"],
    },
    "RecordedAppeals": {"items": [{"id": _APPEAL, "due_at": "2026-12-06T14:05:00Z"}]},
    "NewAppealOutcome": {
        "outcome": "shortened",
        "reason": "The second account names somebody else.",
        "ends_at": "2026-11-29T14:05:00Z",
    },
    "WatchlistPolicy": {
        "in_force": _VERSION,
        "bounds": {name: {"least": least, "most": most} for name, (least, most) in BOUNDS.items()},
        "history": [_VERSION],
        "may_edit": True,
    },
    "NewPolicySimulation": {"content": _VERSION["content"]},
    "NewPolicyVersion": {
        "content": _VERSION["content"],
        "reason": _VERSION["reason"],
        "replaces": 0,
    },
    "PolicyVersion": _VERSION,
    "PolicySimulation": {
        "customers": 214,
        "proposals": {"now": 11, "then": 14},
        "people": {"now": 9, "then": 11},
        "months": [{"month": "2026-11", "now": 3, "then": 4}],
        "venues": [{"venue": _PLACE, "now": 9, "then": 12}, {"venue": None, "now": 2, "then": 2}],
        "changed_customers": 1,
        "changes": [
            {"customer": _GUEST, "now": [], "then": [_SUPPOSED], "days_more": 14},
        ],
    },
}
