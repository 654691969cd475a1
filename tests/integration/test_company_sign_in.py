"""OpenID Connect against a real provider on a port of its own, also one that cheats."""

import dataclasses
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc.jwk import OctKey

from services.api.main import create_api
from tests.people import headers, invited_person, sign_in_as
from tests.servers.openid_provider import CLIENT_ID, CLIENT_SECRET, new_key, running_provider
from vestibule.adapters.openid_provider import OpenIdProvider
from vestibule.domain.errors import StartUpError
from vestibule.domain.permissions import Role
from vestibule.ports_identity import Company

pytestmark = pytest.mark.anyio
BACK = "http://vestibule.test/sign-in/company/callback"


@pytest.fixture
def provider():
    with running_provider() as provider:
        yield provider


@pytest.fixture
def at_company(here, provider):
    """The installation with the company's sign-in."""
    made = OpenIdProvider(provider.url, client_id=CLIENT_ID, client_secret=CLIENT_SECRET)
    company = Company(made, "Club account", {"club-managers": Role.MANAGER})
    runtime = dataclasses.replace(here.runtime, company=company)
    return dataclasses.replace(here, runtime=runtime)


@pytest.fixture
async def client(at_company):
    app = create_api(at_company)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
        yield client


async def go_there(client) -> dict[str, str]:
    """To the provider and back: what the browser brings."""
    body = {"redirect_uri": BACK}
    begun = (await client.post("/v1/session/company", json=body)).json()
    async with httpx.AsyncClient(trust_env=False) as browser:
        sent_back = await browser.get(begun["url"])
    query = parse_qs(urlsplit(sent_back.headers["location"]).query)
    return {"flow": begun["flow"], "state": query["state"][0], "code": query["code"][0]}


async def come_back(client, brought) -> httpx.Response:
    return await client.post("/v1/session/company/callback", json=brought)


async def sign_in(client) -> httpx.Response:
    return await come_back(client, await go_there(client))


def whoever(email: str | None = None, **claims: object) -> dict[str, object]:
    return {"sub": f"u-{email}", "email": email, "email_verified": True, **claims}


async def test_who_was_invited_signs_in_and_is_known_by_subject_from_then_on(
    client, here, provider
):
    email = await invited_person(client, here, Role.HOST)
    provider.who = whoever(email)
    first = await sign_in(client)
    provider.who["email"] = "renamed@club.example"
    second = await sign_in(client)

    assert first.json()["state"] == second.json()["state"] == "signed_in"
    said = await client.get("/v1/session", headers=headers(second.json()["access_token"]))
    assert said.json()["roles"] == [{"role": "host", "venue_id": None}]


async def test_groups_give_roles_and_take_them_back(client, here, provider):
    email = await invited_person(client, here, Role.HOST)
    provider.who = whoever(email, groups=["club-managers", "something else"])
    token = headers((await sign_in(client)).json()["access_token"])
    roles = (await client.get("/v1/session", headers=token)).json()["roles"]
    assert {held["role"] for held in roles} == {"host", "manager"}
    provider.who["groups"] = []
    token = headers((await sign_in(client)).json()["access_token"])
    roles = (await client.get("/v1/session", headers=token)).json()["roles"]
    assert [held["role"] for held in roles] == ["host"]


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "stranger@club.example"},
        {"email": None},
        {"email_verified": False},
        {"email_verified": None},
        {"email_verified": "true"},
    ],
)
async def test_who_was_not_invited_or_is_not_verified_is_refused(client, here, provider, claims):
    email = await invited_person(client, here, Role.HOST)
    provider.who = {**whoever(email), **claims}
    answer = await sign_in(client)
    assert (answer.status_code, answer.json()["code"]) == (401, "identity_refused")


async def test_address_of_somebody_else_does_not_take_their_account_over(client, here, provider):
    email = await invited_person(client, here, Role.HOST)
    provider.who = whoever(email)
    assert (await sign_in(client)).status_code == 200
    provider.who = {**whoever(email), "sub": "another"}
    assert (await sign_in(client)).status_code == 401


async def test_disabled_account_is_refused(client, here, provider):
    email = await invited_person(client, here, Role.HOST)
    admin = headers(sign_in_as(here.runtime, Role.ADMIN))
    people = (await client.get("/v1/people", headers=admin)).json()["items"]
    person = next(one for one in people if one["email"] == email)
    await client.post(f"/v1/people/{person['id']}/disablement", headers=admin)
    provider.who = whoever(email)
    assert (await sign_in(client)).status_code == 401


@pytest.mark.parametrize(
    "spoilt",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "another client"},
        {"aud": [CLIENT_ID, "another client"]},
        {"azp": "another client"},
        {"iss": "https://id.example.com"},
        {"exp": 1_000_000_000},
        {"exp": None},
        {"iat": None},
        {"sub": ""},
        {"sub": None},
    ],
    ids=str,
)
async def test_id_token_that_is_not_for_us_now_is_refused(client, here, provider, spoilt):
    provider.who = whoever(await invited_person(client, here, Role.HOST))
    provider.spoil = spoilt
    answer = await sign_in(client)
    assert (answer.status_code, answer.json()["code"]) == (401, "identity_refused")


async def test_token_signed_by_another_key_or_not_at_all_is_refused(client, here, provider):
    provider.who = whoever(await invited_person(client, here, Role.HOST))
    provider.signing = new_key("first")
    assert (await sign_in(client)).status_code == 401
    provider.signing, provider.algorithm = OctKey.import_key("x" * 32), "HS256"
    assert (await sign_in(client)).status_code == 401
    provider.algorithm = "none"
    assert (await sign_in(client)).status_code == 401
    provider.signing, provider.algorithm = None, "RS256"
    assert (await sign_in(client)).status_code == 200


async def test_new_key_of_the_provider_is_found(client, here, provider):
    provider.who = whoever(await invited_person(client, here, Role.HOST))
    assert (await sign_in(client)).status_code == 200
    provider.key = new_key("second")
    assert (await sign_in(client)).status_code == 200


async def test_what_comes_back_fits_what_was_begun_and_works_once(client, here, provider):
    provider.who = whoever(await invited_person(client, here, Role.HOST))
    mine, other = await go_there(client), await go_there(client)

    for wrong in (
        {**mine, "state": other["state"]},
        {**mine, "flow": "forged"},
        {**mine, "flow": other["flow"]},
    ):
        assert (await come_back(client, wrong)).json()["code"] == "sign_in_expired"
    swapped = {**mine, "code": other["code"]}  # another browser's code: PKCE does not fit
    assert (await come_back(client, swapped)).json()["code"] == "identity_refused"
    assert (await come_back(client, mine)).status_code == 200
    assert (await come_back(client, mine)).json()["code"] == "identity_refused"


async def test_flow_ends_after_minutes(client, here, provider):
    provider.who = whoever(await invited_person(client, here, Role.HOST))
    brought = await go_there(client)
    here.runtime.clock.moment += timedelta(minutes=11)
    assert (await come_back(client, brought)).json()["code"] == "sign_in_expired"


async def test_provider_that_is_away_is_told_and_password_goes_on(client, provider):
    provider.is_away = True
    answer = await client.post("/v1/session/company", json={"redirect_uri": BACK})
    assert (answer.status_code, answer.json()["code"]) == (503, "provider_unavailable")
    assert (await client.get("/v1/session/company")).json() == {"name": "Club account"}


def test_issuer_without_tls_is_refused():
    with pytest.raises(StartUpError):
        OpenIdProvider("http://id.example.com", client_id="x")
