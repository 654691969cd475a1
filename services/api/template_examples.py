"""Examples of ``template_schemas.py``."""

from typing import Any

_TEMPLATE = "e5d4c3b2-3333-4333-8333-000000000016"
_FROM = {"id": "6f0d5d0a-6a52-4b2e-9a63-0f4d7c2f4f10", "name": "Zoé Lefèvre"}
_TO = {"id": "6f0d5d0a-6a52-4b2e-9a63-0f4d7c2f4f18", "name": "Ada Okafor"}
_MOVE = {
    "id": "a7b6c5d4-5555-4555-8555-000000000019",
    "template_id": _TEMPLATE,
    "crop_url": f"/v1/templates/{_TEMPLATE}/crop",
    "from_customer": _FROM,
    "to_customer": _TO,
    "reason": "Enrolled on the wrong file.",
    "moved_by": "owner",
    "moved_at": "2026-11-21T23:14:05Z",
    "undone_by": None,
    "undone_at": None,
    "can_undo": True,
}

TEMPLATE_EXAMPLES: dict[str, dict[str, Any]] = {
    "TemplateRestoration": {"instead_of": "e5d4c3b2-3333-4333-8333-00000000001a"},
    "TemplateChoice": {
        "template": {
            "id": _TEMPLATE,
            "space_id": "30645cc925a867b1",
            "created_at": "2026-11-21T23:14:05Z",
            "crop_url": f"/v1/templates/{_TEMPLATE}/crop",
            "status": "active",
            "retired_at": None,
            "retired_for": None,
        },
        "retired": ["e5d4c3b2-3333-4333-8333-00000000001a"],
        "revived": [],
    },
    "NewTemplateMove": {
        "from_customer_id": _FROM["id"],
        "to_customer_id": _TO["id"],
        "reason": "Enrolled on the wrong file.",
    },
    "TemplateMove": _MOVE,
    "TemplateMoveList": {"items": [_MOVE]},
}
