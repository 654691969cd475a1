"""Examples of ``gallery_schemas.py``."""

from typing import Any

_ZOE = {"id": "6f0d5d0a-6a52-4b2e-9a63-0f4d7c2f4f10", "name": "Zoé Lefèvre"}
_ADA = {"id": "7f0d5d0a-6a52-4b2e-9a63-0f4d7c2f4f18", "name": "Ada Okafor"}
_NIGHT = "2026-11-21T23:14:05Z"
_SUMMARY = {
    **_ZOE,
    "is_demo": False,
    "searchable": True,
    "template_count": 1,
    "last_visit_at": _NIGHT,
    "portrait_url": f"/v1/customers/{_ZOE['id']}/portrait",
}


def _face(template_id: str) -> dict[str, Any]:
    url = f"/v1/templates/{template_id}/crop"
    return {"template_id": template_id, "crop_url": url, "created_at": _NIGHT}


_FINDING = {
    "id": "b7b6c5d4-6666-4666-8666-00000000001b",
    "kind": "duplicate",
    "customer": _ZOE,
    "face": _face("e5d4c3b2-3333-4333-8333-000000000016"),
    "other_customer": _ADA,
    "other": _face("e5d4c3b2-3333-4333-8333-00000000001a"),
    "count": None,
}
_JUDGEMENT = {
    "id": "c7b6c5d4-7777-4777-8777-00000000001c",
    "kind": "duplicate",
    "customer": _ZOE,
    "other_customer": _ADA,
    "template_id": None,
    "judged_by": "owner",
    "judged_at": _NIGHT,
}

GALLERY_EXAMPLES: dict[str, dict[str, Any]] = {
    "GalleryHealth": {
        "state": "done",
        "step": None,
        "error": None,
        "examined_at": _NIGHT,
        "customers": 428,
        "templates": 1103,
        "comparisons": 91378,
        "expected_pairs": 5.0,
        "findings": {"outlier": 2, "duplicate": 6},
        "gaps": {"no_consent": 3, "no_face": 1, "single_face": 120, "old_faces": 0},
        "judged": 4,
    },
    "GalleryFindingPage": {"items": [_FINDING], "total": 1, "next_offset": None},
    "GalleryJudgement": _JUDGEMENT,
    "GalleryJudgementPage": {"items": [_JUDGEMENT], "total": 1, "next_offset": None},
    "GapPage": {"items": [_SUMMARY], "total": 1, "next_offset": None},
}
