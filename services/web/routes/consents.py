"""A guest's consent: recorded by staff, signed on a tablet, scanned from paper; withdrawn."""

import re

import segno
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.web.api_client import ApiProblemError, JsonObject
from services.web.forms import StreamedForm, drain, read_form
from services.web.i18n import LOCALES
from services.web.notice_view import PURPOSES, current_notice, shown
from services.web.pass_through import hand_out
from services.web.problems import refuse_upload
from services.web.rendering import (
    api_of,
    go_to,
    is_fragment,
    language_of,
    render,
    render_fragment,
    wording_of,
)
from services.web.routes.enrolments import consent_given
from services.web.words import N_

_GUEST = "/guests/{guest_id:uuid}"
_PICTURE = re.compile(r"data:image/png;base64,[A-Za-z0-9+/]+=*")
_ASKED_AGAIN_S = 5
_FORMS = {"sign": "guest_sign.html", "paper": "guest_paper.html"}


async def record(request: Request) -> Response:
    form = await read_form(request)
    guest_url = f"/guests/{request.path_params['guest_id']}"
    if form.get("consent") != "given":
        return go_to(request, f"{guest_url}/consent")
    await api_of(request).post(f"{_api_path(request)}/consents", json=consent_given(form))
    return go_to(request, guest_url, say=wording_of(request).text("The consent is on record."))


async def withdraw(request: Request) -> Response:
    await read_form(request)
    path = "/v1/customers/{guest_id}/consents/{consent_id}/withdrawal"
    gone = await api_of(request).post(path.format(**request.path_params))
    wording = wording_of(request)
    said = (
        wording.text("The consent is withdrawn. From now on no photo recognises this guest.")
        if gone["purpose"] == "recognition"
        else wording.text("The consent is withdrawn. It counts from now on.")
    )
    return go_to(request, f"/guests/{request.path_params['guest_id']}", say=said)


# ── by the guest's own hand ─────────────────────────────────────────────────────────────────
async def sign(request: Request) -> Response:
    return await _form(request, "sign", asks=_asks(request.query_params.get("asks")))


async def paper(request: Request) -> Response:
    return await _form(request, "paper", asks=_asks(request.query_params.get("asks")))


async def signed(request: Request) -> Response:
    """A drawn signature, or a typed name; what was typed stays where something lacks."""
    form = await read_form(request)
    asks, purposes = _asks(form.get("asks")), ticked(form)
    signature, typed = _drawn(form.get("signature", "")), form.get("typed_name", "").strip()
    error = "purposes" if not purposes else "signature" if not signature and not typed else None
    if error:
        return await _form(
            request,
            "sign",
            asks=asks,
            error=error,
            ticked=purposes,
            typed_name=typed,
            signature=signature,
        )
    body: JsonObject = {
        "asks": asks,
        "purposes": purposes,
        "language": language_in(form, request),
        "notice_version": form.get("notice_version") or None,
        "signature": signature,
        "typed_name": typed[:200],
    }
    try:
        done = await api_of(request).post(f"{_api_path(request)}/agreements", json=body)
    except ApiProblemError as problem:
        if problem.status != 422 or problem.facts.get("fields") != ["signature"]:
            raise
        return await _form(
            request, "sign", asks=asks, error="signature", ticked=purposes, typed_name=typed
        )
    return _back(request, asks, done)


async def scanned(request: Request) -> Response:
    """Pass the scan on while it arrives, with what was ticked before it."""
    form = await StreamedForm.read(request)
    asks, purposes = _asks(form.fields.get("asks")), ticked(form.fields)
    if not purposes:
        await drain(request)
        return await _form(request, "paper", asks=asks, error="purposes")
    fields = {
        "asks": asks,
        "purposes": " ".join(purposes),
        "language": language_in(form.fields, request),
        "notice_version": form.fields.get("notice_version", ""),
    }
    try:
        done = await form.pass_on(api_of(request), f"{_api_path(request)}/agreements/paper", fields)
    except ApiProblemError as problem:
        return await refuse_upload(request, problem)
    return _back(request, asks, done)


async def phone(request: Request) -> Response:
    asks = _asks(request.query_params.get("asks"))
    guest = await api_of(request).get(_api_path(request))
    if asks == "withdraw" and not _standing(guest):
        return _nothing_to_withdraw(request)
    return render(request, "guest_phone.html", guest=guest, asks=asks, made=None)


async def make_link(request: Request) -> Response:
    """The QR code is drawn here: this is where it is known at what address we are."""
    form = await read_form(request)
    api, asks = api_of(request), _asks(form.get("asks"))
    guest = await api.get(_api_path(request))
    made = await api.post(f"{_api_path(request)}/consent-links", json={"asks": asks})
    address = str(request.base_url).rstrip("/") + made["path"]
    drawn = segno.make(address, error="m").svg_inline(
        scale=4, border=4, dark="#000", light="#fff", omitsize=True
    )
    return render(
        request,
        "guest_phone.html",
        guest=guest,
        asks=asks,
        made=made,
        address=address,
        qr_svg=drawn,
        state="waiting",
        link_url=f"/guests/{request.path_params['guest_id']}/consent/phone/{made['id']}",
        agreed=[],
    )


