"""Examples of the schemas of model packs."""

from typing import Any

_CHECKED_AT = "2026-11-21T18:02:11Z"
_SHA256 = "8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4"

NETWORK = {
    "role": "detector",
    "architecture": "yunet",
    "licence": "MIT",
    "provenance": "Who trained it and on what.",
    "file": "face_detection_yunet_2023mar.onnx",
    "sha256": _SHA256,
    "url": "https://github.com/opencv/opencv_zoo/raw/main/models/…",
    "pinned_by": None,
}
PACK_CHECK = {"at": _CHECKED_AT, "faults": []}

PACK_EXAMPLES: dict[str, dict[str, Any]] = {
    "Network": NETWORK,
    "PackCheck": PACK_CHECK,
    "Pack": {
        "name": "opencv-zoo",
        "is_active": False,
        "is_own": False,
        "installed": True,
        "licence": "MIT; Apache-2.0",
        "commercial_use": "ask_counsel",
        "terms": None,
        "terms_sha256": None,
        "accepted_by": None,
        "accepted_at": None,
        "detector": "yunet",
        "embedder": "sface",
        "networks": [NETWORK],
        "metric": "cosine",
        "dimension": 128,
        "size_bytes": 38_928_942,
        "low_light": None,
        "space_id": "f3a9c1d277b0e4aa",
        "calibrated": False,
        "check": PACK_CHECK,
        "customers_elsewhere": 428,
        "note": "Who trained the networks and on what.",
    },
    "TermsAcceptance": {"terms_sha256": _SHA256},
}
