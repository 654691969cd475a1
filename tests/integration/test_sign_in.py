"""Signing in by password and code: what is refused, slowed down, ended, and told to nobody."""

import asyncio
import base64
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.people import PASSWORD, TEN_WORDS, headers, invited_person, sign_in_as
from vestibule.domain.permissions import Role
from vestibule.domain.totp import STEP_S, code_of, step_at
from vestibule.records.audit_tables import AuditEntry

pytestmark = pytest.mark.anyio


async def sign_in(client, email, password=PASSWORD, **browser):
    body = {"email": email, "password": password, "browser": browser}
    return await client.post("/v1/session/password", json=body)


async def token_of(client, email, **browser) -> str:
    return (await sign_in(client, email, **browser)).json()["access_token"]


async def test_password_signs_in_with_the_roles_of_the_account(client, here):
    email = await invited_person(client, here, Role.HOST)
    step = (await sign_in(client, email.upper())).json()
    said = (await client.get("/v1/session", headers=headers(step["access_token"]))).json()

    assert step["state"] == "signed_in"
    assert said["roles"] == [{"role": "host", "venue_id": None}]


async def test_wrong_password_and_unknown_address_are_told_alike(client, here):
    email = await invited_person(client, here, Role.HOST)
    wrong = await sign_in(client, email, "not the password")
    unknown = await sign_in(client, "nobody@club.example", "not the password")

    assert wrong.status_code == unknown.status_code == 401
    different = {"request_id"}
    assert {k: v for k, v in wrong.json().items() if k not in different} == {
        k: v for k, v in unknown.json().items() if k not in different
    }


async def test_failures_are_slowed_down_alike_for_addresses_that_nobody_has(client, here):
    email = await invited_person(client, here, Role.HOST)
    for named in (email, "nobody-at-all@club.example"):
        codes = [
            (await sign_in(client, named, "wrong", source=f"of {named}")).status_code
            for _ in range(8)
        ]
        assert codes[:5] == [401] * 5
        assert codes[-1] == 429


async def test_slowed_down_says_when_and_then_lets_in(client, here):
    email = await invited_person(client, here, Role.HOST)
    for _ in range(9):
        answer = await sign_in(client, email, "wrong", source="198.51.100.1")
    assert answer.json()["code"] == "too_many_attempts"
    assert answer.headers["retry-after"] == str(answer.json()["facts"]["retry_after_s"])
    assert (await sign_in(client, email, source="198.51.100.1")).status_code == 429
    here.runtime.clock.moment += timedelta(seconds=answer.json()["facts"]["retry_after_s"])
    assert (await sign_in(client, email, source="198.51.100.1")).status_code == 200
    assert (await sign_in(client, email, "wrong", source="198.51.100.1")).status_code == 401


async def test_stranger_cannot_lock_out_a_known_browser(client, here):
    email = await invited_person(client, here, Role.HOST)
    known = (await sign_in(client, email, source="home")).json()["device_token"]
    for n in range(80):
        await sign_in(client, email, "wrong", source=f"botnet {n}")
        here.runtime.clock.moment += timedelta(seconds=2)
    assert (await sign_in(client, email, source="botnet 81")).status_code == 429
    mine = await sign_in(client, email, source="home", device_token=known)
    assert mine.status_code == 200
    assert mine.json()["device_token"] == known


async def test_device_of_somebody_else_is_no_known_device(client, here):
    email = await invited_person(client, here, Role.HOST)
    other = await invited_person(client, here, Role.HOST)
    theirs = (await sign_in(client, other)).json()["device_token"]
    for _ in range(9):
        answer = await sign_in(client, email, "wrong", source="same", device_token=theirs)
    assert answer.status_code == 429
    assert (await sign_in(client, email, source="same", device_token="made up")).status_code == 429


async def test_attempts_at_the_same_moment_are_counted_one_by_one(client, here):
    email = await invited_person(client, here, Role.HOST)
    answers = await asyncio.gather(
        *(sign_in(client, email, f"guess {n}", source="parallel") for n in range(20))
    )
    codes = [answer.status_code for answer in answers]

    assert codes.count(401) == 5
    assert codes.count(429) == 15


