"""The audit log in words, its search, its proof and its files."""

import pytest

from services.api.audit_schemas import AUDIT_EXAMPLES
from services.web.audit_words import ACTIONS, FLAWS

pytestmark = pytest.mark.anyio
URL = "/privacy/audit"


def entry(action: str = "photo.identify", **values: object) -> dict:
    return {**AUDIT_EXAMPLES["AuditEntry"], "action": action, **values}


async def test_entries_are_told_in_words_with_their_details(browser, fake):
    fake.audit += [entry(), entry("something.new", actor="<b>Rosa</b>")]
    page = await browser.get(URL)
    for words in ("A photo was compared with the gallery", "something.new", "MATCH", "No. 1204"):
        assert words in page.text
    assert "<b>Rosa</b>" not in page.text


async def test_days_are_the_venues_and_the_last_one_is_whole(browser, fake):
    await browser.get(f"{URL}?from=2026-11-20&to=2026-11-21&action=photo.identify&actor=owner")
    assert fake.audit_asked[-1] | {"limit": "50"} == {
        "since": "2026-11-20T00:00:00+01:00",
        "until": "2026-11-22T00:00:00+01:00",
        "action": "photo.identify",
        "actor": "owner",
        "limit": "50",
    }


async def test_nonsense_in_the_address_harms_nothing(browser, fake):
    page = await browser.get(f"{URL}?from=yesterday&to=9999-12-31&action=%3Cscript%3E")
    assert page.status_code == 200 and "<script>" not in page.text.split("<main", 1)[1]
    assert "since" not in fake.audit_asked[-1]


async def test_search_can_be_taken_along(browser, fake):
    page = await browser.get(f"{URL}?actor=owner")
    assert f"{URL}/export.csv?actor=owner" in page.text
    file = await browser.shown(f"{URL}?actor=owner", f"{URL}/export.csv")
    assert "attachment" in file.headers["content-disposition"]
    assert fake.audit_asked[-1] == {"actor": "owner", "format": "csv"}
    assert (await browser.get(f"{URL}/export.exe")).status_code == 404


async def test_whole_log_is_said_to_be_whole(browser):
    await browser.open(URL)
    page = await browser.submit(f"{URL}/verify")
    assert "The log is whole" in page.text and "All 1204 entries fit" in page.text.replace(",", "")


@pytest.mark.parametrize("flaw", FLAWS)
async def test_flaw_is_said_with_its_number(browser, fake, flaw):
    fake.audit_report = {"broken_at": 7, "flaw": flaw, "entries": 6}
    await browser.open(URL)
    page = await browser.submit(f"{URL}/verify")
    assert "The log does not fit" in page.text and "7" in page.text


async def test_changed_head_is_said(browser, fake):
    fake.audit_report = {"unreadable_heads": ["audit/heads/latest"]}
    await browser.open(URL)
    page = await browser.submit(f"{URL}/verify")
    assert "audit/heads/latest was changed" in page.text


async def test_every_action_has_words_in_both_languages(browser, fake):
    fake.audit += [entry(action) for action in ACTIONS]
    for language in ("en", "fr"):
        page = await browser.get(URL, headers={"Accept-Language": language})
        assert page.status_code == 200


async def test_page_is_for_those_who_read_the_log(browser, fake):
    fake.permissions = frozenset({"customers.view", "alerts.answer"})
    assert (await browser.get(URL)).status_code == 403
