"""Consent by the guest's own hand, and the notice's desk."""

import re

import pytest

from services.web.notice_view import blocks
from tests.web.fake_consents import PHONE

pytestmark = pytest.mark.anyio


async def test_purposes_stand_apart_and_none_is_ticked_before(browser, fake):
    guest = fake.add_guest("Ada", consent=False)
    for way in ("", "/sign", "/paper"):
        page = await browser.open(f"/guests/{guest['id']}/consent{way}")
        assert "used to make me offers." in page.text
        assert not re.search(r'name="(consent|also_\w+|purpose_\w+)"[^>]* checked', page.text)


async def test_other_purposes_go_with_the_consent(browser, fake):
    guest = fake.add_guest("Ada", consent=False)
    await browser.open(f"/guests/{guest['id']}/consent")
    said = {"consent": "given", "also_offers": "given", "also_magic": "given", "language": "fr"}
    await browser.submit(f"/guests/{guest['id']}/consents", said)
    assert fake.consents_given[-1]["also"] == ["offers"]
    assert fake.consents_given[-1]["language"] == "fr"


async def test_signature_or_a_typed_name_is_needed_and_what_was_ticked_stays(browser, fake):
    url = f"/guests/{fake.add_guest('Ada', consent=False)['id']}/consent/sign"
    await browser.open(url)
    page = await browser.submit(url, {"purpose_recognition": "ticked"})
    assert page.status_code == 422
    assert "Sign, or write your name." in page.text
    assert 'name="purpose_recognition" value="ticked" checked' in page.text
    page = await browser.submit(url, {"typed_name": "Ada <b>"})
    assert "Tick at least one box." in page.text
    assert "Ada &lt;b&gt;" in page.text
    assert fake.answered == []

    await browser.submit(url, {"purpose_recognition": "ticked", "typed_name": "Ada"})
    [agreed] = fake.answered
    assert (agreed["asks"], agreed["purposes"]) == ("give", ["recognition"])


async def test_withdrawal_offers_what_stands_and_is_signed_alike(browser, fake):
    url = f"/guests/{fake.add_guest('Ada')['id']}/consent/sign"
    page = await browser.open(f"{url}?asks=withdraw")
    assert "purpose_recognition" in page.text
    assert "purpose_offers" not in page.text
    fields = {"asks": "withdraw", "purpose_recognition": "ticked", "typed_name": "Ada"}
    await browser.submit(url, fields)
    assert fake.answered[-1]["asks"] == "withdraw"


async def test_withdrawal_counts_though_its_signature_is_not_kept_and_the_page_says_why(
    browser, fake
):
    url = f"/guests/{fake.add_guest('Ada')['id']}/consent/sign"
    await browser.open(f"{url}?asks=withdraw")
    fields = {"asks": "withdraw", "purpose_recognition": "ticked"}
    page = await browser.submit(url, {**fields, "signature": "data:image/png;base64,EMPTY"})
    assert "The withdrawal is taken down and counts from now on." in page.text
    assert "nothing was drawn" in page.text


async def test_scan_is_passed_on_with_what_was_ticked(browser, fake):
    url = f"/guests/{fake.add_guest('Ada', consent=False)['id']}/consent/paper"
    await browser.open(url)
    fields = {"csrf_token": browser.token, "purpose_recognition": "ticked", "language": "fr"}
    files = {"photo": ("paper.pdf", b"%PDF-1.7 %%EOF", "application/pdf")}
    page = await browser.post(url, data=fields, files=files)
    assert page.status_code == 200
    [kept] = fake.answered
    assert (kept["purposes"], kept["language"], kept["size"]) == ("recognition", "fr", 14)


async def test_code_for_the_phone_leads_to_the_link(browser, fake):
    url = f"/guests/{fake.add_guest('Ada', consent=False)['id']}/consent/phone"
    await browser.open(url)
    page = await browser.submit(url, {"asks": "give"})
    assert "<svg" in page.text
    assert "http://vestibule.test/agree/a-secret" in page.text


