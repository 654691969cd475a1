"""Offers: redeemed at the door, made and taken back on a guest's page, made for a segment."""

import asyncio
from typing import Any
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.web import offer_words
from services.web.api_client import ApiProblemError, JsonObject
from services.web.forms import read_form, uuid_field
from services.web.offer_form import (
    as_terms,
    empty_offer,
    may_offer_everywhere,
    offer_errors,
    written_offer,
)
from services.web.photo_view import photo_view
from services.web.problems import RefusedError
from services.web.rendering import (
    api_of,
    go_to,
    is_fragment,
    person_of,
    render,
    render_fragment,
    wording_of,
)

URL = "/offers"
_SHOWN = 8
_MOST_GUESTS = 10_000


# ── at the door ─────────────────────────────────────────────────────────────────────────────
async def redeem(request: Request) -> Response:
    """One tap on a face card; of two doors the second is told, in the card."""
    say = wording_of(request).text
    form = await read_form(request)
    path = f"/v1/offers/{request.path_params['offer_id']}/redemption"
    try:
        done, said = await api_of(request).post(path, json={}), ""
    except ApiProblemError as problem:
        if problem.code != "offer_not_open":
            raise
        state = str(problem.facts.get("state", ""))
        done, said = None, say(offer_words.NOT_OPEN.get(state, offer_words.NOT_HERE))
    return await _back(request, form, done=done, said=said or say("Redeemed."))


async def undo(request: Request) -> Response:
    """A slip of the thumb."""
    say = wording_of(request).text
    form = await read_form(request)
    try:
        await api_of(request).delete(f"/v1/offers/{request.path_params['offer_id']}/redemption")
        said = say("The offer is open again.")
    except ApiProblemError as problem:
        if problem.code != "offer_not_open":
            raise
        said = say("It was redeemed too long ago to be undone.")
    return await _back(request, form, done=None, said=said)


async def _back(
    request: Request, form: dict[str, str], *, done: JsonObject | None, said: str
) -> Response:
    """To the card it was pressed on, or to the guest's page."""
    photo_id, face_id = uuid_field(form, "photo_id"), uuid_field(form, "face_id")
    if not photo_id:
        guest_id = uuid_field(form, "guest_id")
        return go_to(request, f"/guests/{guest_id}#offers" if guest_id else "/", say=said)
    if not is_fragment(request):
        return go_to(request, f"/photos/{photo_id}", say=said)
    photo = await api_of(request).get(f"/v1/photos/{photo_id}")
    view = photo_view(photo)
    card = next((card for card in view.cards if card.face["id"] == face_id), None)
    if card is None:
        raise RefusedError(404, "not_found")
    values = {"card": card, "view": view, "photo": photo, "photo_id": photo_id}
    return render_fragment(request, "_face_answer.html", **values, redeemed=done, offer_said=said)


# ── one guest ───────────────────────────────────────────────────────────────────────────────
async def offers_of(request: Request, path: str) -> dict[str, Any]:
    """For the guest's page."""
    found = await api_of(request).get(f"{path}/offers", params={"limit": _SHOWN})
    return {"offers": found, "offer_words": offer_words}


async def offer_page(request: Request) -> Response:
    return await _offer_page(request, empty_offer(request), {})


async def make(request: Request) -> Response:
    values = written_offer(request, await read_form(request))
    errors, say = offer_errors(request, values), wording_of(request).text
    if errors:
        return await _offer_page(request, values, errors)
    guest_id = request.path_params["guest_id"]
    try:
        await api_of(request).post(
            f"/v1/customers/{guest_id}/offers", json=as_terms(request, values)
        )
    except ApiProblemError as problem:
        errors = _told(request, problem)
        if not errors:
            raise
        return await _offer_page(request, values, errors)
    return go_to(request, f"/guests/{guest_id}#offers", say=say("The offer is made."))


async def take_back(request: Request) -> Response:
    form = await read_form(request)
    say = wording_of(request).text
    try:
        await api_of(request).post(f"/v1/offers/{request.path_params['offer_id']}/withdrawal")
        said = say("The offer is taken back.")
    except ApiProblemError as problem:
        if problem.code != "offer_not_open":
            raise
        said = say(offer_words.REDEEMED_ALREADY)
    return go_to(request, f"/guests/{uuid_field(form, 'guest_id')}#offers", say=said)


