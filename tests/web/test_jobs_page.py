"""Jobs that failed or wait, queues and workers in words, with what can be done."""

import pytest

from services.web.job_words import KINDS, STATES
from tests.web.fake_jobs import job, worker
from tests.web.fake_state import iso, now

pytestmark = pytest.mark.anyio
URL = "/system/jobs"


async def test_nothing_that_failed_is_said_so(browser):
    page = await browser.get(URL)
    assert "Nothing has failed" in page.text
    assert "The work is done within this process." in page.text


async def test_failed_job_says_what_when_how_often_and_why(browser, fake):
    fake.jobs.append(job())
    page = await browser.get(URL)
    for words in ("A photo from the door", "2 attempts", "1 ended with its worker", "crashed over"):
        assert words in page.text
    assert "crashed_worker" in page.text


async def test_kind_that_this_release_does_not_know_is_other_work(browser, fake):
    fake.jobs.append(job("something-new"))
    assert "Other work" in (await browser.get(URL)).text


@pytest.mark.parametrize(
    ("state", "deed", "said"),
    [
        ("failed", "retry", "waits for a worker again"),
        ("failed", "dismissal", "Dismissed."),
        ("queued", "cancellation", "no worker takes it any more"),
    ],
)
async def test_deed_is_done_and_its_list_comes_back(browser, fake, state, deed, said):
    fake.jobs.append(job(state=state))
    page = await browser.open(f"{URL}?state={state}")
    assert f"/{deed}" in page.text

    page = await browser.submit(f"{URL}/{fake.jobs[0]['id']}/{deed}", {"state": state})

    assert said in page.text and str(page.url).endswith(f"{URL}?state={state}")
    assert fake.jobs[0]["state"] != state


async def test_photo_whose_upload_is_gone_cannot_be_tried_again(browser, fake):
    fake.jobs.append(job(can_retry=False))
    page = await browser.get(URL)
    assert "it has to be sent anew" in page.text
    assert "/retry" not in page.text and "/dismissal" in page.text


async def test_running_job_offers_nothing(browser, fake):
    fake.jobs.append(job(state="running"))
    page = await browser.get(f"{URL}?state=running")
    assert "A photo from the door" in page.text
    assert f"/system/jobs/{fake.jobs[0]['id']}" not in page.text


async def test_no_worker_is_said_with_what_to_do(browser, fake):
    fake.workers = []
    assert "No worker was heard of" in (await browser.get(URL)).text


async def test_worker_says_whether_it_works_and_what_became_of_it(browser, fake):
    fake.workers = [worker(crashes=1, hangs=2), worker(host="worker-2", is_taking=False)]
    page = await browser.get(URL)
    for words in ("2 jobs now", "crashed 1 time", "hung 2 times", "models are being loaded"):
        assert words in page.text


async def test_messages_that_nobody_could_read_are_listed_and_can_be_forgotten(browser, fake):
    lost = {"queue": "bulk", "why": "not_a_message", "size_bytes": 12, "seen_at": iso(now())}
    fake.unreadable.append(lost)
    page = await browser.open(URL)
    assert "Not a message" in page.text and "12 bytes" in page.text

    page = await browser.submit(f"{URL}/unreadable/forget")

    assert "The list is empty." in page.text and fake.unreadable == []


async def test_long_list_is_shown_page_by_page(browser, fake):
    fake.jobs += [job(state="queued") for _ in range(25)]
    page = await browser.get(f"{URL}?state=queued")
    assert "offset=20" in page.text
    rest = await browser.get(f"{URL}?state=queued&offset=20")
    assert rest.text.count("A photo from the door") == 5


async def test_job_that_is_gone_and_deed_that_is_none_are_not_found(browser):
    await browser.open(URL)
    page = await browser.submit(f"{URL}/00000000-0000-0000-0000-000000000000/retry")
    assert page.status_code == 404
    page = await browser.submit(f"{URL}/00000000-0000-0000-0000-000000000000/explosion")
    assert page.status_code == 404


async def test_every_state_and_kind_has_words_in_both_languages(browser, fake):
    fake.jobs += [job(kind, state) for kind in KINDS for state in STATES]
    for state in STATES:
        english = await browser.get(f"{URL}?state={state}")
        french = await browser.get(f"{URL}?state={state}", headers={"Accept-Language": "fr"})
        assert english.status_code == french.status_code == 200