async def test_guest_answers_without_being_signed_in_in_french(visitor, fake):
    french = {"Accept-Language": "fr"}
    page = await visitor.get("/agree/a-secret", headers=french)
    assert "Vous reconnaître à l’entrée" in page.text
    answer = {"purpose_recognition": "ticked", "typed_name": "Zoé", "language": "fr"}
    forged = await visitor.post("/agree/a-secret", data=answer)
    assert forged.status_code == 403
    ours = {"Origin": "http://vestibule.test", **french}
    empty = await visitor.post("/agree/a-secret", data={"typed_name": "Zoé"}, headers=ours)
    assert empty.status_code == 422
    page = await visitor.post("/agree/a-secret", data=answer, headers=ours)
    assert "Merci" in page.text
    assert fake.answered == [
        {
            "token": "a-secret",
            "purposes": ["recognition"],
            "typed_name": "Zoé",
            "language": "fr",
        }
    ]


async def test_link_that_was_answered_says_so(visitor):
    page = await visitor.get("/agree/another", headers={"Accept": "text/html"})
    assert page.status_code == 410
    assert "This link no longer works." in page.text


async def test_notice_is_drafted_shown_as_it_will_be_and_published(browser, fake):
    await browser.open("/privacy/notices")
    fields = {"title_en": "<i>Ours</i>", "body_en": "One.\r\n\r\n- two\r\n- three"}
    page = await browser.submit("/privacy/notices/draft", {**fields, "validity_days": "9999"})
    assert page.status_code == 422
    assert "&lt;i&gt;Ours&lt;/i&gt;" in page.text
    page = await browser.submit("/privacy/notices/draft", {**fields, "validity_days": "100"})
    assert "<li>three</li>" in page.text
    page = await browser.submit("/privacy/notices/publish")
    assert "Published as 2026-12-01" in page.text
    assert fake.draft is None


async def test_consents_that_end_soon_lead_to_asking_again(browser):
    page = await browser.open("/privacy/consents")
    assert "Zoé Lefèvre" in page.text
    assert re.search(r'href="/guests/[^"]+/consent"', page.text)


async def test_provision_of_law_is_named_approved_and_ended(browser, fake):
    page = await browser.open("/privacy/provisions")
    assert "Nobody is found by face without their consent." in page.text
    fields = {"title": "A <law>", "reference": "Code, art. 1", "wording": "x", "ends": "2027-01-01"}
    page = await browser.submit("/privacy/provisions", fields)
    assert page.status_code == 422
    assert "A &lt;law&gt;" in page.text
    page = await browser.submit("/privacy/provisions", {**fields, "wording": "The words. " * 8})
    assert "Waits for the officer" in page.text
    url = f"/privacy/provisions/{fake.provisions[0]['id']}"
    page = await browser.submit(url, {"do": "approve"})
    assert "End it now" in page.text
    page = await browser.submit(url, {"do": "end"})
    assert "No photo finds anybody on it" in page.text


def test_text_becomes_paragraphs_and_points():
    found = blocks("One\nline.\n\n- a\n- b\n\n\n")
    assert [(block.lines, block.is_list) for block in found] == [
        (("One line.",), False),
        (("a", "b"), True),
    ]


async def test_staff_sees_at_once_what_the_phone_said(browser, fake, monkeypatch):
    url = f"/guests/{fake.add_guest('Ada')['id']}/consent/phone"
    page = await browser.open(f"{url}/ab")
    assert "hx-trigger" in page.text and 'http-equiv="refresh"' in page.text
    monkeypatch.setitem(PHONE, "state", "answered")
    page = await browser.get(f"{url}/ab", headers={"HX-Request": "true"})
    assert "The guest has agreed" in page.text and "hx-trigger" not in page.text
    monkeypatch.setitem(PHONE, "state", "expired")
    page = await browser.get(f"{url}/ab?asks=withdraw", headers={"HX-Request": "true"})
    assert "Make another" in page.text and "hx-trigger" not in page.text


async def test_privacy_leads_to_the_first_of_its_pages(browser):
    page = await browser.open("/privacy")
    assert page.url.path == "/privacy/requests"


@pytest.mark.parametrize("way", ["sign", "paper", "phone"])
async def test_where_nothing_is_agreed_to_a_withdrawal_leads_back_and_says_so(browser, fake, way):
    url = f"/guests/{fake.add_guest('Ada', consent=False)['id']}"
    page = await browser.open(f"{url}/consent/{way}?asks=withdraw")
    assert page.url.path == url
    assert "Nothing to withdraw: no consent of this guest stands." in page.text
