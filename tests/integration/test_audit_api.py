"""The audit log over HTTP: who may read it, what a look leaves behind, files to take along."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx
import pytest

from vestibule.records import audit
from vestibule.workflows.sign_in import make_api_key


@pytest.fixture
def name(product) -> str:
    """An action that only this test's entries have: three of them."""
    name = f"test.{uuid4().hex}"
    with product.installation.runtime.database.begin() as transaction:
        for number in range(3):
            audit.append(
                transaction,
                at=datetime.now(UTC),
                actor="=1+1",
                action=name,
                subject=f"thing:{number}",
                is_odd=number % 2 == 1,
            )
    return name


def search(api, **asked) -> list[dict]:
    answer = api.get("/v1/audit/entries", params=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


def test_search_goes_page_by_page_and_is_recorded_once(api, name):
    first = api.get("/v1/audit/entries", params={"action": name, "limit": 2}).json()
    rest = api.get(
        "/v1/audit/entries", params={"action": name, "limit": 2, "cursor": first["next_cursor"]}
    ).json()

    found = [entry["subject"] for entry in first["items"] + rest["items"]]
    assert found == ["thing:2", "thing:1", "thing:0"]
    assert rest["next_cursor"] is None
    recorded = search(api, action="audit.search")
    assert sum(entry["details"]["asked"].get("action") == name for entry in recorded) == 1


def test_time_actor_and_subject_narrow_the_search(api, name):
    soon = (datetime.now(UTC) + timedelta(minutes=1)).isoformat()

    assert search(api, action=name, since=soon) == []
    assert len(search(api, action=name, until=soon, actor="=1+1")) == 3
    assert len(search(api, action=name, subject="thing:1")) == 1


@pytest.mark.parametrize("cursor", ["x", "W10=", "WyJub3ciLCAxXQ==", "WzEsIDFd"])
def test_cursor_of_somebody_else_is_refused(api, cursor):
    answer = api.get("/v1/audit/entries", params={"cursor": cursor})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")


def test_files_hold_every_entry_with_its_hash_and_are_recorded(api, name):
    as_csv = api.get("/v1/audit/export", params={"action": name})
    as_lines = api.get("/v1/audit/export", params={"action": name, "format": "jsonl"})

    rows = list(csv.DictReader(io.StringIO(as_csv.text)))
    lines = [json.loads(line) for line in as_lines.text.splitlines()]
    assert "attachment" in as_csv.headers["content-disposition"]
    assert [row["subject"] for row in rows] == [line["subject"] for line in lines]
    assert {row["actor"] for row in rows} == {"'=1+1"}, "no spreadsheet computes it"
    assert lines[1]["previous_sha256"] == lines[0]["entry_sha256"]
    formats = [entry["details"]["format"] for entry in search(api, action="audit.export")]
    assert {"csv", "jsonl"} <= set(formats)


def test_who_may_not_read_the_log_gets_nothing_of_it(product):
    runtime = product.installation.runtime
    key = make_api_key(
        runtime.database,
        runtime.clock,
        name="door tablet",
        expires_at=None,
        scopes=["photos.identify", "customers.view"],
    )
    headers = {"Authorization": f"Bearer {key}"}
    with httpx.Client(base_url=product.url, headers=headers, trust_env=False) as door:
        for method, path in (
            ("GET", "/v1/audit/entries"),
            ("GET", "/v1/audit/export"),
            ("POST", "/v1/audit/verification"),
        ):
            answer = door.request(method, path)
            assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


def test_head_that_somebody_kept_is_compared_too(api):
    report = api.post("/v1/audit/verification").json()
    assert (report["broken_at"], report["flaw"]) == (None, None)

    kept = {**report["head"], "entry_sha256": "0" * 64}
    answer = api.post("/v1/audit/verification", json={"head": kept}).json()

    assert (answer["broken_at"], answer["flaw"]) == (kept["number"], "changed")
