"""Examples of the calibration's schemas; see ``examples``."""

from typing import Any

_PROPOSAL = "1c9f6b1e-2d5a-4b55-9d1b-7a1f4f1d2a01"
_NIGHT = "2026-11-21T23:14:05Z"
_MEASURED_ON = {"name": "lfw-dev", "people": 1399, "photos": 2754, "measured_at": "2026-11-25"}

_BRIGHT = {
    "band": "bright",
    "threshold": 0.5681,
    "review_threshold": 0.5017,
    "own_table": False,
    "people": 1390,
    "missed_match": 0.0464,
    "missed_review": 0.0246,
    "match_factor": 1.0,
    "review_factor": 1.0,
}
_STRICTER = {**_BRIGHT, "threshold": 0.5905, "missed_match": 0.0689, "match_factor": 1.6}
_SUMMARY = {
    "id": _PROPOSAL,
    "source": "answers",
    "target_fpir": 0.01,
    "review_fpir": 0.1,
    "shortcomings": ["few_answers"],
    "created_by": "owner",
    "created_at": _NIGHT,
}
_ADOPTION = {
    "number": 3,
    "proposal_id": _PROPOSAL,
    "before_id": None,
    "reverts": False,
    "despite_little_evidence": True,
    "reason": "Too many false alerts at the terrace door",
    "adopted_by": "owner",
    "adopted_at": _NIGHT,
}
_ANSWERS = {
    "band": "bright",
    "nights": 12,
    "faces": 2840,
    "alerts": 611,
    "answered": 540,
    "not_them": 301.0,
    "expected": 214.3,
    "rate": {"value": 0.138, "low": 0.119, "high": 0.159},
    "match_factor": 1.6,
    "review_factor": 1.37,
    "is_enough": True,
}

CALIBRATION_EXAMPLES: dict[str, dict[str, Any]] = {
    "Calibration": {
        "venue": "Main venue",
        "pack": "open",
        "space_id": "30645cc925a867b1",
        "searchable_customers": 428,
        "templates": 611,
        "in_force": {
            "proposal_id": _PROPOSAL,
            "measured_on": _MEASURED_ON,
            "target_fpir": 0.01,
            "review_fpir": 0.1,
            "adopted_by": "owner",
            "adopted_at": _NIGHT,
            "reason": "Too many false alerts at the terrace door",
        },
        "bands": [_STRICTER],
        "answers": [_ANSWERS],
        "target_bounds": {"smallest": 0.001, "largest": 0.05},
        "review_bounds": {"smallest": 0.01, "largest": 0.12},
        "history": [_ADOPTION],
        "proposals": [_SUMMARY],
    },
    "NewCalibrationProposal": {"target_fpir": 0.005, "from_answers": True, "measured": None},
    "CalibrationProposal": {
        **_SUMMARY,
        "is_in_force": False,
        "measured_on": _MEASURED_ON,
        "bands": [
            {
                "band": "bright",
                "now": _BRIGHT,
                "then": _STRICTER,
                "decided": {"match": 310, "review": 301, "unknown": 2229},
                "would_decide": {"match": 288, "review": 323, "unknown": 2229},
            }
        ],
        "nights": 9,
    },
    "NewCalibrationAdoption": {
        "proposal_id": _PROPOSAL,
        "reason": "Too many false alerts at the terrace door",
        "despite_little_evidence": True,
    },
    "CalibrationAdoption": _ADOPTION,
    "NewCalibrationReversion": {"reason": "Guests had to be looked up by name"},
}
