"""Lists of guests: looked at, taken in, and the export."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.web.api_client import ApiProblemError
from services.web.forms import StreamedForm, drain, read_form
from services.web.pass_through import hand_out
from services.web.rendering import api_of, go_to, is_fragment, render, render_fragment, wording_of
from services.web.words import N_

_FIELDS = {
    "reference": N_("Loyalty number"),
    "name": N_("Name"),
    "first_name": N_("First name"),
    "last_name": N_("Last name"),
    "birth_date": N_("Birth date"),
    "phone": N_("Phone"),
    "email": N_("E-mail"),
    "language": N_("Language"),
    "tags": N_("Tags"),
    "notes": N_("Notes"),
}
_CODES = {
    "empty": N_("is missing"),
    "too_long": N_("is too long"),
    "too_many": N_("are too many"),
    "not_a_date": N_("is no date"),
    "in_the_future": N_("has not come yet"),
    "too_long_ago": N_("is too long ago"),
    "not_a_phone": N_("is no phone number"),
    "not_an_email": N_("is no e-mail address"),
    "not_a_language": N_("is no language that is known here"),
    "under_age": N_("is that of a minor"),
    "twice": N_("is there twice"),
    "erased": N_("was erased"),
}
_UNREADABLE = {
    "not_text": N_("This is no text file. Save the sheet as CSV and send that."),
    "not_csv": N_("This cannot be read as a table. Save the sheet as CSV and send that."),
    "empty": N_("The file is empty."),
    "no_name_column": N_("No column is called “Name”. Name the columns in the first line."),
    "too_many_rows": N_("A list has at most 200,000 rows. Split it."),
}


async def start(request: Request) -> Response:
    lists = await api_of(request).get("/v1/customer-imports")
    return render(request, "guest_import.html", lists=lists["items"], error=None)


async def upload(request: Request) -> Response:
    """Pass the file on while it arrives; what would come of it is the next page."""
    form = await StreamedForm.read(request)
    api, say = api_of(request), wording_of(request).text
    try:
        made = await api.send(
            "/v1/customer-imports", form.file(), content_type="text/csv", size_bytes=None
        )
    except ApiProblemError as problem:
        if problem.status not in (413, 422):
            raise
        await drain(request)
        code = str(problem.facts.get("problem", "empty"))
        words = _UNREADABLE.get(code, _UNREADABLE["not_csv"])
        if problem.status == 413:
            words = N_("The file is larger than 30 MB. Split it.")
        lists = await api.get("/v1/customer-imports")
        values = {"lists": lists["items"], "error": say(words)}
        return render(request, "guest_import.html", status_code=422, **values)
    return go_to(request, f"/guests/imports/{made['id']}")


async def shown(request: Request) -> Response:
    found = await api_of(request).get(_path(request))
    template = "_guest_import.html" if is_fragment(request) else "guest_import_one.html"
    show = render_fragment if is_fragment(request) else render
    return show(request, template, found=found, fields=_FIELDS, codes=_CODES)


async def confirm(request: Request) -> Response:
    await read_form(request)
    await api_of(request).post(f"{_path(request)}/confirmation")
    return go_to(request, f"/guests/imports/{request.path_params['import_id']}")


async def discard(request: Request) -> Response:
    await read_form(request)
    await api_of(request).delete(_path(request))
    said = wording_of(request).text("Discarded. Nothing of the list was taken in.")
    return go_to(request, "/guests/import", say=said)


async def export(request: Request) -> Response:
    form = "json" if request.query_params.get("form") == "json" else "csv"
    media_type = "text/csv" if form == "csv" else "application/x-ndjson"
    return await hand_out(request, f"/v1/customer-export?form={form}", media_type=media_type)


def _path(request: Request) -> str:
    return f"/v1/customer-imports/{request.path_params['import_id']}"


ROUTES = [
    Route("/guests/import", start),
    Route("/guests/import", upload, methods=["POST"]),
    Route("/guests/imports/{import_id:uuid}", shown),
    Route("/guests/imports/{import_id:uuid}/confirm", confirm, methods=["POST"]),
    Route("/guests/imports/{import_id:uuid}/discard", discard, methods=["POST"]),
    Route("/guests/export", export),
]
