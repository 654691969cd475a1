"""Examples of ``batch_schemas.py``."""

from typing import Any

_BATCH = {
    "id": "d7b6c5d4-8888-4888-8888-00000000001d",
    "kind": "reembed",
    "state": "running",
    "generation": 2,
    "pack": "dlib",
    "low_light": "on",
    "pace": "polite",
    "at_once": 2,
    "total": 1712,
    "settled": 640,
    "failed": 1,
    "rate_per_s": 42.5,
    "eta_s": 25.2,
    "error": None,
    "requested_by": "owner",
    "created_at": "2026-11-21T10:14:05Z",
    "finished_at": None,
}
_FAILURE = {
    "customer": {"id": "6f0d5d0a-6a52-4b2e-9a63-0f4d7c2f4f10", "name": "Zoé Lefèvre"},
    "template_id": "e5d4c3b2-3333-4333-8333-000000000016",
    "item": None,
    "code": "no_face",
    "at": "2026-11-21T10:14:25Z",
}
_COMPARISON = {
    "against": 1,
    "at": "2026-11-21T10:16:05Z",
    "faces": 400,
    "agreeing": 396,
    "same": 391,
    "nobody": 5,
    "only_old": 3,
    "only_new": 1,
    "different": 0,
    "agree_low": 0.9746,
    "agree_high": 0.9961,
    "findable": 395,
    "right_old": 394,
    "right_new": 392,
    "same_neighbours": None,
    "largest_score_gap": None,
}
_GENERATION = {
    "number": 2,
    "state": "ready",
    "pack": "dlib",
    "low_light": "on",
    "space_id": "abb67bd50fb705f7",
    "templates": 1711,
    "lacking": 0,
    "unusable": 1,
    "comparison": _COMPARISON,
    "created_by": "owner",
    "created_at": "2026-11-21T10:14:05Z",
    "ready_at": "2026-11-21T10:16:05Z",
    "served_at": None,
    "dropped_at": None,
}

BATCH_EXAMPLES: dict[str, dict[str, Any]] = {
    "NewBatch": {"kind": "reembed", "pack": "dlib", "pace": "polite", "at_once": 2},
    "PaceChange": {"pace": "slow"},
    "Batch": _BATCH,
    "BatchList": {"items": [_BATCH]},
    "BatchFailurePage": {"items": [_FAILURE], "total": 1, "next_offset": None},
    "IndexGeneration": _GENERATION,
    "IndexGenerationList": {"items": [_GENERATION]},
    "GenerationSwitch": {"reason": "The new pack was compared and finds as many."},
    "GenerationDrop": {"reason": "Two weeks without a complaint.", "clears_templates": True},
}
