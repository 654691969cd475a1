"""Alerts over HTTP: what the door is told, who may answer, and a stream that loses nothing."""

import dataclasses
import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from uuid import uuid4

import anyio
import httpx
import pytest

from services.api import alert_stream
from services.api.main import create_api
from tests.integration.watchlisted import home, keep_out
from vestibule.domain.permissions import Grant, Role
from vestibule.records import access, accounts
from vestibule.records.tables import Venue
from vestibule.workflows.sign_in import make_api_key

HIDDEN = ("customer", "score", "threshold", "review_threshold", "alikeness", "answer")


class Client:
    """One caller before the application itself, without a network between."""

    def __init__(self, app, token: str) -> None:
        self.token = token
        self._app = app

    def get(self, path: str, **options) -> httpx.Response:
        return anyio.run(self._send, "GET", path, options)

    def post(self, path: str, **options) -> httpx.Response:
        return anyio.run(self._send, "POST", path, options)

    async def _send(self, method: str, path: str, options: dict) -> httpx.Response:
        transport = httpx.ASGITransport(app=self._app)
        headers = {"Authorization": f"Bearer {self.token}"}
        async with httpx.AsyncClient(
            transport=transport, base_url="http://api.test", headers=headers
        ) as http:
            return await http.request(method, path, **options)


@pytest.fixture
def guest(stage):
    made = stage.guest("Ada Unsaid", stage.axis(0))
    keep_out(stage.runtime, made.id)
    return made


@pytest.fixture
def here(open_stage, stage):
    return dataclasses.replace(open_stage, runtime=stage.runtime)


@pytest.fixture
def as_role(stage, here):
    """A client of somebody who has that role at the venue; ``token`` is their session's."""
    app = create_api(here)

    def make(role: Role, venue_id=None) -> Client:
        token, now = f"session of {role} {uuid4()}", stage.runtime.clock.now()
        with stage.runtime.database.begin() as transaction:
            name = f"A {role}"
            account = accounts.add(transaction, name=name, email=None, status="ACTIVE", now=now)
            grants = [Grant(role, venue_id)]
            accounts.grant_roles(transaction, account.id, grants, granted_by="test", now=now)
            access.add_session(
                transaction,
                token,
                actor=name,
                account_id=account.id,
                now=now,
                expires_at=now + timedelta(days=365),
            )
        return Client(app, token)

    return make


@pytest.fixture
def photo(stage, guest):  # noqa: ARG001 - the guest whom it shows
    return stage.identified(stage.photo(stage.axis(0), stage.axis(5)))


@pytest.mark.parametrize("role", [Role.DOOR, Role.HOST])
def test_door_is_told_to_call_a_manager_and_nothing_of_whom(as_role, photo, guest, role):
    answer = as_role(role).get(f"/v1/photos/{photo.id}")

    called, other = answer.json()["faces"]
    assert called["alert"] == {"state": "call_manager", "alert_id": None}
    assert [called[name] for name in HIDDEN] == [None] * len(HIDDEN)
    assert called["decision"] == "REVIEW" and called["crop_url"]
    assert other["alert"] is None and other["decision"] == "UNKNOWN"
    assert str(guest.id) not in answer.text and "Unsaid" not in answer.text


def test_opinion_of_the_door_tells_no_more(as_role, photo, guest):
    door = as_role(Role.DOOR)
    face = door.get(f"/v1/photos/{photo.id}").json()["faces"][0]

    answer = door.post(f"/v1/faces/{face['id']}/answer", json={"answer": "same_person"})

    assert answer.json() == face
    assert str(guest.id) not in answer.text
    (alert,) = as_role(Role.MANAGER).get("/v1/alerts").json()["items"]
    assert [seen["door_said"] for seen in alert["sightings"]] == ["same_person"]


@pytest.mark.usefixtures("photo")
@pytest.mark.parametrize("role", [Role.DOOR, Role.HOST, Role.ADMIN, Role.DPO])
def test_alerts_are_answered_by_managers_alone(as_role, role):
    manager = as_role(Role.MANAGER)
    (alert,) = manager.get("/v1/alerts").json()["items"]
    other = as_role(role)

    refused = other.post(f"/v1/alerts/{alert['id']}/answer", json={"answer": "not_them"})

    assert refused.status_code == 403
    assert other.get("/v1/alerts/events").status_code == 403
    reads = {Role.DPO: 200}.get(role, 403)
    assert other.get("/v1/alerts").status_code == reads
    assert other.get(f"/v1/alerts/{alert['id']}").status_code == reads
    assert other.get("/v1/alerts/figures").status_code == reads


