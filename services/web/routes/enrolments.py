"""Enrolment in three steps: who, notice and consent, check. Each step is a plain form too."""

from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.web.api_client import ApiCaller, ApiProblemError, JsonObject
from services.web.fault_view import rejected_view
from services.web.fault_words import fault_words
from services.web.forms import StreamedForm, read_form, uuid_field
from services.web.i18n import LOCALES
from services.web.notice_view import ALSO, current_notice, shown
from services.web.photo_view import find_face
from services.web.problems import RefusedError, refuse_upload
from services.web.rendering import (
    api_of,
    go_to,
    is_fragment,
    render,
    render_fragment,
    render_text,
    web,
    wording_of,
)
from services.web.words import GIVEN_BY

_SEARCH_LIMIT = 5
_NAME_LENGTH = 200


async def who(request: Request) -> Response:
    """Step 1: a new name, or a guest who is on file."""
    face = await _held_face(request, uuid_field(dict(request.query_params), "photo"))
    name = request.query_params.get("name", "")
    return await _show_who(request, face, {"name": name})


async def matches(request: Request) -> Response:
    """Guests on file whose name is like the one being typed."""
    found = await _find_guests(api_of(request), request.query_params.get("name", ""))
    return render_fragment(request, "_enrol_matches.html", found=found, chosen="")


async def consent(request: Request) -> Response:
    """Step 2, once it is known who: the notice, and the guest's answer."""
    form = await read_form(request)
    face = await _held_face(request, uuid_field(form, "photo_id"))
    customer_id, name = uuid_field(form, "customer_id"), form.get("name", "").strip()
    if form.get("do") == "search":
        return await _show_who(request, face, form)
    if not customer_id and not 0 < len(name) <= _NAME_LENGTH:
        return await _show_who(request, face, form, error=_name_error(request, name))
    guest = await api_of(request).get(f"/v1/customers/{customer_id}") if customer_id else None
    values = await _consent_values(request, face, guest, form)
    return _show_step(request, "_enrol_consent.html", values)


async def confirm(request: Request) -> Response:
    """Step 2 answered: enrol with consent, or go on without the face."""
    form = await read_form(request)
    api = api_of(request)
    face_id = str(request.path_params["face_id"])
    photo_id, customer_id = uuid_field(form, "photo_id"), uuid_field(form, "customer_id")
    if form.get("do") == "without_face":
        return await _without_face(request, customer_id, form)
    guest = await api.get(f"/v1/customers/{customer_id}") if customer_id else None
    on_record = guest is not None and has_consent(guest)
    if not on_record and form.get("consent") != "given":
        face = await _held_face(request, photo_id)
        values = await _consent_values(request, face, guest, form)
        values["error"] = wording_of(request).text(
            "Tick the box once the guest has agreed, or continue without the face."
        )
        values["living_ticked"] = form.get("living_person") == "seen"
        return _show_step(request, "_enrol_consent.html", values, status_code=422)
    if form.get("living_person") != "seen":
        face = await _held_face(request, photo_id)
        values = await _consent_values(request, face, guest, form)
        values["living_error"] = _look_at_the_person(request)
        values["consent_ticked"] = form.get("consent") == "given"
        return _show_step(request, "_enrol_consent.html", values, status_code=422)
    body: JsonObject = {"customer_id": customer_id} if customer_id else _new_guest(form)
    body["living_person_seen"] = True
    if not on_record:
        body["consent"] = consent_given(form)
    enrolment = await api.post(f"/v1/faces/{face_id}/enrolment", json=body)
    return await show_outcome(request, enrolment, photo_id)


def _look_at_the_person(request: Request) -> str:
    return wording_of(request).text(
        "Look at the guest, then tick the box: Vestibule cannot tell a face from a picture of one."
    )


