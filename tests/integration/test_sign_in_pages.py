"""The pages of signing in and of people, before the real API."""

import base64
import re

import pytest

from tests.people import PASSWORD, TEN_WORDS, headers, invited_person, link_for, sign_in_as
from vestibule.domain.permissions import Role
from vestibule.domain.totp import code_of, step_at

pytestmark = pytest.mark.anyio
ORIGIN = {"Origin": "http://vestibule.test"}


async def send(web, path: str, fields: dict[str, str], *, token: str = ""):
    """A form as a page of ours sends it."""
    return await web.post(path, data={"csrf_token": token, **fields}, headers=ORIGIN)


async def token_of(web, path: str = "/") -> str:
    page = await web.get(path, follow_redirects=True)
    return re.search(r'data-csrf="([^"]+)"', page.text)[1]


async def sign_in(web, email: str, password: str = PASSWORD):
    return await send(web, "/sign-in", {"email": email, "password": password})


async def test_password_leads_in_and_wrong_ones_say_so_and_keep_the_address(web, client, here):
    email = await invited_person(client, here, Role.HOST)
    refused = await sign_in(web, email, "not it at all")
    assert refused.status_code == 401
    assert "do not belong together" in refused.text and email in refused.text
    assert (await sign_in(web, email)).headers["location"] == "/"
    assert (await web.get("/guests")).status_code == 200
    fields = {"email": email, "password": PASSWORD, "next": "/guests?tag=VIP"}
    assert (await send(web, "/sign-in", fields)).headers["location"] == "/guests?tag=VIP"


@pytest.mark.parametrize("headers", [{}, {"Origin": "https://evil.example"}, {"Origin": "null"}])
async def test_form_that_another_site_sends_signs_nobody_in(web, client, here, headers):
    email = await invited_person(client, here, Role.HOST)
    fields = {"email": email, "password": PASSWORD}
    answer = await web.post("/sign-in", data=fields, headers=headers)
    assert answer.status_code == 403
    assert "vestibule" not in web.cookies


async def test_slowed_down_says_how_long(web, client, here):
    email = await invited_person(client, here, Role.HOST)
    for _ in range(8):
        page = await sign_in(web, email, "wrong")
    assert page.status_code == 429
    assert re.search(r"Try again in \d+ second", page.text)


async def test_invitation_is_accepted_on_its_page(web, client, here):
    admin = headers(sign_in_as(here.runtime, Role.ADMIN))
    body = {"name": "Zoé", "email": "zoe-page@club.example", "roles": [{"role": "door"}]}
    path = (await client.post("/v1/people", json=body, headers=admin)).json()["path"]

    assert "Zoé" in (await web.get(path)).text
    weak = await send(web, path, {"password": "password1234"})
    assert (weak.status_code, "guessed first" in weak.text) == (422, True)
    assert (await send(web, path, {"password": PASSWORD})).headers["location"] == "/"
    assert (await web.get("/")).status_code == 200
    spent = await web.get(path)
    assert (spent.status_code, "no longer works" in spent.text) == (410, True)


async def test_second_factor_is_set_up_asked_for_and_owed_by_role(web, client, here):
    email = await invited_person(client, here, Role.HOST)
    admin = headers(sign_in_as(here.runtime, Role.ADMIN))
    await client.patch("/v1/sign-in-policy", json={"second_factor_roles": ["host"]}, headers=admin)
    try:
        await sign_in(web, email)
        assert (await web.get("/guests")).headers["location"] == "/account"
        token = await token_of(web, "/account")
        made = await send(web, "/account/second-factor", {"password": PASSWORD}, token=token)
        secret = base64.b32decode(re.search(r'class="secret">(\w+)<', made.text)[1])
        code = code_of(secret, step_at(here.runtime.clock.now()))
        done = await send(web, "/account/second-factor/confirmation", {"code": code}, token=token)
        recovery = re.findall(r"<code>([A-Z2-7-]{19})</code>", done.text)
        assert len(recovery) == 10
        assert (await web.get("/guests")).status_code == 200
    finally:
        none = {"second_factor_roles": []}
        await client.patch("/v1/sign-in-policy", json=none, headers=admin)
    assert (await sign_in(web, email)).headers["location"] == "/sign-in/code"
    assert (await send(web, "/sign-in/code", {"code": "000000"})).status_code == 401
    assert (await send(web, "/sign-in/code", {"code": recovery[0]})).headers["location"] == "/"


async def test_password_is_changed_on_the_account_page(web, client, here):
    email = await invited_person(client, here, Role.HOST)
    await sign_in(web, email)
    token = await token_of(web, "/account")
    wrong = await send(web, "/account/password", {"current": "x", "new": TEN_WORDS}, token=token)
    assert (wrong.status_code, "not your present password" in wrong.text) == (422, True)
    body = {"current": PASSWORD, "new": TEN_WORDS}
    assert (await send(web, "/account/password", body, token=token)).status_code == 303
    assert (await sign_in(web, email, TEN_WORDS)).headers["location"] == "/"


async def test_administrator_invites_gives_and_takes_roles_and_disables(web, here):
    await web.get(f"/sign-in/{link_for(here.runtime, Role.ADMIN)}")
    token = await token_of(web, "/system/people")
    body = {"name": "Ada", "email": "ada-page@club.example", "role": "door", "venue": ""}
    made = await send(web, "/system/people", body, token=token)
    assert "http://vestibule.test/invitations/" in made.text
    again = await send(web, "/system/people", body, token=token)
    assert (again.status_code, "already" in again.text) == (409, True)
    path = re.search(r'href="(/system/people/[0-9a-f-]{36})"', made.text)[1]
    role = {"role": "manager", "venue": ""}

    assert (await send(web, f"{path}/roles/give", role, token=token)).status_code == 303
    assert "Manager" in re.split("Give this role", (await web.get(path)).text)[0]
    await send(web, f"{path}/roles/take", role, token=token)
    await send(web, f"{path}/disablement", {}, token=token)
    assert "Disabled" in (await web.get(path)).text


async def test_key_is_shown_once_and_revoked(web, here):
    await web.get(f"/sign-in/{link_for(here.runtime, Role.ADMIN)}")
    token = await token_of(web, "/system/keys")
    nothing = await send(web, "/system/keys", {"name": "till", "days": "30"}, token=token)
    assert nothing.status_code == 422
    fields = {"name": "till of the page", "days": "30", "scope-system.view": "yes"}
    made = await send(web, "/system/keys", fields, token=token)
    key = re.search(r"vst_[\w-]+", made.text)[0]
    listed = (await web.get("/system/keys")).text
    assert "till of the page" in listed and key not in listed
    revoke = re.search(r"/system/keys/\w{16}/revoke", listed)[0]
    assert (await send(web, revoke, {}, token=token)).status_code == 303
