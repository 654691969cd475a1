"""Thresholds: what decides, what could, and who adopted what and why."""

import asyncio

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.web.api_client import ApiProblemError, JsonObject
from services.web.calibration_words import LIGHTS, SHORTCOMINGS, SOURCES, TARGETS
from services.web.forms import read_form
from services.web.rendering import api_of, go_to, render, wording_of

PATH = "/system/thresholds"
_API = "/v1/calibration"
_WORDS: JsonObject = {
    "lights": LIGHTS,
    "sources": SOURCES,
    "shortcomings": SHORTCOMINGS,
    "targets": TARGETS,
}


async def thresholds(request: Request) -> Response:
    return await _page(request)


async def propose(request: Request) -> Response:
    """Work out what was asked for and show what it would change."""
    form = await read_form(request)
    wanted: JsonObject = {"from_answers": form.get("from_answers") == "yes"}
    target = _number(form.get("target_fpir", ""))
    if target is not None:
        wanted["target_fpir"] = target
    proposal = await api_of(request).post(f"{_API}/proposals", json=wanted)
    return go_to(request, f"{PATH}/proposals/{proposal['id']}")


async def proposal(request: Request) -> Response:
    return await _proposal_page(request)


async def adopt(request: Request) -> Response:
    """Needs a reason, and a tick where the evidence is little; what was typed is kept."""
    form = await read_form(request)
    reason = form.get("reason", "").strip()
    values = {"reason": reason, "despite": form.get("despite") == "yes"}
    say = wording_of(request).text
    body = {
        "proposal_id": str(request.path_params["proposal_id"]),
        "reason": reason,
        "despite_little_evidence": values["despite"],
    }
    try:
        await api_of(request).post(f"{_API}/adoptions", json=body)
    except ApiProblemError as problem:
        if problem.code == "too_little_evidence":
            errors = {"despite": say("Tick this to adopt them all the same.")}
            return await _proposal_page(request, values, errors, status_code=409)
        if problem.status == 422:
            errors = {"reason": say("Say why, in a few words: it is kept with the change.")}
            return await _proposal_page(request, values, errors, status_code=422)
        raise
    return go_to(request, PATH, say=say("Adopted. It counts from the next photo on."))


async def revert(request: Request) -> Response:
    form = await read_form(request)
    reason = form.get("reason", "").strip()
    say = wording_of(request).text
    try:
        await api_of(request).post(f"{_API}/reversions", json={"reason": reason})
    except ApiProblemError as problem:
        if problem.status != 422:
            raise
        errors = {"reason": say("Say why, in a few words: it is kept with the change.")}
        return await _page(request, reason, errors, status_code=422)
    return go_to(request, PATH, say=say("Put back. It counts from the next photo on."))


async def _page(
    request: Request,
    reason: str = "",
    errors: dict[str, str] | None = None,
    *,
    status_code: int = 200,
) -> Response:
    shown = await api_of(request).get(_API)
    return render(
        request,
        "thresholds.html",
        status_code=status_code,
        shown=shown,
        answers={of["band"]: of for of in shown["answers"]},
        reason=reason,
        errors=errors or {},
        **_WORDS,
    )


async def _proposal_page(
    request: Request,
    values: JsonObject | None = None,
    errors: dict[str, str] | None = None,
    *,
    status_code: int = 200,
) -> Response:
    api = api_of(request)
    path = f"{_API}/proposals/{request.path_params['proposal_id']}"
    shown, now = await asyncio.gather(api.get(path), api.get(_API))
    return render(
        request,
        "thresholds_proposal.html",
        status_code=status_code,
        shown=shown,
        now=now,
        totals=_totals(shown),
        values=values or {"reason": "", "despite": False},
        errors=errors or {},
        **_WORDS,
    )


def _totals(shown: JsonObject) -> dict[str, tuple[int, int]]:
    """Decisions of all lights together, as they were and as they would be."""
    return {
        name: (
            sum(of["decided"][name] for of in shown["bands"]),
            sum(of["would_decide"][name] for of in shown["bands"]),
        )
        for name in ("match", "review", "unknown")
    }


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


ROUTES = [
    Route(PATH, thresholds),
    Route(f"{PATH}/proposals", propose, methods=["POST"]),
    Route(f"{PATH}/proposals/{{proposal_id:uuid}}", proposal),
    Route(f"{PATH}/proposals/{{proposal_id:uuid}}/adopt", adopt, methods=["POST"]),
    Route(f"{PATH}/revert", revert, methods=["POST"]),
]
