"""The API against its own OpenAPI document: no server error and no answer that is not in it."""

from datetime import timedelta

import httpx
import pytest
import structlog

from services.started_here import started_here
from tests.integration.made_up_requests import EXAMPLES, MadeUpRequests
from tests.people import sign_in_as
from vestibule.domain.permissions import Role
from vestibule.workflows.sign_in import exchange_link

LEFT_OUT = {
    "POST /v1/demo": "fetches portraits from a package index",
}
SECONDS_AN_EXAMPLE = 30


@pytest.fixture(scope="module", autouse=True)
def short_tracebacks():
    """Untold, structlog shows the locals of each frame of a fault: a minute of printing."""
    before = structlog.get_config()
    structlog.configure(
        processors=[
            structlog.processors.format_exc_info,
            structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
        ]
    )
    yield
    structlog.configure(**before)


@pytest.fixture(scope="module")
def its_own(make_settings):
    """A product of its own: what is made up here erases, switches and revokes."""
    with started_here(make_settings()) as running:
        yield running


@pytest.fixture(scope="module")
def lived_in(its_own, empty_photo):
    """Something behind the ids of most paths."""
    token = owner_of(its_own)()
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=its_own.url, headers=headers, trust_env=False, timeout=60) as http:
        for name in ("Ada", "Bob", "Zoé"):
            guest = http.post("/v1/customers", json={"name": name}).raise_for_status().json()
            http.post("/v1/incidents", json=fight_of(guest["id"])).raise_for_status()
        http.post("/v1/photos", content=empty_photo).raise_for_status()
    return its_own


def fight_of(customer_id: str) -> dict:
    people = [{"part": "actor", "customer_id": customer_id}]
    return {"kind": "violence", "severity": 3, "account": "A fight.", "people": people}


def owner_of(product):
    def sign_in() -> str:
        token = product.sign_in_url().rsplit("/", 1)[-1]
        runtime = product.installation.runtime
        life = timedelta(hours=1)
        return exchange_link(runtime.database, runtime.clock, token, life=life).access_token

    return sign_in


def door_of(product):
    return lambda: sign_in_as(product.installation.runtime, Role.DOOR)


def test_number_that_no_column_holds_is_refused_as_input(lived_in):
    headers = {"Authorization": f"Bearer {owner_of(lived_in)()}"}
    path = "/v1/index-generations/99999999999"
    answer = httpx.get(lived_in.url + path, headers=headers, trust_env=False, timeout=60)

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")


@pytest.mark.timeout(300 + EXAMPLES * SECONDS_AN_EXAMPLE)
@pytest.mark.parametrize(("whose", "examples"), [(owner_of, EXAMPLES), (door_of, EXAMPLES // 3)])
def test_made_up_requests_get_documented_answers_and_no_server_error(lived_in, whose, examples):
    made_up = MadeUpRequests(
        lived_in.url, whose(lived_in), leave_out=set(LEFT_OUT), examples=examples
    )
    faults = {
        operation.label: found
        for operation in made_up.operations()
        if (found := made_up.faults_of(operation))
    }
    told = "\n\n".join(f"── {label}: {len(f)}\n{f[0]}" for label, f in faults.items())

    assert made_up.sent > examples * 20
    assert not faults, told
