"""The part of the fake API that says what guests buy."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.web.fake_state import FakeApi, Json, problem

NOTHING: Json = {"purchases": 0, "money": [], "alcohol_units": 0.0}


def consumption(**values: object) -> Json:
    made = {
        "care": None,
        "units_in_window": 0.0,
        "window_hours": 4.0,
        "tonight": NOTHING,
        "last_30_days": NOTHING,
        "favourites": [],
    }
    return made | values


def consumption_routes(fake: FakeApi) -> list[Route]:
    async def shown(_: Request) -> Response:
        return JSONResponse(fake.consumption or consumption())

    async def policy(_: Request) -> Response:
        return JSONResponse(fake.consumption_policy)

    async def adopt(request: Request) -> Response:
        body = await request.json()
        if not float(body["watch_units"]) < float(body["care_units"]):
            return problem("invalid_input", 422)
        kept = {name: float(body[name]) for name in ("window_hours", "watch_units", "care_units")}
        fake.consumption_policy = kept | {"version": body["version"] + 1}
        return JSONResponse(fake.consumption_policy)

    async def read_csv(request: Request) -> Response:
        form = await request.form()
        file = form["photo"]
        assert not isinstance(file, str)
        content = (await file.read()).decode()
        if not content.startswith("till,"):
            return problem("invalid_input", 422)
        is_preview = request.query_params["preview"] == "true"
        rows = content.count("\n")
        counts = dict.fromkeys(("recorded", "repeated", "recorded_differently"), 0)
        counts |= {"unknown_customer": 0 if is_preview else 2}
        wrong = [{"row": 3, "field": "currency", "problem": "must be a currency"}]
        return JSONResponse({"is_preview": is_preview, "rows": rows, "problems": wrong, **counts})

    return [
        Route("/v1/customers/{id}/consumption", shown),
        Route("/v1/consumption-policy", policy),
        Route("/v1/consumption-policy", adopt, methods=["POST"]),
        Route("/v1/purchases/csv", read_csv, methods=["POST"]),
    ]
