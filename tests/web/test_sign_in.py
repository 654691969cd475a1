"""In and out, and what a browser keeps of it."""

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
    "/preferences",
    "/manifest.webmanifest",
    "/styleguide",
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