def test_manager_sees_both_faces_answers_and_is_counted(stage, as_role, photo):
    manager = as_role(Role.MANAGER)
    page = manager.get("/v1/alerts").json()
    (alert,) = page["items"]
    assert (alert["customer"]["name"], page["open_count"]) == ("Ada Unsaid", 1)
    for url in (alert["crop_url"], alert["enrolled_crop_url"]):
        assert manager.get(url).status_code == 200

    path = f"/v1/alerts/{alert['id']}/answer"
    answered = manager.post(path, json={"answer": "not_them"}).json()
    assert (answered["state"], answered["answered_by"]) == ("not_them", "A manager")
    assert answered["crop_url"] is None, "nobody is shown that face any more"
    late = as_role(Role.MANAGER).post(path, json={"answer": "same_person"})
    assert (late.status_code, late.json()["facts"]["answered_by"]) == (409, "A manager")

    stage.runtime.clock.moment = stage.runtime.clock.moment.replace(microsecond=1)
    (figures,) = manager.get("/v1/alerts/figures").json()["items"]
    assert (figures["raised"], figures["not_them"], figures["false_share"]) == (1, 1, 1.0)
    (door,) = [as_role(Role.DOOR).get(f"/v1/photos/{photo.id}").json()["faces"][0]]
    assert (door["alert"], door["answer"]) == (None, "not_them")


@pytest.mark.usefixtures("photo")
def test_key_of_a_program_answers_nothing(stage, here, as_role):
    (alert,) = as_role(Role.MANAGER).get("/v1/alerts").json()["items"]
    key = make_api_key(stage.runtime.database, stage.runtime.clock, name="till", expires_at=None)
    program = Client(create_api(here), key)
    path = f"/v1/alerts/{alert['id']}/answer"
    assert program.post(path, json={"answer": "not_them"}).status_code == 403


@pytest.mark.parametrize("cursor", ["x", "W10=", "WyJub3ciLCAxXQ=="])
def test_cursor_of_somebody_else_is_refused(as_role, cursor):
    answer = as_role(Role.MANAGER).get("/v1/alerts", params={"cursor": cursor})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")


# ── the stream ──────────────────────────────────────────────────────────────────────────────
class NoNotifications:
    """A process whose LISTEN was lost: it finds out by looking."""

    def watch_alerts(self, wake):
        """Never woken."""

    def unwatch_alerts(self, wake):
        """As above."""


def heard(here, token: str, after: int | None, pieces: int) -> list[dict]:
    """So many events of a stream, each with its id and name."""

    async def listen() -> list[dict]:
        found: list[dict] = []
        async for piece in alert_stream.alert_stream(here, token, after):
            lines = dict(line.split(": ", 1) for line in piece.strip().splitlines())
            found.append({**lines, "data": json.loads(lines["data"])})
            if len(found) == pieces:
                break
        return found

    return anyio.run(listen)


@pytest.fixture
def deaf(here, monkeypatch):
    monkeypatch.setattr(alert_stream, "POLL_S", 0.05)
    return SimpleNamespace(runtime=here.runtime, notifications=NoNotifications())


@pytest.mark.usefixtures("photo")
def test_stream_goes_on_where_it_ended(stage, deaf, as_role):
    token = as_role(Role.MANAGER).token
    (greeting,) = heard(deaf, token, None, 1)
    assert (greeting["event"], greeting["data"]) == ("alerts", {"open_count": 1})
    last = int(greeting["id"])
    stage.runtime.clock.moment = stage.runtime.clock.moment.replace(day=28)
    stage.identify(stage.photo(stage.axis(0)))

    again, news = heard(deaf, token, last, 2)

    assert (again["event"], int(again["id"])) == ("alerts", last)
    assert (news["data"]["kind"], int(news["id"])) == ("raised", news["data"]["number"])
    assert int(news["id"]) > last and "Unsaid" not in json.dumps(news)
    (ahead,) = heard(deaf, token, last + 1_000_000, 1)
    assert int(ahead["id"]) == int(news["id"]), "an id that is none of ours begins anew"


def test_stream_ends_with_the_session(stage, deaf, as_role):
    token = as_role(Role.MANAGER).token

    async def listen() -> list[str]:
        stream = alert_stream.alert_stream(deaf, token, None)
        await anext(stream)
        with stage.runtime.database.begin() as transaction:
            access.revoke(transaction, token, now=stage.runtime.clock.now())
        return [piece async for piece in stream]

    assert anyio.run(listen) == ["event: ended\ndata: {}\n\n"]


@pytest.mark.usefixtures("photo")
def test_manager_of_another_venue_hears_and_sees_nothing(stage, deaf, as_role):
    later = datetime(2100, 1, 1, tzinfo=UTC)  # the first venue there is stays the home of others
    elsewhere = Venue(name="B", timezone="UTC", closes_at_hour=6, created_at=later)
    with stage.runtime.database.begin() as transaction:
        transaction.add(elsewhere)
        transaction.flush()
        venue_id = elsewhere.id
    other = as_role(Role.MANAGER, venue_id)
    (alert,) = as_role(Role.MANAGER, home(stage.runtime)).get("/v1/alerts").json()["items"]

    assert other.get("/v1/alerts").json()["items"] == []
    assert other.get(f"/v1/alerts/{alert['id']}").status_code == 403
    (greeting,) = heard(deaf, other.token, 0, 1)
    assert greeting["data"] == {"open_count": 0}
