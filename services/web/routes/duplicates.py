"""Files that may be one person: listed, compared, merged, and two again."""

import asyncio

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.web.forms import read_form, uuid_field
from services.web.problems import RefusedError
from services.web.rendering import api_of, go_to, render, wording_of
from services.web.words import N_

_PAGE_SIZE = 20
REASONS = {
    "face": N_("faces that look alike"),
    "email": N_("the same e-mail"),
    "phone": N_("the same phone"),
    "birth_date_and_name": N_("the same birth date and a similar name"),
}


async def listing(request: Request) -> Response:
    params: dict[str, str | int] = {"limit": _PAGE_SIZE}
    if cursor := request.query_params.get("cursor", ""):
        params["cursor"] = cursor
    page = await api_of(request).get("/v1/customer-duplicates", params=params)
    return render(request, "duplicates.html", page=page, reasons=REASONS)


async def compare(request: Request) -> Response:
    """Both files beside each other, as what each would become."""
    api = api_of(request)
    one, other = await asyncio.gather(
        *(
            api.get(f"/v1/customers/{request.path_params[name]}")
            for name in ("guest_id", "other_id")
        )
    )
    if one["id"] == other["id"]:  # merged meanwhile
        return go_to(request, f"/guests/{one['id']}")
    return render(request, "guest_merge.html", files=[one, other])


async def merge(request: Request) -> Response:
    form = await read_form(request)
    kept, merged = uuid_field(form, "kept_id"), uuid_field(form, "merged_id")
    body = {"kept_id": kept, "merged_id": merged}
    await api_of(request).post("/v1/customer-merges", json=body)
    said = wording_of(request).text("Merged. You can take that back on this page.")
    return go_to(request, f"/guests/{kept}", say=said)


async def two_people(request: Request) -> Response:
    form = await read_form(request)
    one, other = uuid_field(form, "customer_id"), uuid_field(form, "other_customer_id")
    body = {"customer_id": one, "other_customer_id": other}
    await api_of(request).post("/v1/customer-duplicates/judgement", json=body)
    said = wording_of(request).text("They are two people. This pair is not suggested again.")
    return go_to(request, "/guests/duplicates", say=said)


async def undo(request: Request) -> Response:
    await read_form(request)
    merge_id = request.path_params["merge_id"]
    made = await api_of(request).post(f"/v1/customer-merges/{merge_id}/undo")
    if made["kept_id"] != str(request.path_params["guest_id"]):
        raise RefusedError(404, "not_found")
    said = wording_of(request).text("Two files again, as they were before the merge.")
    return go_to(request, f"/guests/{made['merged_id']}", say=said)


ROUTES = [
    Route("/guests/duplicates", listing),
    Route("/guests/duplicates/two-people", two_people, methods=["POST"]),
    Route("/guests/merge", merge, methods=["POST"]),
    Route("/guests/{guest_id:uuid}/merge/{other_id:uuid}", compare),
    Route("/guests/{guest_id:uuid}/merges/{merge_id:uuid}/undo", undo, methods=["POST"]),
]
