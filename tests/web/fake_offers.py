"""The part of the fake API that offers guests something."""

from datetime import timedelta
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.web.fake_state import FakeApi, Json, iso, now, problem


def offer(**fields: object) -> Json:
    made: Json = {
        "id": str(uuid4()),
        "customer_id": str(uuid4()),
        "kind": "drink",
        "words_en": "A welcome drink",
        "words_fr": "Un verre de bienvenue",
        "venue_id": None,
        "starts_at": iso(now()),
        "ends_at": iso(now() + timedelta(days=9)),
        "state": "open",
        "made_by": "Hélène Vidal",
        "made_at": iso(now()),
        "round_id": None,
        "redeemed_at": None,
        "redeemed_by": None,
        "taken_back_at": None,
        "can_undo_until": None,
    }
    return made | fields


def offer_routes(fake: FakeApi) -> list[Route]:  # noqa: C901  # one table of routes
    def by_id(request: Request) -> Json:
        return next(one for one in fake.offers if one["id"] == request.path_params["id"])

    async def listed(_: Request) -> Response:
        page = {"items": fake.offers, "may_be_offered": fake.agrees, "next_cursor": None}
        return JSONResponse({**page, "segment": fake.segment})

    async def make(request: Request) -> Response:
        body = await request.json()
        if not fake.agrees:
            return problem("offers_not_agreed", 422)
        fake.offers.append(offer(**body))
        return JSONResponse(fake.offers[-1], 201)

    async def redeem(request: Request) -> Response:
        found = by_id(request)
        if found["state"] != "open":
            return problem("offer_not_open", 409, state=found["state"])
        moment = {"redeemed_at": iso(now()), "can_undo_until": iso(now() + timedelta(minutes=15))}
        found |= {"state": "redeemed", "redeemed_by": "Dora", **moment}
        fake.open_offers = [one for one in fake.open_offers if one["id"] != found["id"]]
        return JSONResponse(found)

    async def undo(request: Request) -> Response:
        found = by_id(request)
        found |= {"state": "open", "redeemed_at": None, "can_undo_until": None}
        return JSONResponse(found)

    async def take_back(request: Request) -> Response:
        found = by_id(request)
        found |= {"state": "taken_back", "taken_back_at": iso(now())}
        return JSONResponse(found)

    async def segments(request: Request) -> Response:
        fake.asked_segments.append(request.query_params.get("venue_id"))
        sizes = {"regular": 4, "returning": 9, "new": 30, "lapsed": 2, "never": 0}
        policy = {"window_days": 90, "regular_nights": 4, "lapsed_after_days": 120}
        items = [{"segment": name, "guests": guests} for name, guests in sizes.items()]
        return JSONResponse({"venue_id": None, "policy": policy, "items": items})

    async def rounds(_: Request) -> Response:
        single = {"made": 3, "redeemed": 1, "taken_back": 0, "expired": 0, "open": 2}
        return JSONResponse({"items": fake.rounds, "one_by_one": single})

    async def preview(request: Request) -> Response:
        fake.asked_rounds.append(await request.json())
        return JSONResponse({"guests": fake.reaches})

    async def make_round(request: Request) -> Response:
        body = await request.json()
        fake.asked_rounds.append(body)
        if body["guests"] < fake.reaches:
            return problem("conflict", 409, guests=fake.reaches)
        share = {"made": fake.reaches, "redeemed": 0, "taken_back": 0, "expired": 0}
        kept = {**offer(**body), "share": {**share, "open": fake.reaches}}
        fake.rounds.append(kept)
        return JSONResponse({"id": body["id"], "guests": fake.reaches, "added": fake.reaches}, 201)

    return [
        Route("/v1/customers/{id}/offers", listed),
        Route("/v1/customers/{id}/offers", make, methods=["POST"]),
        Route("/v1/offers/{id}/redemption", redeem, methods=["POST"]),
        Route("/v1/offers/{id}/redemption", undo, methods=["DELETE"]),
        Route("/v1/offers/{id}/withdrawal", take_back, methods=["POST"]),
        Route("/v1/segments", segments),
        Route("/v1/offer-rounds", rounds),
        Route("/v1/offer-rounds", make_round, methods=["POST"]),
        Route("/v1/offer-rounds/preview", preview, methods=["POST"]),
    ]
