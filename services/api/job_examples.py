"""Examples of ``job_schemas.py``."""

from typing import Any

_NIGHT = "2026-11-21T23:14:05Z"
_JOB = {
    "id": "c1b2a3d4-0000-4000-8000-000000000013",
    "kind": "identify",
    "subject_id": "0d0b5f5e-3f6a-4f0f-8b7d-0b8a3f6f7a11",
    "queue": "identify",
    "state": "failed",
    "attempts": 2,
    "crashes": 1,
    "created_at": _NIGHT,
    "started_at": _NIGHT,
    "finished_at": _NIGHT,
    "error": {"code": "crashed_worker", "detail": "The process that worked on it crashed."},
    "can_retry": False,
}
JOB_EXAMPLES: dict[str, Any] = {
    "JobOnRecord": _JOB,
    "JobPage": {"items": [_JOB], "total": 1, "next_offset": None},
    "JobsOverview": {
        "workers_apart": True,
        "workers": [
            {
                "id": "d1b2a3d4-0000-4000-8000-000000000021",
                "host": "worker-1",
                "queues": ["identify", "enrol", "bulk", "schedule"],
                "running": 1,
                "is_taking": True,
                "crashes": 1,
                "hangs": 0,
                "started_at": _NIGHT,
                "seen_at": _NIGHT,
            }
        ],
        "queues": [
            {
                "name": "identify",
                "waiting": 3,
                "running": 1,
                "failed": 1,
                "oldest_waiting_at": _NIGHT,
            }
        ],
        "unreadable": [
            {"queue": "bulk", "why": "not_a_message", "size_bytes": 12, "seen_at": _NIGHT}
        ],
    },
}
