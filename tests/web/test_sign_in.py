"""In and out, and what a browser keeps of it."""

import html
import re
from uuid import uuid4

import httpx
import pytest
from starlette.routing import Route

pytestmark = pytest.mark.anyio


async def test_link_signs_in_and_leads_to_the_door(visitor):
    page = await visitor.get("/sign-in/good-link")
    assert page.url.path == "/"
    assert page.status_code == 200


async def test_session_cookie_is_http_only_and_does_not_show_the_token(visitor, fake):
    answer = await visitor.get("/sign-in/good-link", follow_redirects=False)
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie and "Path=/" in cookie
    assert fake.token not in cookie


async def test_over_https_the_cookie_is_secure_and_bound_to_the_host(make_app):
    transport = httpx.ASGITransport(app=make_app(secure_cookies=True))
    async with httpx.AsyncClient(transport=transport, base_url="https://v.test") as client:
        answer = await client.get("/sign-in/good-link")
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-") and "Secure" in cookie and "Domain" not in cookie


async def test_spent_link_says_what_to_do(visitor):
    page = await visitor.get("/sign-in/used-before")
    assert page.status_code == 401
    assert "no longer works" in page.text and "vestibule sign-in-link" in page.text


async def test_a_browser_that_only_looks_ahead_does_not_spend_the_link(visitor):
    page = await visitor.get("/sign-in/good-link", headers={"Sec-Purpose": "prefetch;prerender"})
    assert page.status_code == 503
    assert not visitor.cookies


PUBLIC = {
    "/sign-in",
    "/sign-in/{token}",
    "/sign-in/code",
    "/sign-in/company",
    "/sign-in/company/callback",
    "/invitations/{token}",
    "/agree/{token}",
    "/me",
    "/preferences",
    "/manifest.webmanifest",
    "/styleguide",
    "/transparency",
    "/healthz",
    "/readyz",
}


async def test_without_a_session_every_other_page_leads_to_sign_in(visitor, app):
    routes = [r for r in app._app.routes if isinstance(r, Route) and "GET" in (r.methods or ())]
    closed = [r.path for r in routes if r.path not in PUBLIC]
    assert len(closed) > 15
    for path in closed:
        numbered = re.sub(r"\{[^}]*:int\}", "1", path)
        answer = await visitor.get(re.sub(r"\{[^}]*\}", str(uuid4()), numbered))
        if path.startswith("/me/"):
            assert answer.url.path == "/me" or answer.status_code == 404, path
        else:
            assert answer.url.path == "/sign-in", path


async def test_ended_session_leads_to_sign_in_and_the_cookie_goes(browser, fake):
    fake.token = "another"
    page = await browser.get("/guests")
    assert page.url.path == "/sign-in"
    assert "vestibule" not in browser.cookies


async def test_ended_session_sends_htmx_to_sign_in(browser, fake):
    fake.token = "another"
    answer = await browser.get("/guests", headers={"HX-Request": "true"})
    assert answer.headers["hx-redirect"] == "/sign-in"


async def test_forged_cookie_is_no_session(visitor):
    visitor.cookies.set("vestibule", "gAAAAABforged")
    page = await visitor.get("/guests")
    assert page.url.path == "/sign-in"


async def test_sign_out_ends_the_session_everywhere(browser, fake):
    await browser.open("/")
    page = await browser.submit("/sign-out")
    assert page.url.path == "/sign-in"
    assert fake.token == "ended"
    assert "vestibule" not in browser.cookies


# ── the page that was asked for ─────────────────────────────────────────────────────────────
ORIGIN = {"Origin": "http://vestibule.test"}
EVIL = ["//evil.example", "/\\evil.example", "https://evil.example/", "/\t/evil.example"]


async def type_password(visitor, fake, onward: str, password: str = "") -> httpx.Response:
    fields = {"email": "a@club.example", "password": password or fake.password, "next": onward}
    return await visitor.post("/sign-in", data=fields, headers=ORIGIN, follow_redirects=False)


