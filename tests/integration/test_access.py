"""Deny by default: every route but the exchange of a link asks who is calling."""

import httpx
import pytest

from services.role_table import OPEN_ROUTES
from vestibule.records import access, tables

OPEN = {(method.lower(), path) for method, path in OPEN_ROUTES}


def operations(api) -> list[tuple[str, str]]:
    paths = api.get("/v1/openapi.json").json()["paths"]
    return [(method, path) for path, item in paths.items() for method in item]


def test_every_operation_refuses_a_caller_without_a_token(api, product):
    some_id = "00000000-0000-0000-0000-000000000000"
    with httpx.Client(base_url=product.url, trust_env=False) as stranger:
        for method, path in operations(api):
            if (method, path) in OPEN:
                continue
            filled = "/".join(some_id if part.startswith("{") else part for part in path.split("/"))
            answer = stranger.request(method, filled)
            assert answer.status_code == 401, (method, path)
            assert answer.json()["code"] == "not_signed_in"


@pytest.mark.parametrize("header", ["Bearer wrong", "Basic abc", "Bearer"])
def test_wrong_credentials_are_refused(product, header):
    raw = [(b"authorization", header.encode())]
    with httpx.Client(base_url=product.url, trust_env=False) as stranger:
        answer = stranger.get("/v1/status", headers=raw)
    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")


def test_sign_in_link_works_once(product):
    token = product.sign_in_url().rsplit("/", 1)[-1]
    with httpx.Client(base_url=product.url, trust_env=False) as browser:
        first = browser.post("/v1/session", json={"token": token})
        second = browser.post("/v1/session", json={"token": token})

        assert first.status_code == 201
        assert (second.status_code, second.json()["code"]) == (401, "sign_in_link_spent")
        headers = {"Authorization": f"Bearer {first.json()['access_token']}"}
        assert browser.get("/v1/session", headers=headers).json()["actor"] == "owner"
        assert browser.delete("/v1/session", headers=headers).status_code == 204
        assert browser.get("/v1/session", headers=headers).status_code == 401


def test_tokens_are_stored_as_hashes_only(product):
    with product.installation.runtime.database.begin() as transaction:
        found = transaction.get(tables.AccessToken, access.digest(product.api_key))
        everything = " ".join(str(vars(row)) for row in transaction.query(tables.AccessToken).all())

    assert found is not None
    assert product.api_key not in everything


def test_answers_say_that_nobody_may_keep_them(api):
    answer = api.get("/v1/status")

    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-request-id"]


def test_unknown_path_and_method_are_problems_too(api):
    missing = api.get("/v1/nothing-here")
    wrong = api.put("/v1/status")

    assert (missing.status_code, missing.json()["code"]) == (404, "not_found")
    assert (wrong.status_code, wrong.json()["code"]) == (405, "method_not_allowed")


def test_every_operation_says_what_it_does(api):
    document = api.get("/v1/openapi.json").json()
    for path, item in document["paths"].items():
        for method, operation in item.items():
            assert operation.get("summary"), (method, path)
            assert "default" in operation["responses"] or (method, path) in OPEN
    assert "Vestibule API" in api.get("/v1/docs").text