async def test_every_attempt_is_in_the_audit_log_without_address_or_password(client, here):
    email = await invited_person(client, here, Role.HOST)
    await sign_in(client, email, "a secret mistyped")
    await sign_in(client, "mistyped-secret@club.example", "x")
    await sign_in(client, email)
    with here.runtime.database.look() as transaction:
        query = select(AuditEntry).order_by(AuditEntry.number.desc()).limit(3)
        rows = list(transaction.scalars(query))

    assert [row.action for row in rows] == ["session.begin", "session.refused", "session.refused"]
    written = " ".join(f"{row.actor} {row.subject} {row.details}" for row in rows)
    assert "mistyped" not in written and email not in written


def held_back(here, *, last: int) -> list[int]:
    """What the latest entries of the audit log say of attempts that came too early."""
    with here.runtime.database.look() as transaction:
        query = select(AuditEntry).order_by(AuditEntry.number.desc()).limit(last)
        rows = list(transaction.scalars(query))
    assert {row.action for row in rows} == {"session.refused"}
    return [row.details["attempts"] for row in rows if "attempts" in row.details]


async def test_attempts_that_come_too_early_are_told_once_a_delay_with_their_number(client, here):
    email = await invited_person(client, here, Role.HOST)
    for n in range(12):
        await sign_in(client, email, f"guess {n}", source="198.51.100.7")
    assert held_back(here, last=6) == [1], "five were judged, the first that waited is told"
    here.runtime.clock.moment += timedelta(seconds=30)
    for n in range(4):
        await sign_in(client, email, f"guess again {n}", source="198.51.100.7")
    assert held_back(here, last=2) == [7], "six more waited then, and one now"


# ── sessions ────────────────────────────────────────────────────────────────────────────────
async def test_changed_password_ends_every_other_session(client, here):
    email = await invited_person(client, here, Role.HOST)
    mine, other = await token_of(client, email), await token_of(client, email)
    body = {"current": PASSWORD, "new": TEN_WORDS}
    changed = await client.post("/v1/account/password", json=body, headers=headers(mine))

    assert changed.status_code == 200 and changed.json()["ended"] >= 1
    assert (await client.get("/v1/session", headers=headers(other))).status_code == 401
    assert (await client.get("/v1/session", headers=headers(mine))).status_code == 200
    assert (await sign_in(client, email)).status_code == 401
    assert (await sign_in(client, email, TEN_WORDS)).status_code == 200


@pytest.mark.parametrize(
    ("current", "new", "code"),
    [
        ("not it", TEN_WORDS, "wrong_credentials"),
        (PASSWORD, "password1234", "weak_password"),
        (PASSWORD, "short", "weak_password"),
    ],
)
async def test_password_is_not_changed(client, here, current, new, code):
    email = await invited_person(client, here, Role.HOST)
    body = {"current": current, "new": new}
    mine = headers(await token_of(client, email))
    answer = await client.post("/v1/account/password", json=body, headers=mine)

    assert answer.json()["code"] == code
    assert (await sign_in(client, email)).status_code == 200


async def test_sessions_are_listed_and_ended_one_by_one(client, here):
    email = await invited_person(client, here, Role.HOST)
    mine = await token_of(client, email, words="Firefox on Android")
    other = await token_of(client, email, words="Chrome on Windows")
    sessions = (await client.get("/v1/account/sessions", headers=headers(mine))).json()["items"]
    by_device = {item["device"]: item for item in sessions}
    assert by_device["Firefox on Android"]["is_this"]
    path = f"/v1/account/sessions/{by_device['Chrome on Windows']['id']}"
    stranger = headers(await token_of(client, await invited_person(client, here, Role.ADMIN)))

    assert (await client.delete(path, headers=stranger)).status_code == 404
    assert (await client.delete(path, headers=headers(mine))).status_code == 204
    assert (await client.get("/v1/session", headers=headers(other))).status_code == 401
    assert mine not in str(sessions) and other not in str(sessions)


# ── second factor ───────────────────────────────────────────────────────────────────────────
async def with_second_factor(client, here) -> tuple[str, bytes, list[str]]:
    email = await invited_person(client, here, Role.MANAGER)
    mine = headers(await token_of(client, email))
    made = await client.post("/v1/account/second-factor", json={"password": PASSWORD}, headers=mine)
    assert made.json()["qr_svg"].startswith("<svg")
    secret = base64.b32decode(made.json()["secret"])
    codes = await client.post(
        "/v1/account/second-factor/confirmation",
        json={"code": present_code(here, secret)},
        headers=mine,
    )
    here.runtime.clock.moment += timedelta(seconds=2 * STEP_S)
    return email, secret, codes.json()["codes"]


