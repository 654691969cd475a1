"""What holds on every answer and every unsafe route."""

import re
from uuid import uuid4

import pytest
from starlette.routing import Route

pytestmark = pytest.mark.anyio


def unsafe_paths(app) -> list[str]:
    routes = app._app.routes
    paths = [r.path for r in routes if isinstance(r, Route) and "POST" in (r.methods or ())]
    # Those of a guest's own page have a session of their own, and test_own_page.py asks each.
    paths = [path for path in paths if not path.startswith("/me/")]
    assert len(paths) > 10
    filled = [re.sub(r"\{[^}]*:uuid\}", str(uuid4()), path) for path in paths]
    filled = [re.sub(r"\{[^}]*:int\}", "1", path) for path in filled]
    return [path.replace("{sample_id}", "s0") for path in filled]


async def test_every_unsafe_route_refuses_a_request_without_token(browser, app, fake):
    fake.add_guest("Ada")
    for path in unsafe_paths(app):
        plain = await browser.post(path, data={"name": "x"})
        assert plain.status_code == 403, path
        form = await browser.post(path, data={"a": "b"}, files={"photo": ("p.jpg", b"x")})
        assert form.status_code == 403, path
    assert fake.uploads == []
    assert len(fake.guests) == 1


async def test_token_of_another_session_is_refused(browser, fake):
    await browser.open("/")
    mine = browser.token
    fake.token = "second"
    await browser.open("/sign-in/good-link")
    answer = await browser.post("/demo", data={"csrf_token": mine})
    assert answer.status_code == 403


async def test_cross_site_request_is_refused_even_with_a_token(browser):
    await browser.open("/")
    answer = await browser.submit("/demo", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


async def test_token_passes_as_header_and_as_field(browser, fake):
    await browser.open("/")
    by_header = await browser.post("/demo", headers={"X-CSRF-Token": browser.token})
    assert by_header.status_code == 200
    assert fake.demo_state in ("loading", "loaded")
    assert (await browser.submit("/demo/remove")).status_code == 200


@pytest.mark.parametrize("path", ["/", "/guests", "/nothing-here", "/styleguide", "/sign-in"])
async def test_every_page_carries_a_strict_policy(browser, path):
    page = await browser.get(path)
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy and "data:" not in policy
    assert "frame-ancestors 'none'" in policy and "base-uri 'none'" in policy
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["permissions-policy"].startswith("camera=(self)")
    assert page.headers["cache-control"] == "private, no-store"


async def test_a_fault_of_ours_is_a_page_with_the_policy(browser, monkeypatch):
    monkeypatch.setattr("services.web.routes.system.render", None)
    page = await browser.get("/system")
    assert page.status_code == 500
    assert "content-security-policy" in page.headers
    assert "Something went wrong on our side" in page.text


@pytest.mark.parametrize("path", ["/", "/guests", "/system", "/styleguide", "/guests/new"])
async def test_no_page_carries_inline_script_or_style(browser, fake, path):
    fake.add_guest("Ada")
    html = (await browser.get(path)).text
    assert not re.search(r"\sstyle=", html)
    assert not re.search(r"\son[a-z]+=", html)
    assert "<style" not in html
    scripts = re.findall(r"<script([^>]*)>", html)
    assert all("src=" in tag or "application/json" in tag for tag in scripts)


async def test_names_cannot_write_html(browser, fake):
    guest = fake.add_guest('<img src=x onerror="alert(1)">')
    for path in ("/guests", f"/guests/{guest['id']}", f"/guests/{guest['id']}/delete"):
        html = (await browser.get(path)).text
        assert "<img src=x" not in html
        assert "&lt;img src=x" in html


@pytest.mark.parametrize("target", ["//evil.example", "/\\evil.example", "https://evil.example"])
async def test_preferences_lead_only_to_own_pages(visitor, target):
    answer = await visitor.get(
        "/preferences", params={"theme": "light", "next": target}, follow_redirects=False
    )
    assert answer.headers["location"] == "/"


async def test_assets_are_kept_and_have_one_hash(browser):
    page = await browser.get("/styleguide")
    urls = set(re.findall(r'(?:href|src)="(/static/[^"#]+)', page.text))
    assert len({url.split("/")[2] for url in urls}) == 1
    for url in urls:
        asset = await browser.get(url)
        assert asset.status_code == 200, url
        assert "immutable" in asset.headers["cache-control"]
    assert (await browser.get("/static/000000000000/css/tokens.css")).status_code == 404


async def test_pictures_need_the_session_and_are_never_kept(browser, visitor, fake):
    guest = fake.add_guest("Ada")
    path = f"/guests/{guest['id']}/portrait"
    picture = await browser.shown(f"/guests/{guest['id']}", path)
    assert picture.headers["content-type"] == "image/jpeg"
    assert picture.headers["cache-control"] == "private, no-store"
    made_up = await browser.get(path)
    assert made_up.status_code == 404 and "opens nothing" in made_up.text
    visitor.cookies.clear()
    refused = await visitor.get(path, follow_redirects=False)
    assert refused.status_code == 303


async def test_manifest_names_icons_that_exist(visitor):
    manifest = (await visitor.get("/manifest.webmanifest")).json()
    assert manifest["display"] == "standalone"
    for icon in manifest["icons"]:
        assert (await visitor.get(icon["src"])).status_code == 200
