"""No route that answers with a file is forgotten, and every link to one carries its pass."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.api.main import create_api
from services.web.handed_out import LIFE_S, HandedOutLinks, LinkEndedError
from services.web.main import page_routes
from services.web.sessions import WebSession
from tests.integration.media import EVENTS, MEDIA, OWN, RECEIPTS, WORDS


def file_routes() -> set[str]:
    """Routes of the API that answer with something else than JSON, by its own document."""
    found = set()
    for path, methods in create_api(None).openapi()["paths"].items():
        for operation in methods.values():
            kinds = {
                kind
                for code, answer in operation.get("responses", {}).items()
                if code.startswith("2")
                for kind in answer.get("content", {})
            }
            if kinds - {"application/json"}:
                found.add(path)
    return found


@pytest.mark.duty("GDPR 5(1)(f)")
def test_art_5_every_route_that_answers_with_a_file_is_in_the_table():
    assert file_routes() - EVENTS - WORDS - RECEIPTS - OWN == {one.api for one in MEDIA}


def test_every_page_that_passes_a_file_on_asks_for_the_pass_of_its_link():
    folder = Path("services/web").resolve()
    passing = {
        path.name: len(re.findall(r"\bPassThrough\(", path.read_text()))
        for path in folder.rglob("*.py")
        if "PassThrough(" in path.read_text()
    }
    # Its own definition and ``hand_out``; the others are two streams of events, and the
    # customer's own page, whose session is for nothing else.
    assert passing == {"pass_through.py": 2, "photos.py": 1, "alerts.py": 1, "own_page.py": 2}
    served = {re.sub(r":\w+\}", "}", route.path) for route in page_routes()}
    assert {one.page for one in MEDIA} <= served


def test_no_template_links_to_a_picture_without_a_pass():
    endings = "crop|portrait|picture|thumbnail|image|export"
    plain = re.compile(rf'(?:src|href)="/[^"]*/(?:{endings})(?:\.\w+)?[?"]')
    for template in Path("services/web/templates").resolve().glob("*.html"):
        assert not plain.search(template.read_text()), template.name


def test_link_holds_for_minutes_and_keeps_its_address_meanwhile():
    links, now = HandedOutLinks(b"k" * 32), datetime.fromtimestamp(1_800_000_000, UTC)
    session = WebSession("token", now + timedelta(hours=8))
    url = links.signed("/faces/1/crop?hidden=2", session, now=now)
    assert url == links.signed("/faces/1/crop?hidden=2", session, now=now + timedelta(minutes=4))
    passed = url.partition("pass=")[2]
    links.require("/faces/1/crop", passed, session, now=now + timedelta(seconds=LIFE_S))
    with pytest.raises(LinkEndedError):
        links.require("/faces/1/crop", passed, session, now=now + timedelta(minutes=21))
    HandedOutLinks(b"n" * 32, b"k" * 32).require("/faces/1/crop", passed, session, now=now)