async def phone_answer(request: Request) -> Response:
    """What the guest's phone said: asked for every other second, or opened by hand."""
    api, path = api_of(request), _api_path(request)
    state = (await api.get(f"{path}/consent-links/{request.path_params['link']}"))["state"]
    guest = await api.get(path) if state == "answered" or not is_fragment(request) else None
    stands = _standing(guest) if guest else set()
    values: JsonObject = {
        "guest_id": str(request.path_params["guest_id"]),
        "state": state,
        "link_url": request.url.path,
        "asks": _asks(request.query_params.get("asks")),
        "agreed": [words for name, words in PURPOSES.items() if name in stands],
    }
    if is_fragment(request):
        return render_fragment(request, "_phone_answer.html", **values)
    retry_s = _ASKED_AGAIN_S if state == "waiting" else None
    return render(request, "guest_phone_answer.html", guest=guest, retry_s=retry_s, **values)


async def proof(request: Request) -> Response:
    path = "/v1/customers/{guest_id}/agreements/{proof_id}/file"
    answer = await hand_out(request, path.format(**request.path_params))
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer


async def _form(
    request: Request,
    way: str,
    *,
    asks: str,
    error: str | None = None,
    ticked: list[str] | None = None,
    typed_name: str = "",
    signature: str = "",
) -> Response:
    guest = await api_of(request).get(_api_path(request))
    stands = _standing(guest)
    if asks == "withdraw" and not stands:
        return _nothing_to_withdraw(request)
    notice = await current_notice(request)
    texts = shown(request, notice)
    return render(
        request,
        _FORMS[way],
        status_code=422 if error else 200,
        guest=guest,
        asks=asks,
        notices=texts,
        notice_version=notice["version"],
        purposes=PURPOSES,
        offered=[
            name
            for name in PURPOSES
            if (name in stands if asks == "withdraw" else name in texts[0].purposes)
        ],
        ticked=ticked or [],
        typed_name=typed_name,
        signature=signature,
        error=error,
    )


def _standing(guest: JsonObject) -> set[str]:
    """The purposes that this guest agrees to now."""
    return {given["purpose"] for given in guest["consents"] if given["stands"]}


def _nothing_to_withdraw(request: Request) -> Response:
    """Another window was first, or the address is an old one."""
    said = wording_of(request).text("Nothing to withdraw: no consent of this guest stands.")
    return go_to(request, f"/guests/{request.path_params['guest_id']}", say=said)


def _drawn(signature: str) -> str:
    """A picture as the page's script makes it; anything else is none."""
    return signature if _PICTURE.fullmatch(signature) else ""


def ticked(form: dict[str, str]) -> list[str]:
    return [name for name in PURPOSES if form.get(f"purpose_{name}") == "ticked"]


def language_in(form: dict[str, str], request: Request) -> str:
    """In which the notice stood."""
    said = form.get("language", "")
    return said if said in LOCALES else language_of(request)


def _asks(said: str | None) -> str:
    return "withdraw" if said == "withdraw" else "give"


_NOT_KEPT = {
    "invalid_input": N_(
        "The withdrawal is taken down and counts from now on. The signature was not kept:"
        " nothing was drawn."
    ),
    "attachment_refused": N_(
        "The withdrawal is taken down and counts from now on. What should show it was not kept:"
        " it is no picture and no whole PDF."
    ),
}
_NOT_KEPT_OTHERWISE = N_(
    "The withdrawal is taken down and counts from now on. What should show it could not be kept;"
    " the withdrawal counts without it."
)


def _back(request: Request, asks: str, done: JsonObject) -> Response:
    wording = wording_of(request)
    if refused := done.get("proof_refused"):
        said = wording.text(_NOT_KEPT.get(refused, _NOT_KEPT_OTHERWISE))
    elif asks == "withdraw":
        said = wording.text("The consent is withdrawn. It counts from now on.")
    else:
        said = wording.text("The consent is on record.")
    return go_to(request, f"/guests/{request.path_params['guest_id']}", say=said)


def _api_path(request: Request) -> str:
    return f"/v1/customers/{request.path_params['guest_id']}"


ROUTES = [
    Route(f"{_GUEST}/consents", record, methods=["POST"]),
    Route(f"{_GUEST}/consents/{{consent_id:uuid}}/withdraw", withdraw, methods=["POST"]),
    Route(f"{_GUEST}/consent/sign", sign),
    Route(f"{_GUEST}/consent/sign", signed, methods=["POST"]),
    Route(f"{_GUEST}/consent/paper", paper),
    Route(f"{_GUEST}/consent/paper", scanned, methods=["POST"]),
    Route(f"{_GUEST}/consent/phone", phone),
    Route(f"{_GUEST}/consent/phone", make_link, methods=["POST"]),
    Route(f"{_GUEST}/consent/phone/{{link}}", phone_answer),
    Route(f"{_GUEST}/proofs/{{proof_id:uuid}}", proof),
]