def _told(request: Request, problem: ApiProblemError) -> dict[str, str]:
    """What the API refuses, beside the field that it is about."""
    say = wording_of(request).text
    if problem.code == "offers_not_agreed":
        return {"agreed": say("This guest does not agree to offers there. Nothing was made.")}
    if problem.code == "under_age":
        return {"agreed": say("This guest is under age. Nothing was made.")}
    if problem.code == "forbidden":
        return {"agreed": say("You may not make offers there. Nothing was made.")}
    if problem.code == "invalid_input":
        return {"until": say("Choose a night from tonight on, at most 180 days ahead.")}
    return {}


async def _offer_page(request: Request, values: dict[str, str], errors: dict[str, str]) -> Response:
    found = await api_of(request).get(f"/v1/customers/{request.path_params['guest_id']}")
    return render(
        request,
        "guest_offer.html",
        status_code=422 if errors else 200,
        guest=found,
        values=values,
        errors=errors,
        words=offer_words,
        may_everywhere=may_offer_everywhere(request, "offers.make"),
    )


# ── segments ────────────────────────────────────────────────────────────────────────────────
async def plan(request: Request) -> Response:
    asked = request.query_params
    values = {**empty_offer(request), "where": asked.get("where", ""), "segment": "regular"}
    return await _plan(request, values)


async def preview(request: Request) -> Response:
    """How many guests it would reach; nothing is made yet."""
    form = await read_form(request)
    values = {**written_offer(request, form), "segment": form.get("segment", "")}
    errors = offer_errors(request, values)
    if values["segment"] not in offer_words.SEGMENTS:
        errors["segment"] = wording_of(request).text("Choose for whom it is.")
    if errors:
        return await _plan(request, values, errors=errors)
    return await _plan_with_preview(request, values)


async def make_round(request: Request) -> Response:
    """Safe to send twice: the form carries the round's id."""
    form = await read_form(request)
    values = {**written_offer(request, form), "segment": form.get("segment", "")}
    round_id, guests = uuid_field(form, "round_id"), form.get("guests", "")
    if offer_errors(request, values) or not round_id or not guests.isdecimal():
        raise RefusedError(422, "invalid_input")
    body = {**as_terms(request, values), "segment": values["segment"], "id": round_id}
    body["guests"] = min(int(guests), _MOST_GUESTS)
    try:
        made = await api_of(request).post("/v1/offer-rounds", json=body)
    except ApiProblemError as problem:
        if problem.status == 409:  # more guests are of it now: they are told anew
            return await _plan_with_preview(request, values, has_changed=True)
        raise
    said = wording_of(request).plural(
        "%(num)s guest has it now.", "%(num)s guests have it now.", made["guests"]
    )
    where = "?where=chain" if values["where"] == "chain" else ""
    return go_to(request, f"{URL}{where}", say=said)


async def _plan_with_preview(
    request: Request, values: dict[str, str], *, has_changed: bool = False
) -> Response:
    body = {**as_terms(request, values), "segment": values["segment"]}
    try:
        found = await api_of(request).post("/v1/offer-rounds/preview", json=body)
    except ApiProblemError as problem:
        errors = _told(request, problem)
        if not errors:
            raise
        return await _plan(request, values, errors=errors)
    return await _plan(
        request, values, seen={**found, "id": str(uuid4()), "has_changed": has_changed}
    )


async def _plan(
    request: Request,
    values: dict[str, str],
    *,
    errors: dict[str, str] | None = None,
    seen: JsonObject | None = None,
) -> Response:
    may_everywhere = may_offer_everywhere(request, "offers.plan")
    is_chain = values["where"] == "chain" and may_everywhere
    venue = person_of(request).venue
    api = api_of(request)
    params: dict[str, str | int] = {} if is_chain else {"venue_id": venue["id"]}
    segments, rounds = await asyncio.gather(
        api.get("/v1/segments", params=params), api.get("/v1/offer-rounds")
    )
    return render(
        request,
        "offers.html",
        status_code=422 if errors else 200,
        segments=segments,
        rounds=rounds,
        values=values,
        errors=errors or {},
        seen=seen,
        words=offer_words,
        is_chain=is_chain,
        venue_name=venue["name"],
        may_everywhere=may_everywhere,
    )


ROUTES = [
    Route(URL, plan),
    Route(f"{URL}/preview", preview, methods=["POST"]),
    Route(f"{URL}/rounds", make_round, methods=["POST"]),
    Route(f"{URL}/{{offer_id:uuid}}/redeem", redeem, methods=["POST"]),
    Route(f"{URL}/{{offer_id:uuid}}/undo", undo, methods=["POST"]),
    Route(f"{URL}/{{offer_id:uuid}}/take-back", take_back, methods=["POST"]),
    Route("/guests/{guest_id:uuid}/offer", offer_page),
    Route("/guests/{guest_id:uuid}/offer", make, methods=["POST"]),
]
