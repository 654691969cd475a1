"""Accuracy reports as the API gives them, with round numbers that tests can expect."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.web.fake_state import FakeApi, problem

Json = dict[str, Any]
KINDS = {"clean": 0.055, "exposure": 0.196, "gamma": 0.114, "both": 0.5, "masks": 0.62}
STORED_ID = "0b8a3f6f-7a11-4d0b-8f5e-3f6a4f0f8b7d"


def interval(value: float | None, spread: float = 0.01) -> Json:
    if value is None:
        return {"value": None, "low": None, "high": None}
    return {"value": value, "low": max(0.0, value - spread), "high": min(1.0, value + spread)}


def point(target: float, fnir: float) -> Json:
    return {
        "target_fpir": target,
        "threshold": 0.568,
        "fpir": interval(target * 0.9, 0.004),
        "fnir": interval(fnir),
    }


def identification(kind: str, size: int, fnir: float, *, calibrated: bool) -> Json:
    return {
        "degradation": kind,
        "gallery_size": size,
        "templates": float(size),
        "mated_probes": 1361,
        "stranger_probes": 974,
        "rank_1": interval(0.98),
        "best_possible": [point(t, fnir * f) for t, f in ((0.01, 1.0), (0.1, 0.6), (0.5, 0.3))],
        "shipped": [point(0.01, fnir), point(0.1, fnir * 0.6)] if calibrated else [],
    }


def band(axis: str, name: str, *, people: int, caution: str | None = None) -> Json:
    rate = {
        "rate": interval(None if caution == "too_few_people" else 0.05),
        "people": people,
        "caution": caution,
    }
    return {
        "axis": axis,
        "band": name,
        "degradations": ["clean"],
        "photos": 1234,
        "gallery_size": 428,
        "threshold": 0.568,
        "fpir": rate,
        "fnir": rate,
        "failure_to_acquire": rate,
    }


def report(*, calibrated: bool = True, scale: float = 1.0, group: bool = False) -> Json:
    """A whole report; ``scale`` makes misses more or fewer."""
    sizes = {"clean": (10, 428, 1000)}
    bands = [
        band("light", "bright", people=400),
        band("light", "dim", people=380, caution="few_errors"),
        band("light", "dark", people=12, caution="too_few_people"),
        band("face_size", "16 to 32", people=300),
        band("pose", "0.9 and over", people=7, caution="too_few_people"),
    ]
    if group:
        bands.append(band("group", "Crew <b>", people=40))
    return {
        "format": 2,
        "dataset": "lfw-dev",
        "people": 1402,
        "people_with_two_photos": 428,
        "photos": 2763,
        "gallery_size": 428,
        "pack": "open",
        "settings": {},
        "space_id": "f3a9c1d277b0e4aa",
        "target_fpir": 0.01,
        "review_fpir": 0.1,
        "seed": 0,
        "replicates": 400,
        "degradations": list(KINDS),
        "caveats": [] if calibrated else [{"code": "not_calibrated", "count": 0}],
        "detection": [
            {
                "degradation": kind,
                "photos": 2763,
                "no_face": interval(0.0007),
                "failure_to_acquire": interval(0.0036),
                "recall": interval(0.998),
                "precision": interval(None if kind == "clean" else 0.985),
                "refusals": {"turned": 8},
            }
            for kind in KINDS
        ],
        "failure_to_enrol": interval(0.009),
        "groups": [],
        "scenes": [
            {
                "degradation": kind,
                "faces": faces,
                "scenes": 20,
                "recall": interval(0.96 if kind == "masks" else 0.995, 0.004),
                "precision": interval(0.99),
            }
            for kind in KINDS
            for faces in (None, *range(1, 11))
        ],
        "verification": [],
        "identification": [
            identification(kind, size, min(1.0, fnir * scale), calibrated=calibrated)
            for kind, fnir in KINDS.items()
            for size in sizes.get(kind, (428,))
        ],
        "several_templates": [],
        "held_out": [],
        "bands": bands if calibrated else [],
        "histograms": [
            {
                "degradation": kind,
                "mated": [0] * 14 + [2, 5, 9, 20, 40, 80, 120, 150, 160, 120, 80, 40, 20, 10, 4, 1],
                "non_mated": [1, 4, 9, 30, 80, 150, 300, 400, 420, 380, 200, 90, 30, 8, 2]
                + [0] * 15,
            }
            for kind in KINDS
        ],
    }


def summary(report_id: str, *, source: str, label: str = "open", here: bool = True) -> Json:
    return {
        "id": report_id,
        "source": source,
        "created_at": "2026-11-24T20:00:00+00:00" if source == "stored" else None,
        "dataset": "lfw-dev",
        "label": label,
        "space_id": "f3a9c1d277b0e4aa",
        "is_this_space": here,
        "people": 1402,
        "photos": 2763,
    }


def several_reports() -> dict[str, Json]:
    """One kept here of another engine, and two that came with the product."""
    return {
        STORED_ID: {
            **summary(STORED_ID, source="stored", label="dlib", here=False),
            "report": report(scale=4.0, group=True),
        },
        "lfw-dev-open": {**summary("lfw-dev-open", source="shipped"), "report": report()},
        "photos-open": {
            **summary("photos-open", source="shipped"),
            "report": {
                **report(calibrated=False),
                "caveats": [
                    {"code": "small_set", "count": 10},
                    {"code": "subset", "count": 1402},
                    {"code": "unreadable_photos", "count": 1},
                    {"code": "not_calibrated", "count": 0},
                ],
            },
        },
    }


def accuracy_routes(fake: FakeApi) -> list[Route]:
    async def listed(_: Request) -> Response:
        items = [{k: v for k, v in r.items() if k != "report"} for r in fake.reports.values()]
        return JSONResponse({"items": items})

    async def one(request: Request) -> Response:
        found = fake.reports.get(request.path_params["id"])
        if found is None:
            return problem("not_found", 404)
        if request.method == "DELETE":
            if found["source"] == "shipped":
                return problem("conflict", 409)
            del fake.reports[request.path_params["id"]]
            return Response(status_code=204)
        return JSONResponse(found)

    return [
        Route("/v1/accuracy-reports", listed),
        Route("/v1/accuracy-reports/{id}", one, methods=["GET", "DELETE"]),
    ]
