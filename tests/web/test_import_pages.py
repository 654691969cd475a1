"""A list sent, looked at, taken in or discarded; the export."""

import pytest

pytestmark = pytest.mark.anyio
URL = "/guests/imports/7c6b5a49-7777-4777-8777-000000000020"


async def send(browser, content: bytes):
    return await browser.post(
        "/guests/import",
        data={"csrf_token": browser.token},
        files={"file": ("list.csv", content, "text/csv")},
    )


async def test_list_is_looked_at_before_it_is_taken_in(browser, fake):
    await browser.open("/guests/import")
    page = await send(browser, b"name,colour\nZo\xc3\xa9,red\nBo,blue\n")
    assert page.url.path == URL
    assert "Take in 1 row" in page.text and "Row 3: E-mail is no e-mail address" in page.text
    await browser.open(URL)
    page = await browser.submit(f"{URL}/confirm")
    assert "The list is through." in page.text and fake.imports[0]["state"] == "done"


async def test_list_is_discarded(browser, fake):
    await browser.open("/guests/import")
    await send(browser, b"name\nZoe\n")
    page = await browser.submit(f"{URL}/discard")
    assert "Nothing of the list was taken in" in page.text and fake.imports == []


async def test_what_is_no_list_is_said_in_words(browser):
    await browser.open("/guests/import")
    page = await send(browser, b"colour\nred\n")
    assert page.status_code == 422 and "No column is called “Name”" in page.text


async def test_upload_without_the_page_token_is_refused(browser, fake):
    await browser.open("/guests/import")
    browser.token = "forged"
    assert (await send(browser, b"name\nZoe\n")).status_code == 403
    assert fake.imports == []


async def test_export_is_passed_on_as_a_file(browser):
    answer = await browser.shown("/guests", "/guests/export")
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.text.startswith("reference,name")
