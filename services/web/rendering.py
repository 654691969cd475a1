"""Templates to answers: one Jinja2 environment a language, the same frame around every page."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from urllib.parse import quote
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from services.web.api_client import ApiCaller, ApiClient, JsonObject
from services.web.csrf import CsrfTokens
from services.web.fault_words import fault_words
from services.web.handed_out import FIELD, HandedOutLinks, handed_out, signing
from services.web.i18n import (
    LANGUAGE_NAMES,
    LOCALES,
    VenueTime,
    Wording,
    choose_language,
    load_catalogues,
    local_time,
)
from services.web.model_words import ARCHITECTURES, COMMERCIAL_USE, PACK_NOTES, TERMS
from services.web.person import NOBODY, Person, Place, offered, privacy_tabs
from services.web.sessions import CookieSealer, SessionCookie, WebSession
from services.web.words import GIVEN_BY, GIVEN_BY_HAND, PARTS, UNUSABLE, problem_words

_HERE = Path(__file__).parent
THEMES = ("dark", "light")
_FLASH_COOKIE = "vestibule_said"
_FLASH_S = 60


class SignedOutError(Exception):
    """A page that needs a session was asked for without one."""


@dataclass(frozen=True, slots=True)
class WebContext:
    """What every request shares; ``app.state.web``."""

    api: ApiClient
    cookie: SessionCookie
    sealer: CookieSealer
    csrf: CsrfTokens
    links: HandedOutLinks
    clock: Callable[[], datetime]
    environments: Mapping[str, Environment]
    asset_url: Callable[[str], str]
    secure_cookies: bool
    time: VenueTime
    """Where nobody is signed in."""
    places: tuple[Place, ...] = ()

    def time_at(self, venue: JsonObject) -> VenueTime:
        if "timezone" not in venue:
            return self.time
        return VenueTime(ZoneInfo(venue["timezone"]), venue["closes_at_hour"], self.clock)


def build_environments(
    *, time: VenueTime, asset_url: Callable[[str], str]
) -> dict[str, Environment]:
    catalogues = load_catalogues(_HERE / "translations")
    environments = {}
    for language in LOCALES:
        catalogue = catalogues[language]
        environment = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=["jinja2.ext.i18n"],
        )
        environment.install_gettext_translations(catalogue, newstyle=True)  # type: ignore[attr-defined]  # added by the i18n extension
        wording = Wording(language, catalogue, time=time)
        environment.filters.update(wording.filters())
        environment.globals.update(
            language=language,
            language_names=LANGUAGE_NAMES,
            asset=asset_url,
            handed_out=handed_out,
            wording=wording,
            problem_for=problem_words,
            unusable_for=UNUSABLE.__getitem__,
            fault_for=fault_words,
            given_by_words=partial(_given_by_words, wording),
            pack_notes=PACK_NOTES,
            architectures=ARCHITECTURES,
            commercial_use=COMMERCIAL_USE,
            terms_words=partial(_terms_words, wording),
            not_ready=partial(_not_ready, wording),
            demo_progress=partial(_demo_progress, wording),
            privacy_tabs=privacy_tabs,
        )
        environments[language] = environment
    return environments


def _given_by_words(wording: Wording, given_by: str) -> str:
    """By whom a consent was given: translated if the words are ours, else as they were written."""
    ours = GIVEN_BY | GIVEN_BY_HAND
    return wording.text(ours[given_by]) if given_by in ours else given_by


def _terms_words(wording: Wording, terms: str) -> list[str]:
    """The paragraphs of a pack's terms, translated where the words are ours."""
    return [wording.text(part) if part in TERMS else part for part in terms.split("\n\n")]


def _not_ready(wording: Wording, readiness: JsonObject) -> list[str]:
    """The parts that ``/readyz`` calls not ready, by the names people use."""
    names = [*readiness.get("waiting_for", []), *readiness.get("photos_wait_for", [])]
    return [wording.text(PARTS[name]) if name in PARTS else str(name) for name in names]


def _demo_progress(wording: Wording, step: str | None) -> str:
    """How far the loading of the demo guests is: "fetching", then "3/6"."""
    done, is_counted, total = (step or "").partition("/")
    if is_counted:
        return wording.text("Guest %(done)s of %(total)s.", done=done, total=total)
    return wording.text("Fetching the sample photos.") if step else ""


def web(request: Request) -> WebContext:
    context: WebContext = request.app.state.web
    return context


def session_of(request: Request) -> WebSession | None:
    """The session of this request, read once."""
    if not hasattr(request.state, "session"):
        request.state.session = web(request).cookie.read(request, web(request).clock())
    session: WebSession | None = request.state.session
    return session


def person_of(request: Request) -> Person:
    """Who is signed in, once the API was asked; see ``access.py``."""
    person: Person = getattr(request.state, "person", NOBODY)
    return person


