"""One click makes a club in use, and one click leaves nothing of it but words in the audit log."""

import httpx
import pytest
from sqlalchemy import func, select

from services.started_here import started_here
from tests.people import sign_in_as
from vestibule.domain.permissions import Role
from vestibule.records import (
    accounts,
    alert_tables,
    incident_tables,
    offer_tables,
    purchase_tables,
    rights_tables,
    watchlist_tables,
)
from vestibule.records.tables import Customer
from vestibule.records.visit_tables import Visit
from vestibule.workflows.demo_guests import GUESTS

LIVED = (
    Customer,
    Visit,
    incident_tables.Incident,
    purchase_tables.Purchase,
    offer_tables.Offer,
    rights_tables.DataRequest,
    watchlist_tables.WatchlistProposal,
    watchlist_tables.WatchlistEntry,
    watchlist_tables.WatchlistAppeal,
    alert_tables.Alert,
)


@pytest.fixture
def fresh(make_settings):
    with started_here(make_settings()) as product:
        yield product


def counts(product) -> dict[str, int]:
    with product.installation.runtime.database.look() as transaction:
        return {
            table.__tablename__: transaction.scalar(select(func.count()).select_from(table)) or 0
            for table in LIVED
        }


def manager_of(product) -> httpx.Client:
    token = sign_in_as(product.installation.runtime, Role.MANAGER)
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.Client(base_url=product.url, headers=headers, timeout=60, trust_env=False)


def test_newcomer_sees_a_club_in_use_and_is_rid_of_it_again(fresh):
    runtime = fresh.installation.runtime
    fresh.load_demo()
    with manager_of(fresh) as http:
        proposals = http.get("/v1/watchlist/proposals").json()["items"]
        states = {one["state"] for one in http.get("/v1/incidents?limit=100").json()["items"]}
        appeals = http.get("/v1/watchlist/appeals").json()["items"]
        entries = http.get("/v1/watchlist/entries").json()["items"]
        alerts = http.get("/v1/alerts?state=open").json()["items"]
        tonight = http.get("/v1/tonight").json()

    assert {one["approvals_needed"] - one["approvals"] for one in proposals} >= {1, 2}
    assert states == {"reported", "verified", "dismissed", "closed"}
    assert (len(appeals), len(entries), len(alerts)) == (1, 1, 1)
    assert len(tonight["items"]) >= 4
    assert counts(fresh)["customer"] == len(GUESTS)
    assert counts(fresh)["purchase"] > 20
    assert counts(fresh)["data_request"] == 3
    with runtime.database.look() as transaction:
        staff = accounts.demo_staff(transaction)
        assert {one.status for one in staff} == {"ACTIVE"}
        assert {one.password_hash for one in staff} == {None}

    headers = {"Authorization": f"Bearer {fresh.api_key}"}
    httpx.delete(f"{fresh.url}/v1/demo", headers=headers, timeout=60).raise_for_status()

    assert set(counts(fresh).values()) == {0}
    with runtime.database.look() as transaction:
        assert {one.status for one in accounts.demo_staff(transaction)} == {"DISABLED"}
    fresh.load_demo()
    assert counts(fresh)["watchlist_appeal"] == 1


def test_where_real_guests_come_only_guests_are_loaded(fresh):
    headers = {"Authorization": f"Bearer {fresh.api_key}"}
    with httpx.Client(base_url=fresh.url, headers=headers, timeout=60, trust_env=False) as http:
        guest = http.post("/v1/customers", json={"name": "Somebody Real"}).json()
        body = {"customer_id": guest["id"], "source": "hand"}
        http.post("/v1/visits", json=body).raise_for_status()
    fresh.load_demo()
    found = counts(fresh)

    assert found["customer"] == len(GUESTS) + 1
    assert (found["incident"], found["purchase"], found["watchlist_proposal"]) == (0, 0, 0)
