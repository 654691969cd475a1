"""What goes when, in words; how long things are kept is tried before it is adopted."""

import pytest

from tests.web.fake_retention import shipped
from vestibule.domain.retention import as_shipped, content_of

pytestmark = pytest.mark.anyio
URL = "/privacy/retention"


@pytest.fixture(autouse=True)
def _as_shipped(fake):
    fake.retention = shipped()


def form(*, visit: str, **others: str) -> dict[str, str]:
    values = {**content_of(as_shipped()), "visit": visit}
    return {**{f"days-{name}": str(value) for name, value in values.items()}, **others}


async def test_page_says_what_goes_on_which_day_and_that_nothing_is_late(browser):
    page = await browser.get(URL)
    assert "Nothing is overdue." in page.text
    assert "212" in page.text and "under legal hold: 3" in page.text
    assert "Audit log" in page.text


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", ("Advised by the authority", "three years")), ("fr", ("Recommandé", "trois ans"))],
)
async def test_each_maximum_says_where_it_comes_from(browser, language, words):
    page = await browser.get(URL, headers={"Accept-Language": language})
    assert all(word in page.text for word in words)


async def test_what_is_overdue_stands_on_top(browser, fake):
    fake.retention["kinds"][0] |= {"overdue": 17, "overdue_since": "2026-11-20T10:00:00Z"}
    page = await browser.get(URL)
    assert "Visits: 17" in page.text and "Nothing is overdue." not in page.text


async def test_what_a_change_would_remove_is_said_before_it_is_adopted(browser, fake):
    await browser.open(URL)
    page = await browser.submit(f"{URL}/trial", form(visit="30"))
    assert "4,120" in page.text and 'name="days-visit" value="30"' in page.text
    assert fake.retention["in_force"]["days"]["visit"] == 730
    page = await browser.submit(f"{URL}/adopt", form(visit="30", replaces="2", reason="Less."))
    assert fake.retention["in_force"]["days"]["visit"] == 30


@pytest.mark.parametrize("typed", ["0", "9999", "a lot", "", "<script>"])
async def test_what_no_law_allows_is_refused_at_its_field(browser, typed):
    await browser.open(URL)
    page = await browser.submit(f"{URL}/trial", form(visit=typed))
    assert page.status_code == 422
    assert "Whole days from 30 to 1095." in page.text and "<script>" not in page.text


async def test_policy_that_changed_meanwhile_is_not_overwritten(browser, fake):
    await browser.open(URL)
    page = await browser.submit(f"{URL}/adopt", form(visit="30", replaces="1", reason="Less."))
    assert page.status_code == 409 and "Another version came into force" in page.text
    page = await browser.submit(f"{URL}/adopt", form(visit="30", replaces="2", reason=""))
    assert page.status_code == 422 and fake.retention["in_force"]["days"]["visit"] == 730


async def test_guests_whose_face_goes_soon_are_named(browser):
    page = await browser.get(f"{URL}/reminders")
    assert "Alex Morel" in page.text