def require_session(request: Request) -> WebSession:
    session = session_of(request)
    if session is None:
        raise SignedOutError
    return session


def api_of(request: Request) -> ApiCaller:
    """The API as the signed-in person sees it; raises ``SignedOutError`` without a session."""
    return web(request).api.caller(require_session(request).access_token)


def require_pass(request: Request) -> None:
    """Raises LinkEndedError unless a page of this session has just made the link."""
    passed = request.query_params.get(FIELD, "")
    here = web(request)
    here.links.require(request.url.path, passed, require_session(request), now=here.clock())


def language_of(request: Request) -> str:
    """The person's choice in this browser, else the one of the customer whose page it is."""
    spoken: str | None = getattr(request.state, "spoken", None)
    return choose_language(
        request.cookies.get("vestibule_language") or spoken,
        request.headers.get("accept-language", ""),
    )


def wording_of(request: Request) -> Wording:
    """In the request's language, times as of the venue that it is about."""
    wording: Wording = web(request).environments[language_of(request)].globals["wording"]  # type: ignore[assignment]  # globals are untyped
    return wording.at(time_of(request))


def time_of(request: Request) -> VenueTime:
    """Of the venue that the page is about, else of the one where the person is."""
    about: JsonObject | None = getattr(request.state, "about", None)
    return web(request).time_at(about or person_of(request).venue)


def is_about(request: Request, venue_id: str) -> None:
    """From here on times are those of that venue, where the person may be there."""
    named = (venue for venue in person_of(request).venues if venue["id"] == venue_id)
    request.state.about = next(named, None)


def is_fragment(request: Request) -> bool:
    """HTMX asked: the answer is a piece of a page, without the frame."""
    return request.headers.get("hx-request") == "true"


def render_text(request: Request, template: str, **values: object) -> str:
    session = session_of(request)
    environment = web(request).environments[language_of(request)]
    theme = request.cookies.get("vestibule_theme")
    person = person_of(request)
    frame = {
        "path": request.url.path,
        "here": quote(_here(request), safe=""),
        "is_signed_in": session is not None,
        "person": person,
        "can": person.can,
        "places": offered(web(request).places, person),
        "csrf_token": web(request).csrf.issue(session) if session else "",
        "theme": theme if theme in THEMES else THEMES[0],
        "said": None,
        "retry_s": None,
    }
    with signing(partial(_signed, request, session)), local_time(time_of(request)):
        return environment.get_template(template).render({**frame, **values})


def _signed(request: Request, session: WebSession | None, url: str) -> str:
    """Nobody in particular gets no pass."""
    here = web(request)
    return here.links.signed(url, session, now=here.clock()) if session else url


def render(
    request: Request, template: str, *, status_code: int = 200, **values: object
) -> HTMLResponse:
    """A whole page; what the last action had to say is shown once."""
    said = web(request).sealer.open(request.cookies.get(_FLASH_COOKIE), max_age_s=_FLASH_S)
    response = HTMLResponse(render_text(request, template, **{"said": said, **values}), status_code)
    response.headers["Content-Language"] = language_of(request)
    response.headers["Vary"] = "Cookie, Accept-Language, HX-Request"
    if said is not None:
        response.delete_cookie(_FLASH_COOKIE, path="/")
    return response


def render_fragment(
    request: Request, template: str, *, status_code: int = 200, **values: object
) -> HTMLResponse:
    response = HTMLResponse(render_text(request, template, **values), status_code)
    response.headers["Vary"] = "Cookie, Accept-Language, HX-Request"
    return response


def go_to(request: Request, url: str, *, say: str | None = None) -> Response:
    """Send the browser on after an action, whichever way it asked."""
    response: Response
    if is_fragment(request):
        response = Response(headers={"HX-Redirect": url})
    else:
        response = RedirectResponse(url, status_code=303)
    if say is not None:
        response.set_cookie(
            _FLASH_COOKIE,
            web(request).sealer.seal(say),
            max_age=_FLASH_S,
            path="/",
            secure=web(request).secure_cookies,
            httponly=True,
            samesite="lax",
        )
    return response


def render_to_guest(
    request: Request, template: str, *, status_code: int = 200, **values: object
) -> Response:
    """Never as staff, even where somebody of the staff is signed in in this browser."""
    nobody = {"is_signed_in": False, "person": NOBODY, "can": NOBODY.can, "places": []}
    return render(request, template, status_code=status_code, **{**nobody, **values})


def _here(request: Request) -> str:
    """The page to come back to after a change of language or theme."""
    if request.method != "GET" or is_fragment(request):
        return "/"
    query = f"?{request.url.query}" if request.url.query else ""
    return request.url.path + query
