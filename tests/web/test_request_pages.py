"""The desk of requests about data."""

from uuid import uuid4

import pytest

from tests.web.fake_requests import a_request

pytestmark = pytest.mark.anyio
URL = "/privacy/requests"


async def test_what_is_late_is_said_first_and_in_words(browser, fake):
    fake.requests += [a_request(days_left=-3, is_overdue=True), a_request()]
    page = await browser.get(URL)
    for words in ("1 request is overdue", "Overdue by 3 days", "7 days left", "Alex Morel"):
        assert words in page.text
    french = await browser.get(URL, headers={"Accept-Language": "fr"})
    assert "En retard de 3 jours" in french.text


async def test_empty_desk_says_so(browser):
    assert "No request waits" in (await browser.get(URL)).text
    assert "No request was closed yet" in (await browser.get(f"{URL}?state=closed")).text


async def test_letter_of_somebody_who_is_no_guest_is_taken_down(browser, fake):
    await browser.open(f"{URL}/new")
    page = await browser.submit(
        URL, {"requester": "Sam", "right": "access", "channel": "letter", "words": "What is held?"}
    )
    assert "Taken down. It is due on" in page.text
    assert fake.requests_taken[0] | {} == {
        "requester": "Sam",
        "right": "access",
        "channel": "letter",
        "words": "What is held?",
        "identity": None,
        "received_on": None,
    }


async def test_form_keeps_what_was_typed_where_something_does_not_fit(browser):
    await browser.open(f"{URL}/new")
    fields = {"right": "erasure", "channel": "email", "words": "<i>All of it</i>"}
    page = await browser.submit(URL, {**fields, "requester": ""})
    assert page.status_code == 422
    assert "Say who asks." in page.text and "&lt;i&gt;All of it&lt;/i&gt;" in page.text
    late = await browser.submit(URL, {**fields, "requester": "S", "received_on": "1999-01-01"})
    assert "Give a day of the last year" in late.text


async def test_answer_before_the_identity_was_checked_says_what_to_do_first(browser, fake):
    one = a_request(identity=None, right="erasure")
    fake.requests.append(one)
    page = await browser.open(f"{URL}/{one['id']}")
    assert "Granting it erases this guest for good" in page.text
    answer = {"outcome": "answered", "words": "Done so."}
    page = await browser.submit(f"{URL}/{one['id']}/outcome", answer)
    assert page.status_code == 409
    assert "Note first how their identity was checked." in page.text and "Done so." in page.text
    one["identity"] = "document_seen"
    page = await browser.submit(f"{URL}/{one['id']}/outcome", answer)
    assert page.status_code == 200 and "Answered: the request is closed." in page.text
    assert f'action="{URL}/{one["id"]}/outcome"' not in page.text


async def test_forged_answer_does_nothing(browser, fake):
    one = a_request()
    fake.requests.append(one)
    page = await browser.post(f"{URL}/{one['id']}/outcome", data={"outcome": "refused"})
    assert page.status_code == 403 and fake.requests_taken == []
    unknown = await browser.submit(f"{URL}/{one['id']}/everything", {"words": "x"})
    assert unknown.status_code in (403, 404) and fake.requests_taken == []


async def test_what_was_said_is_shown_as_words(browser, fake):
    step = {"action": "received", "words": "<script>x</script>", "details": {"email": None}}
    one = a_request(steps=[{**step, "by": "guest", "at": "2026-11-04T14:05:00Z"}])
    fake.requests.append(one)
    page = await browser.get(f"{URL}/{one['id']}")
    assert "<script>x</script>" not in page.text
    assert "take it off" in page.text and "the guest" in page.text


async def test_host_takes_down_and_does_not_read(browser, fake):
    fake.permissions = frozenset({"customers.view", "consents.record"})
    assert (await browser.get(URL)).status_code == 403
    assert (await browser.get(f"{URL}/{uuid4()}")).status_code == 403
    assert (await browser.get(f"{URL}/new")).status_code == 200