async def outcome(request: Request) -> Response:
    """Step 3: the template is made and checked; asked again until it is."""
    enrolment_id = request.path_params["enrolment_id"]
    enrolment = await api_of(request).get(f"/v1/enrolments/{enrolment_id}")
    photo_id = uuid_field(dict(request.query_params), "photo")
    return await show_outcome(request, enrolment, photo_id)


async def add_photo(request: Request) -> Response:
    """The form that enrols a guest from a file."""
    guest = await api_of(request).get(f"/v1/customers/{request.path_params['guest_id']}")
    return render(
        request,
        "guest_add_photo.html",
        guest=guest,
        has_consent=has_consent(guest),
        **await notice_values(request),
    )


async def send_photo(request: Request) -> Response:
    """Pass the file on to the API while it arrives, with what the form said before it."""
    form = await StreamedForm.read(request)
    fields = {"customer_id": str(request.path_params["guest_id"])}
    if form.fields.get("living_person") == "seen":
        fields["living_person_seen"] = "true"
    if form.fields.get("consent") == "given":
        given = consent_given(form.fields)
        fields |= {
            "consent_basis": given["basis"],
            "notice_shown": "true",
            "given_by": given["given_by"],
        }
        fields |= {"also": " ".join(given["also"])} if given["also"] else {}
        fields |= {"consent_language": given["language"]} if given["language"] else {}
        if given["notice_version"]:
            fields["notice_version"] = given["notice_version"]
    try:
        enrolment = await form.pass_on(api_of(request), "/v1/enrolments", fields)
    except ApiProblemError as problem:
        return await refuse_upload(request, problem)
    return go_to(request, f"/enrolments/{enrolment['id']}")


def has_consent(guest: JsonObject) -> bool:
    return any(given["stands"] and given["purpose"] == "recognition" for given in guest["consents"])


def consent_given(form: dict[str, str]) -> JsonObject:
    given_by = form.get("given_by", "")
    return {
        "basis": "explicit-consent",
        "notice_shown": True,
        "given_by": given_by if given_by in GIVEN_BY else next(iter(GIVEN_BY)),
        "also": [name for name in ALSO if form.get(f"also_{name}") == "given"],
        "language": form["language"] if form.get("language") in LOCALES else None,
        "notice_version": form.get("notice_version") or None,
    }


async def notice_values(request: Request) -> JsonObject:
    """What ``_consent_fields.html`` needs."""
    notice = await current_notice(request)
    return {
        "given_by": GIVEN_BY,
        "notices": shown(request, notice),
        "notice_version": notice["version"],
        "also": ALSO,
    }


async def _held_face(request: Request, photo_id: str) -> JsonObject:
    """The face, and until when it is held if the photo is known; the API knows no face alone.

    Raises RefusedError for a face that the photo shows to be no longer held.
    """
    face_id = str(request.path_params["face_id"])
    if not photo_id:
        return {"id": face_id, "photo_id": "", "held_until": None}
    face = find_face(await api_of(request).get(f"/v1/photos/{photo_id}"), face_id)
    if face is None:
        raise RefusedError(404, "not_found")
    if face["answer"] == "enrolled":
        raise RefusedError(409, "conflict")
    held_until = face["can_enrol_until"]
    if held_until is None or datetime.fromisoformat(held_until) <= web(request).clock():
        raise RefusedError(409, "hold_expired")
    return {"id": face_id, "photo_id": photo_id, "held_until": held_until}


async def _find_guests(api: ApiCaller, name: str) -> list[Any]:
    if len(name.strip()) < 2:
        return []
    page = await api.get(
        "/v1/customers", params={"query": name.strip()[:_NAME_LENGTH], "limit": _SEARCH_LIMIT}
    )
    found: list[Any] = page["items"]
    return found


