"""One example a schema, for the OpenAPI document. A test holds each to its model."""

from typing import Any

from services.api.alert_schemas import ALERT_EXAMPLES
from services.api.audit_schemas import AUDIT_EXAMPLES
from services.api.backup_place_schemas import BACKUP_PLACE_EXAMPLES
from services.api.batch_examples import BATCH_EXAMPLES
from services.api.calibration_examples import CALIBRATION_EXAMPLES
from services.api.consent_schemas import CONSENT_EXAMPLES
from services.api.customer_import_schemas import CUSTOMER_IMPORT_EXAMPLES
from services.api.data_request_schemas import DATA_REQUEST_EXAMPLES
from services.api.erasure_schemas import ERASURE_EXAMPLES
from services.api.gallery_examples import GALLERY_EXAMPLES
from services.api.incident_examples import INCIDENT_EXAMPLES
from services.api.job_examples import JOB_EXAMPLES
from services.api.legal_hold_schemas import LEGAL_HOLD_EXAMPLES
from services.api.merge_schemas import MERGE_EXAMPLES
from services.api.offer_examples import OFFER_EXAMPLES
from services.api.pack_examples import PACK_EXAMPLES
from services.api.people_examples import PEOPLE_EXAMPLES
from services.api.personal_examples import PERSONAL_EXAMPLES
from services.api.provision_schemas import PROVISION_EXAMPLES
from services.api.purchase_examples import PURCHASE_EXAMPLES
from services.api.retention_schemas import RETENTION_EXAMPLES
from services.api.template_examples import TEMPLATE_EXAMPLES
from services.api.timeline_schemas import TIMELINE_EXAMPLES
from services.api.transparency_schemas import TRANSPARENCY_EXAMPLES
from services.api.visit_schemas import VISIT_EXAMPLES
from services.api.watchlist_examples import WATCHLIST_EXAMPLES

_CUSTOMER = "6f0d5d0a-6a52-4b2e-9a63-0f4d7c2f4f10"
_PHOTO = "0d0b5f5e-3f6a-4f0f-8b7d-0b8a3f6f7a11"
_FACE = "a8f0c3de-53c5-4f7b-9a0b-6f2f8c1f1c12"
_JOB = "c1b2a3d4-0000-4000-8000-000000000013"
_VENUE = "1c9e6b5a-4444-4444-8444-000000000017"
_HERE = {
    "id": _VENUE,
    "name": "Main venue",
    "timezone": "Europe/Paris",
    "closes_at_hour": 8,
}
_NIGHT = "2026-11-21T23:14:05Z"

CONSENT_GIVEN = {
    "basis": "explicit-consent",
    "notice_shown": True,
    "given_by": "the customer in person",
    "also": ["offers"],
    "language": "fr",
}
CONSENT = {
    "id": "b7c9a3de-1111-4111-8111-000000000014",
    "stands": True,
    "purpose": "recognition",
    "basis": "explicit-consent",
    "notice_version": "2026-12",
    "given_by": "the customer in person",
    "recorded_by": "owner",
    "given_at": _NIGHT,
    "withdrawn_at": None,
    "venue_id": _VENUE,
    "method": "spoken",
    "language": "fr",
    "expires_at": "2028-11-20T23:14:05Z",
}
SUMMARY = {
    "id": _CUSTOMER,
    "name": "Zoé Lefèvre",
    "reference": "loyalty-1042",
    "tags": ["regular"],
    "is_demo": False,
    "searchable": True,
    "template_count": 1,
    "last_visit_at": _NIGHT,
    "portrait_url": f"/v1/customers/{_CUSTOMER}/portrait",
}
ALIKENESS = {
    "one_in": 50_000,
    "is_bound": True,
    "source": "measured",
    "set_name": "lfw-dev",
    "people": 1368,
    "pairs": 977_901,
    "measured_at": "2026-11-25",
    "band": "dim",
    "own_light": True,
    "at_most_one_in": 200_000,
}
FACE = {
    "id": _FACE,
    "number": 1,
    "box_xyxy_px": [227.1, 242.7, 311.7, 361.2],
    "detection_score": 0.87,
    "decision": "MATCH",
    "score": 0.742,
    "threshold": 0.573,
    "review_threshold": 0.512,
    "space_id": "30645cc925a867b1",
    "light_band": "dim",
    "alikeness": ALIKENESS,
    "reason": None,
    "customer": {
        "id": _CUSTOMER,
        "name": "Zoé Lefèvre",
        "last_visit_at": _NIGHT,
        "visit_count": 3,
        "portrait_url": f"/v1/customers/{_CUSTOMER}/portrait",
    },
    "alert": None,
    "crop_url": f"/v1/faces/{_FACE}/crop",
    "answer": None,
    "can_enrol_until": None,
}
PHOTO_SUMMARY = {
    "id": _PHOTO,
    "created_at": _NIGHT,
    "state": "done",
    "face_count": 1,
    "match_count": 1,
}