def present_code(here, secret: bytes) -> str:
    return code_of(secret, step_at(here.runtime.clock.now()))


async def ticket_of(client, email) -> str:
    step = (await sign_in(client, email)).json()
    assert (step["state"], step["access_token"]) == ("code_owed", None)
    return step["ticket"]


async def give(client, ticket, code, **browser):
    body = {"ticket": ticket, "code": code, "browser": browser}
    return await client.post("/v1/session/code", json=body)


async def test_code_is_owed_after_the_password_and_works_once(client, here):
    email, secret, _ = await with_second_factor(client, here)
    first, second = await ticket_of(client, email), await ticket_of(client, email)
    code = present_code(here, secret)

    assert (await give(client, first, "000000" if code != "000000" else "1")).status_code == 401
    assert (await give(client, first, code)).json()["state"] == "signed_in"
    replayed = await give(client, second, code)
    assert (replayed.status_code, replayed.json()["code"]) == (401, "wrong_code")
    assert (await give(client, first, code)).json()["code"] == "sign_in_expired"


async def test_ticket_ends_after_minutes(client, here):
    email, secret, _ = await with_second_factor(client, here)
    ticket = await ticket_of(client, email)
    here.runtime.clock.moment += timedelta(minutes=6)

    answer = await give(client, ticket, present_code(here, secret))
    assert answer.json()["code"] == "sign_in_expired"


async def test_same_code_at_the_same_moment_signs_in_once(client, here):
    email, secret, _ = await with_second_factor(client, here)
    tickets = [await ticket_of(client, email) for _ in range(4)]
    code = present_code(here, secret)
    answers = await asyncio.gather(*(give(client, ticket, code) for ticket in tickets))

    assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401]


async def test_guessing_codes_is_slowed_down(client, here):
    email, secret, _ = await with_second_factor(client, here)
    ticket, right = await ticket_of(client, email), present_code(here, secret)
    wrong = "000000" if right != "000000" else "111111"
    codes = [(await give(client, ticket, wrong)).status_code for _ in range(8)]

    assert codes[-1] == 429
    assert (await give(client, ticket, right)).status_code == 429


async def test_recovery_code_stands_in_once(client, here):
    email, _secret, codes = await with_second_factor(client, here)
    assert len(codes) == 10
    lower = codes[0].lower()

    assert (await give(client, await ticket_of(client, email), lower)).status_code == 200
    again = await give(client, await ticket_of(client, email), codes[0])
    assert (again.status_code, again.json()["code"]) == (401, "wrong_code")


async def test_second_factor_is_not_removed_without_the_password(client, here):
    email, secret, _ = await with_second_factor(client, here)
    step = await give(client, await ticket_of(client, email), present_code(here, secret))
    mine, path = headers(step.json()["access_token"]), "/v1/account/second-factor/removal"

    assert (await client.post(path, json={"password": "x"}, headers=mine)).status_code == 401
    assert (await client.post(path, json={"password": PASSWORD}, headers=mine)).status_code == 204
    assert (await sign_in(client, email)).json()["state"] == "signed_in"


async def test_role_that_needs_a_second_factor_may_do_nothing_before(client, here):
    admin = headers(sign_in_as(here.runtime, Role.ADMIN))
    email = await invited_person(client, here, Role.HOST)
    mine = headers(await token_of(client, email))
    assert (await client.get("/v1/customers", headers=mine)).status_code == 200
    strict = {"second_factor_roles": ["host"]}
    await client.patch("/v1/sign-in-policy", json=strict, headers=admin)
    try:
        assert (await client.get("/v1/customers", headers=mine)).status_code == 403
        said = (await client.get("/v1/session", headers=mine)).json()
        assert said["owes_second_factor"] and said["permissions"] == []
        begun = await client.post(
            "/v1/account/second-factor", json={"password": PASSWORD}, headers=mine
        )
        assert begun.status_code == 200
    finally:
        none = {"second_factor_roles": []}
        await client.patch("/v1/sign-in-policy", json=none, headers=admin)
    assert (await client.get("/v1/customers", headers=mine)).status_code == 200
