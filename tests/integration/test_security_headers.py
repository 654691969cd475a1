"""What every answer tells a browser to refuse: each route and page, let in or not, found or not."""

import pytest

from tests.integration.test_roles import ENDLESS, PAGES, ROUTES, filled
from tests.people import headers, link_for, sign_in_as
from vestibule.domain.permissions import Role

pytestmark = pytest.mark.anyio

OPEN = (("GET", "/v1/openapi.json"), ("GET", "/v1/docs"), ("GET", "/healthz"), ("GET", "/v1/none"))
ASIDE = ("/sign-in", "/styleguide", "/manifest.webmanifest", "/nothing-here", "/healthz")


def lacking(answer, *, referrer: str) -> list[str]:
    said = answer.headers
    wanted = {
        "nosniff": said.get("x-content-type-options") == "nosniff",
        "frames": said.get("x-frame-options") == "DENY",
        "referrer": said.get("referrer-policy") == referrer,
        "policy": "default-src 'none'" in said.get("content-security-policy", ""),
        "other sites": said.get("cross-origin-resource-policy") == "same-origin",
        "cookies": all(
            "httponly" in one.lower() and "samesite=lax" in one.lower()
            for one in said.get_list("set-cookie")
            if "vestibule=" in one
        ),
        "no program named": "server" not in said and "x-powered-by" not in said,
    }
    return [name for name, holds in wanted.items() if not holds]


@pytest.mark.duty("GDPR 32")
@pytest.mark.parametrize("role", [None, Role.MANAGER])
async def test_art_32_every_answer_of_the_api_is_guarded_and_never_kept(client, here, role):
    asked = {} if role is None else headers(sign_in_as(here.runtime, role))
    wrong = []
    for method, path in [*((method, path) for method, path, _ in ROUTES), *OPEN]:
        if (method, path) in ENDLESS or (method, path) == ("DELETE", "/v1/session"):
            continue
        answer = await client.request(method, filled(path), headers=asked)
        found = lacking(answer, referrer="no-referrer")
        if path.startswith("/v1") and "no-store" not in answer.headers.get("cache-control", ""):
            found.append("kept")
        wrong += [(method, path, found)] if found else []
    assert wrong == []


@pytest.mark.duty("GDPR 32")
async def test_art_32_fault_of_ours_is_guarded_and_never_kept(client, here, monkeypatch):
    def falls_over(*_arguments, **_named):
        raise RuntimeError("unforeseen")

    monkeypatch.setattr(type(here.runtime.database), "look", falls_over)
    answer = await client.get("/v1/venues", headers=headers("anything"))
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert lacking(answer, referrer="no-referrer") == []
    assert answer.headers["x-request-id"] == answer.json()["request_id"]
    assert "no-store" in answer.headers["cache-control"]


@pytest.mark.duty("GDPR 32")
@pytest.mark.parametrize("role", [None, Role.MANAGER])
async def test_art_32_every_page_is_guarded_and_never_kept(web, here, role):
    if role is not None:
        await web.get(f"/sign-in/{link_for(here.runtime, role)}")
    wrong = []
    for path in [*(path for _, path, _ in PAGES), *ASIDE]:
        if ("GET", path) in ENDLESS:
            continue
        answer = await web.get(filled(path), headers={"Accept": "text/html"})
        found = lacking(answer, referrer="same-origin")
        policy = answer.headers["content-security-policy"]
        if "unsafe" in policy or "frame-ancestors 'none'" not in policy:
            found.append("loose policy")
        if "no-store" not in answer.headers["cache-control"]:
            found.append("kept")
        wrong += [(path, found)] if found else []
    assert wrong == []
