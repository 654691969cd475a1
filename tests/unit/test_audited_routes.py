"""Every look at a person and every change leaves an entry, but for the routes named below."""

from collections.abc import Callable

import pytest
from fastapi.routing import iter_route_contexts

from services.role_table import routes_of_the_api
from services.web.audit_words import ACTIONS as WORDS
from tests.unit.audited import ROOT, modules, reaches_an_entry

NOBODY = (
    "transparency",
    "account",
    "accuracy-reports",
    "api-keys",
    "batches",
    "calibration",
    "index-generations",
    "import-sources",
    "jobs",
    "models",
    "people",
    "privacy-notices",
    "session",
    "sign-in-policy",
    "status",
    "demo",
    "venues",
)
"""What lies under these holds nothing of a customer; looking at it needs no entry."""

WITHOUT = {
    "GET /v1/alerts/events": "ids and times; the alert itself is asked for",
    "GET /v1/alerts/figures": "counts",
    "GET /v1/consumption-policy": "rules",
    "GET /v1/customer-imports": "how lists stand that people sent",
    "GET /v1/customer-imports/{import_id}": "what does not fit in a list, told to who sends lists",
    "GET /v1/retention": "rules and counts",
    "POST /v1/retention/trials": "counts; nothing is changed",
    "GET /v1/watchlist/policy": "rules",
    "GET /v1/backup-places": "folders and moments",
    "GET /v1/erasures/figures": "counts",
    "GET /v1/erasures/key": "the installation's public key",
    "GET /v1/offer-rounds": "counts",
    "GET /v1/segments": "counts",
    "POST /v1/offer-rounds/preview": "a count",
    "GET /v1/gallery/health": "counts",
    "GET /v1/legal-provisions": "texts of law",
    "PATCH /v1/session": "at which venue one is; what is done there names it",
    "POST /v1/session/company": "leads to the provider; coming back is recorded",
    "POST /v1/consent-links/lookup": "whom a link asks, to who holds it; the link is an entry",
    "GET /v1/customers/{customer_id}/consent-links/{link_id}": "one word to who made the link",
    "POST /v1/invitations/lookup": "whom an invitation is for, to who holds it",
    "POST /v1/tonight/heads": "a number of people whom nobody knows",
    "GET /v1/photos": "times and numbers of faces",
    "GET /v1/photos/{photo_id}/events": "boxes of faces, no person",
}
"""Why these do without."""

ACTIONS = {
    "POST /v1/session": {"session.begin", "session.refused"},
    "DELETE /v1/session": {"session.end"},
    "POST /v1/photos": {"photo.submit"},
    "GET /v1/photos/{photo_id}": {"photo.view"},
    "DELETE /v1/photos/{photo_id}": {"photo.delete"},
    "GET /v1/customers/{customer_id}": {"customer.view"},
    "GET /v1/customers/{customer_id}/portrait": {"customer.picture"},
    "DELETE /v1/customers/{customer_id}": {"customer.erase", "erasure.begin"},
    "GET /v1/alerts": {"alert.view"},
    "GET /v1/audit/entries": {"audit.search"},
    "GET /v1/audit/export": {"audit.export"},
    "POST /v1/audit/verification": {"audit.verify"},
}
"""What the entry of the gravest is called."""


def routes() -> dict[str, Callable[..., object]]:
    return {
        f"{method} {route.path}": route.endpoint
        for route in iter_route_contexts(routes_of_the_api().routes)
        if str(route.path).startswith("/v1/") and route.path != "/v1/docs"
        for method in sorted((route.methods or set()) - {"HEAD"})
        if route.path != "/v1/openapi.json"
    }


def leaves_an_entry(endpoint: Callable[..., object]) -> bool:
    return reaches_an_entry((endpoint.__module__, endpoint.__name__))


def is_of_nobody(name: str) -> bool:
    method, path = name.split(" ")
    return method == "GET" and path.split("/")[2] in NOBODY


@pytest.mark.duty("GDPR 5(2)")
def test_art_5_no_route_reads_people_or_changes_anything_without_an_entry():
    silent = [
        name
        for name, route in routes().items()
        if name not in WITHOUT and not is_of_nobody(name) and not leaves_an_entry(route)
    ]
    assert silent == []


def test_every_exception_is_a_route_that_needs_it():
    served = routes()
    assert [name for name in WITHOUT if name not in served or leaves_an_entry(served[name])] == []


@pytest.mark.parametrize("name", ACTIONS)
def test_entry_is_called_what_people_look_for(name):
    assert name in routes()
    folders = (ROOT / "vestibule", ROOT / "services" / "api")
    sources = "".join(path.read_text() for folder in folders for path in folder.rglob("*.py"))
    for action in ACTIONS[name]:
        assert action in WORDS and f'"{action}"' in sources


def test_ways_are_followed_through_modules():
    assert reaches_an_entry(("vestibule.workflows.sign_in", "exchange_link"))
    assert not reaches_an_entry(("services.api.routes.health", "healthz"))
    assert "vestibule.records.audit" in modules()
