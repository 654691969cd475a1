"""Model packs on their page: licence, terms, checks, and guests of another space."""

import re

import pytest

from services.web.model_words import TERMS
from tests.web.fake_models import TERMS as TERMS_OF_INSIGHTFACE
from vestibule.adapters.model_packs import PACKS

pytestmark = pytest.mark.anyio


async def test_every_pack_is_shown_with_licence_state_and_space(browser):
    page = await browser.get("/system/models")
    for words in ("In use", "Brought by you", "Not installed", "Apache-2.0", "f3a9c1d277b0e4aa"):
        assert words in page.text
    assert "Commercial use: only with a licence from the maker" in page.text
    assert "not measured yet" in page.text
    assert "3 guests are not enrolled in this pack’s space" in page.text
    assert 'aria-current="page">Models' in page.text


async def test_the_page_reads_in_french(browser):
    page = await browser.get("/system/models", headers={"Accept-Language": "fr"})
    assert "Usage commercial" in page.text
    assert "recherche non commerciale" in page.text
    assert "non-commercial research" not in page.text


async def test_terms_are_accepted_with_a_tick_and_it_is_said(browser, fake):
    await browser.open("/system/models")
    page = await browser.submit(
        "/system/models/buffalo_l/acceptance", {"terms_sha256": "a" * 64, "accepted": "yes"}
    )
    assert "Recorded: the terms of buffalo_l are accepted." in page.text
    assert "Terms accepted by owner" in page.text
    assert fake.packs[2]["accepted_by"] == "owner"


async def test_without_a_tick_nothing_is_accepted(browser, fake):
    await browser.open("/system/models")
    page = await browser.submit("/system/models/buffalo_l/acceptance", {"terms_sha256": "a" * 64})
    assert page.status_code == 422
    assert "Tick the box" in page.text
    assert re.search(r"<details class=\"terms\" open>", page.text)
    assert fake.packs[2]["accepted_by"] is None


async def test_words_that_changed_meanwhile_are_not_accepted(browser, fake):
    await browser.open("/system/models")
    page = await browser.submit(
        "/system/models/buffalo_l/acceptance", {"terms_sha256": "b" * 64, "accepted": "yes"}
    )
    assert page.status_code == 409
    assert fake.packs[2]["accepted_by"] is None


async def test_acceptance_needs_the_page_s_own_token(browser, fake):
    page = await browser.post(
        "/system/models/buffalo_l/acceptance",
        data={"terms_sha256": "a" * 64, "accepted": "yes"},
    )
    assert page.status_code == 403
    assert fake.packs[2]["accepted_by"] is None


async def test_a_sound_pack_is_said_to_be_sound(browser):
    await browser.open("/system/models")
    page = await browser.submit("/system/models/open/verification")
    assert "Every file of open is what it must be." in page.text


async def test_faults_are_named(browser, fake):
    fake.faults = ["embedder.onnx is not the file that was pinned."]
    await browser.open("/system/models")
    page = await browser.submit("/system/models/open/verification")
    assert "open is not what it must be" in page.text
    assert "1 fault was found: install this pack again." in page.text
    assert "embedder.onnx is not the file" in page.text


async def test_guests_of_another_space_are_counted_with_what_to_do(browser, fake):
    fake.customers_elsewhere = 428
    for path in ("/system", "/system/models"):
        page = await browser.get(path)
        assert "428 guests cannot be found by a photo at the moment." in page.text
        assert "enrol them anew" in page.text


async def test_every_paragraph_of_the_catalogues_terms_has_its_translation():
    for pack in PACKS.values():
        for paragraph in (pack.terms or "").split("\n\n"):
            assert paragraph in TERMS or not paragraph
    assert set(TERMS_OF_INSIGHTFACE.split("\n\n")) == TERMS


@pytest.mark.parametrize("path", ["models", "thresholds", "accuracy", "jobs?state=failed"])
async def test_who_only_sees_the_system_is_offered_nothing_that_is_refused(browser, fake, path):
    fake.permissions = frozenset({"system.view"})
    page = await browser.get(f"/system/{path}")
    assert page.status_code == 200
    assert 'method="post" action="/system' not in page.text