EXAMPLES: dict[str, dict[str, Any]] = {
    **CALIBRATION_EXAMPLES,
    **CONSENT_EXAMPLES,
    **PROVISION_EXAMPLES,
    **PACK_EXAMPLES,
    **TEMPLATE_EXAMPLES,
    **VISIT_EXAMPLES,
    **CUSTOMER_IMPORT_EXAMPLES,
    **ERASURE_EXAMPLES,
    **BACKUP_PLACE_EXAMPLES,
    **TIMELINE_EXAMPLES,
    **MERGE_EXAMPLES,
    **DATA_REQUEST_EXAMPLES,
    **PERSONAL_EXAMPLES,
    **BATCH_EXAMPLES,
    **GALLERY_EXAMPLES,
    **INCIDENT_EXAMPLES,
    **PURCHASE_EXAMPLES,
    **RETENTION_EXAMPLES,
    **LEGAL_HOLD_EXAMPLES,
    **OFFER_EXAMPLES,
    **JOB_EXAMPLES,
    **WATCHLIST_EXAMPLES,
    **TRANSPARENCY_EXAMPLES,
    **AUDIT_EXAMPLES,
    **ALERT_EXAMPLES,
    **PEOPLE_EXAMPLES,
    "SignIn": {"token": "the-part-after-/sign-in/"},
    "NewSession": {"access_token": "vL3…", "expires_at": "2026-11-22T11:14:05Z"},
    "Session": {
        "actor": "owner",
        "name": "owner",
        "account_id": "0b8a3f6f-7a11-4d0b-8f5e-3f6a4f0f8b7d",
        "expires_at": "2026-11-22T11:14:05Z",
        "roles": [{"role": "host", "venue_id": _VENUE}],
        "permissions": [{"permission": "customers.view", "venue_ids": [_VENUE]}],
        "owes_second_factor": False,
        "appeals_overdue": 0,
        "requests_pressing": 0,
        "venue": _HERE,
        "venues": [_HERE],
    },
    "NewSignInLink": {"path": "/sign-in/vL3…", "expires_at": _NIGHT},
    "IndexReconciliation": {"added": 0, "removed": 0},
    "ConsentGiven": CONSENT_GIVEN,
    "Consent": CONSENT,
    "NewCustomer": {
        "name": "Zoé Lefèvre",
        "notes": "Terrace",
        "reference": "loyalty-1042",
        "birth_date": "1996-03-14",
        "phone": "+33 6 12 34 56 78",
        "email": "zoe@example.org",
        "language": "fr",
        "tags": ["regular"],
    },
    "CustomerChange": {"name": "Zoé Lefèvre-Martin"},
    "CustomerSummary": SUMMARY,
    "Customer": {
        **SUMMARY,
        "notes": "Terrace",
        "birth_date": "1996-03-14",
        "age": 30,
        "minor": False,
        "phone": "+33612345678",
        "email": "zoe@example.org",
        "language": "fr",
        "home_venue_id": "3c2b1a00-5555-4555-8555-000000000018",
        "home_venue": "Vestibule",
        "created_at": _NIGHT,
        "visit_count": 1,
        "visits": [
            {
                "id": "d4c3b2a1-2222-4222-8222-000000000015",
                "night": "2026-11-21",
                "entered_at": _NIGHT,
                "left_at": None,
                "source": "face",
            }
        ],
        "templates": [
            {
                "id": "e5d4c3b2-3333-4333-8333-000000000016",
                "space_id": "30645cc925a867b1",
                "created_at": _NIGHT,
                "crop_url": "/v1/templates/e5d4c3b2-3333-4333-8333-000000000016/crop",
                "status": "active",
                "retired_at": None,
                "retired_for": None,
                "override": None,
            }
        ],
        "retired_templates": [],
        "consents": [CONSENT],
    },
    "CustomerPage": {"items": [SUMMARY], "alike": [], "total": 1, "next_cursor": None},
    "Erasure": {
        "erasure_id": "3c7d9a52-7777-4777-8777-000000000021",
        "customer_id": _CUSTOMER,
        "templates": 1,
        "vectors": 1,
        "images": 3,
        "visits": 3,
        "held_until": None,
    },
    "PhotoAccepted": {
        "id": _PHOTO,
        "job_id": _JOB,
        "state": "queued",
        "photo_url": f"/v1/photos/{_PHOTO}",
        "events_url": f"/v1/photos/{_PHOTO}/events",
    },
    "PhotoSummary": PHOTO_SUMMARY,
    "PhotoList": {"items": [PHOTO_SUMMARY]},
    "Alikeness": ALIKENESS,
    "Face": FACE,
    "Photo": {
        **PHOTO_SUMMARY,
        "stage": "done",
        "expires_at": "2026-11-22T23:14:05Z",
        "width_px": 1280,
        "height_px": 960,
        "image_url": f"/v1/photos/{_PHOTO}/image",
        "same_as": None,
        "error": None,
        "gallery_size": 428,
        "timings_ms": {
            "queue_wait": 3.1,
            "decode": 12.4,
            "detect": 96.0,
            "assess": 4.2,
            "embed": 13.8,
            "search": 3.6,
            "decide": 0.2,
            "store": 21.7,
        },
        "faces": [FACE],
    },
    "Answer": {"answer": "same_person"},
    "Demo": {
        "state": "loaded",
        "progress": None,
        "error": None,
        "customer_count": 6,
        "samples": [
            {
                "id": "astronaut",
                "title": "Eileen Collins",
                "thumbnail_url": "/v1/demo/samples/astronaut/thumbnail",
            }
        ],
    },
    "Status": {
        "version": "0.1.0",
        "pack": "open",
        "space_id": "30645cc925a867b1",
        "searchable_customers": 428,
        "customers_elsewhere": 0,
        "customers": 431,
        "threshold": 0.573,
        "review_threshold": 0.512,
        "target_fpir": 0.01,
        "photos_tonight": 12,
        "max_upload_bytes": 20_000_000,
        "photo_retention_hours": 24,
        "hold_minutes": 15,
        "index_at_rest": "sealed",
    },
    "Problem": {
        "type": "urn:vestibule:problem:hold_expired",
        "title": "Hold expired",
        "status": 409,
        "code": "hold_expired",
        "detail": "The face is no longer held: enrolling from this result is over.",
        "request_id": "0b8a3f6f7a110d0b5f5e3f6a4f0f8b7d",
        "facts": {},
    },
}
