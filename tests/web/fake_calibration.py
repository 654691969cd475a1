"""Thresholds of the fake API: what decides, what was proposed, what was adopted."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.api.calibration_examples import CALIBRATION_EXAMPLES
from tests.web.fake_state import FakeApi, Json, problem

_BANDS = ("bright", "dim", "dark")


def calibration_routes(fake: FakeApi) -> list[Route]:  # noqa: C901  # one table of routes
    """``fake.calibration`` keeps the bodies that were sent, and the history."""
    shown = CALIBRATION_EXAMPLES["Calibration"]
    proposed = CALIBRATION_EXAMPLES["CalibrationProposal"]

    def history() -> list[Json]:
        return fake.calibration.setdefault("history", [])

    async def calibration(_: Request) -> Response:
        last = history()[0] if history() else None
        in_force = {
            **shown["in_force"],
            "adopted_by": last and last["adopted_by"],
            "adopted_at": last and last["adopted_at"],
            "reason": last and last["reason"],
        }
        bands = [{**shown["bands"][0], "band": band} for band in _BANDS]
        answers = {**shown, "in_force": in_force, "bands": bands, "history": history()}
        return JSONResponse(answers)

    def proposal() -> Json:
        bands = [{**proposed["bands"][0], "band": band} for band in _BANDS]
        return {**proposed, "bands": bands, **fake.calibration.get("proposal", {})}

    async def propose(request: Request) -> Response:
        fake.calibration["wanted"] = await request.json()
        return JSONResponse(proposal(), 201)

    async def get_proposal(request: Request) -> Response:
        if request.path_params["id"] != UUID(proposed["id"]):
            return problem("not_found", 404)
        return JSONResponse(proposal())

    async def adopt(request: Request) -> Response:
        body = await request.json()
        if len(body["reason"]) < 3:
            return problem("invalid_input", 422)
        if proposal()["shortcomings"] and not body["despite_little_evidence"]:
            return problem("too_little_evidence", 409)
        return record({"proposal_id": body["proposal_id"], "reason": body["reason"]})

    async def revert(request: Request) -> Response:
        body = await request.json()
        if len(body["reason"]) < 3:
            return problem("invalid_input", 422)
        return record({"proposal_id": None, "reverts": True, "reason": body["reason"]})

    def record(row: Json) -> Response:
        adoption = {**CALIBRATION_EXAMPLES["CalibrationAdoption"], "reverts": False, **row}
        history().insert(0, adoption)
        return JSONResponse(adoption, 201)

    return [
        Route("/v1/calibration", calibration),
        Route("/v1/calibration/proposals", propose, methods=["POST"]),
        Route("/v1/calibration/proposals/{id:uuid}", get_proposal),
        Route("/v1/calibration/adoptions", adopt, methods=["POST"]),
        Route("/v1/calibration/reversions", revert, methods=["POST"]),
    ]