async def _show_who(
    request: Request, face: JsonObject, form: dict[str, str], *, error: str | None = None
) -> Response:
    name = form.get("name", "").strip()
    found = await _find_guests(api_of(request), name)
    born = form.get("birth_date", "")
    values: dict[str, object] = {"face": face, "name": name, "birth_date": born}
    values |= {"found": found, "error": error}
    return _show_step(request, "_enrol_who.html", values, status_code=422 if error else 200)


async def _consent_values(
    request: Request, face: JsonObject, guest: JsonObject | None, form: dict[str, str]
) -> dict[str, object]:
    return {
        "face": face,
        "guest": guest,
        "name": guest["name"] if guest else form.get("name", "").strip(),
        "birth_date": "" if guest else form.get("birth_date", ""),
        "has_consent": guest is not None and has_consent(guest),
        **await notice_values(request),
        "error": None,
        "living_error": None,
    }


def _name_error(request: Request, name: str) -> str:
    if not name:
        return wording_of(request).text("Write the guest’s name, or choose one of your guests.")
    return wording_of(request).text("Names have at most 200 characters here; this one is longer.")


def _new_guest(form: dict[str, str]) -> JsonObject:
    new = {"name": form.get("name", "").strip()}
    born = form.get("birth_date", "").strip()
    return {**new, "birth_date": born} if born else new


async def _without_face(request: Request, customer_id: str, form: dict[str, str]) -> Response:
    if not customer_id:
        guest = await api_of(request).post("/v1/customers", json=_new_guest(form))
        customer_id = guest["id"]
    said = wording_of(request).text("Saved without a face: no photo will recognise this guest.")
    return go_to(request, f"/guests/{customer_id}", say=said)


async def show_outcome(
    request: Request,
    enrolment: JsonObject,
    photo_id: str,
    *,
    override_reason: str = "",
    override_error: str | None = None,
) -> Response:
    """Step 3, as far as it is; what was typed into a refused override stays."""
    guest = None
    if enrolment["state"] == "done":
        guest = await api_of(request).get(f"/v1/customers/{enrolment['customer_id']}")
    is_rejected = enrolment["outcome"] == "rejected"
    values: dict[str, object] = {
        "enrolment": enrolment,
        "guest": guest,
        "view": rejected_view(enrolment) if is_rejected else None,
        "well": [fault_words(code) for code in enrolment["passed"]],
        "outweighed": [fault_words(found["code"]) for found in enrolment["findings"]],
        "photo_id": photo_id,
        "override_reason": override_reason,
        "override_error": override_error,
    }
    status_code = 422 if override_error else 200
    return _show_step(request, "_enrol_outcome.html", values, status_code=status_code)


def _show_step(
    request: Request, template: str, values: dict[str, object], *, status_code: int = 200
) -> Response:
    """A step for the open sheet, or the same step as a page of its own."""
    if is_fragment(request):
        return render_fragment(request, template, status_code=status_code, **values)
    step = render_text(request, template, **values)
    is_waiting = template == "_enrol_outcome.html" and values["guest"] is None
    return render(
        request,
        "enrol.html",
        status_code=status_code,
        step=step,
        refresh_url=_outcome_url(values) if is_waiting else None,
    )


def _outcome_url(values: dict[str, object]) -> str | None:
    enrolment = values["enrolment"]
    assert isinstance(enrolment, dict)  # set by show_outcome
    if enrolment["state"] == "failed":
        return None
    return f"/enrolments/{enrolment['id']}?photo={values['photo_id']}"


ROUTES = [
    Route("/faces/{face_id:uuid}/enrol", who),
    Route("/faces/{face_id:uuid}/enrol/consent", consent, methods=["POST"]),
    Route("/faces/{face_id:uuid}/enrol/confirm", confirm, methods=["POST"]),
    Route("/enrol/matches", matches),
    Route("/enrolments/{enrolment_id:uuid}", outcome),
    Route("/guests/{guest_id:uuid}/add-photo", add_photo),
    Route("/guests/{guest_id:uuid}/add-photo", send_photo, methods=["POST"]),
]
