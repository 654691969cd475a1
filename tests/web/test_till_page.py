"""A till's file is looked at before it counts, and thresholds change with a reason."""

import pytest

pytestmark = pytest.mark.anyio

ROWS = b"till,receipt\nbar,1\nbar,2\n"


async def send(browser, content: bytes, **fields):
    await browser.open("/till")
    files = {"photo": ("till.csv", content, "text/csv")}
    data = {"csrf_token": browser.token, **fields}
    return await browser.post("/till/file", data=data, files=files)


async def test_file_is_looked_at_first_and_says_which_rows_do_not_fit(browser):
    page = await send(browser, ROWS, preview="yes")
    for words in ("Looked at; nothing was recorded", "3 rows", "must be a currency"):
        assert words in page.text
    assert "of nobody on file" not in page.text


async def test_file_is_recorded_and_strangers_are_counted_alone(browser):
    page = await send(browser, ROWS)
    assert "2 of nobody on file" in page.text


async def test_what_is_no_such_file_is_refused_in_words(browser):
    page = await send(browser, b"\x00\x01")
    assert page.status_code == 422
    assert "This is no such file" in page.text


async def test_thresholds_change_with_a_reason_and_commas_are_read(browser, fake):
    await browser.open("/till")
    asked = {"version": "0", "window_hours": "3,5", "watch_units": "5", "care_units": "8"}
    page = await browser.submit("/till/thresholds", asked)
    assert page.status_code == 422
    assert 'value="3,5"' in page.text

    page = await browser.submit("/till/thresholds", {**asked, "reason": "Smaller glasses."})

    assert "In force from now on" in page.text
    assert (fake.consumption_policy["window_hours"], fake.consumption_policy["version"]) == (3.5, 1)


async def test_thresholds_that_do_not_rise_are_refused_and_nothing_typed_is_lost(browser, fake):
    await browser.open("/till")
    asked = {"version": "0", "window_hours": "4", "watch_units": "9", "care_units": "8"}
    page = await browser.submit("/till/thresholds", {**asked, "reason": "Why not."})
    assert page.status_code == 422
    assert 'value="9"' in page.text
    assert "Why not." in page.text
    assert fake.consumption_policy["version"] == 0


async def test_host_reads_thresholds_and_changes_none(browser, fake):
    fake.permissions = frozenset({"purchases.view", "purchases.record"})
    page = await browser.get("/till")
    assert page.status_code == 200
    assert "/till/thresholds" not in page.text