async def test_page_that_was_asked_for_is_kept_over_a_slip_and_led_to(visitor, fake):
    page = await visitor.get("/guests?query=zo%C3%A9&tag=VIP")
    assert page.url.path == "/sign-in"
    kept = html.unescape(re.search(r'name="next" value="([^"]+)"', page.text)[1])
    slip = await type_password(visitor, fake, kept, password="slip")
    assert html.unescape(re.search(r'name="next" value="([^"]+)"', slip.text)[1]) == kept
    answer = await type_password(visitor, fake, kept)
    assert answer.headers["location"] == "/guests?query=zo%C3%A9&tag=VIP"


async def test_page_is_kept_while_a_code_is_asked_for(visitor, fake):
    fake.owes_code = True
    assert (await type_password(visitor, fake, "/review")).headers["location"] == "/sign-in/code"
    coded = await visitor.post(
        "/sign-in/code", data={"code": "123456"}, headers=ORIGIN, follow_redirects=False
    )
    assert coded.headers["location"] == "/review"
    assert "vestibule_onward" not in visitor.cookies


@pytest.mark.parametrize("owes_code", [False, True])
async def test_page_is_kept_over_the_companys_sign_in(visitor, fake, owes_code):
    fake.company, fake.owes_code = "Club account", owes_code
    page = await visitor.get("/incidents")
    way = re.search(r'href="(/sign-in/company[^"]*)"', page.text)[1]
    there = await visitor.get(html.unescape(way), follow_redirects=False)
    assert there.headers["location"] == "https://company.example/authorize"
    back = await visitor.get("/sign-in/company/callback?code=c&state=s", follow_redirects=False)
    if owes_code:
        assert back.headers["location"] == "/sign-in/code"
        code = {"code": "123456"}
        back = await visitor.post(
            "/sign-in/code", data=code, headers=ORIGIN, follow_redirects=False
        )
    assert back.headers["location"] == "/incidents"


@pytest.mark.parametrize("url", EVIL)
async def test_sign_in_leads_to_no_other_site(visitor, fake, url):
    fake.company = "Club account"
    page = await visitor.get("/sign-in", params={"next": url})
    assert 'name="next"' not in page.text and 'href="/sign-in/company"' in page.text
    await visitor.get("/sign-in/company", params={"next": url}, follow_redirects=False)
    back = await visitor.get("/sign-in/company/callback?code=c&state=s", follow_redirects=False)
    assert back.headers["location"] == "/"
    assert (await type_password(visitor, fake, url)).headers["location"] == "/"


async def test_forged_onward_cookie_leads_to_the_first_page(visitor, fake):
    visitor.cookies.set("vestibule_onward", "/guests")
    visitor.cookies.set("vestibule_flow", "gAAAAABforged")
    coded = await visitor.get("/sign-in/company/callback?code=c&state=s")
    assert coded.status_code == 401
    assert (await type_password(visitor, fake, "")).headers["location"] == "/"


@pytest.mark.parametrize(
    ("shown", "leads"),
    [
        ("http://vestibule.test/guests?tag=VIP", "/sign-in?next=/guests%3Ftag%3DVIP"),
        ("http://vestibule.test//evil.example", "/sign-in"),
        ("http://[", "/sign-in"),
        ("", "/sign-in"),
    ],
)
async def test_piece_leads_back_to_its_page(visitor, shown, leads):
    asked = {"HX-Request": "true", "HX-Current-URL": shown}
    answer = await visitor.get("/guests?query=a", headers=asked)
    assert answer.headers["hx-redirect"] == leads


async def test_form_that_was_sent_too_late_leads_to_the_first_page(visitor):
    answer = await visitor.post("/guests", data={"name": "Ada"}, follow_redirects=False)
    assert answer.headers["location"] == "/sign-in"


@pytest.mark.parametrize("path", ["/alerts/events", "/photos/{id}/events"])
async def test_stream_of_a_session_that_ended_is_not_asked_for_again(visitor, path):
    url = path.replace("{id}", "0" * 8 + "-0000-4000-8000-" + "0" * 12)
    answer = await visitor.get(url, headers={"Accept": "text/event-stream"}, follow_redirects=False)

    assert (answer.status_code, answer.content) == (204, b"")
