"""Tonight: the count, entries and exits by hand, heads that a double press counts once."""

import re

import pytest

pytestmark = pytest.mark.anyio


async def test_guest_who_is_searched_for_comes_in_and_leaves_and_is_back(browser, fake):
    guest = fake.add_guest("Zoé Lefèvre", reference="1042")
    page = await browser.open("/tonight?query=zo%C3%A9")
    assert "Zoé Lefèvre" in page.text and "Nobody yet tonight" in page.text
    page = await browser.submit("/tonight/visits", {"customer_id": guest["id"]})
    assert "Zoé Lefèvre is inside." in page.text and "by hand" in page.text
    path = f"/tonight/visits/{fake.visits[0]['id']}"
    page = await browser.submit(f"{path}/exit")
    assert "is back" in page.text and fake.visits[0]["left_at"]
    page = await browser.submit(f"{path}/return")
    assert fake.visits[0]["left_at"] is None
    await browser.submit(f"{path}/remove")
    assert fake.visits == []


async def test_second_entry_says_that_it_was_there(browser, fake):
    guest = fake.add_guest("Ada")
    await browser.open("/tonight")
    await browser.submit("/tonight/visits", {"customer_id": guest["id"]})
    page = await browser.submit("/tonight/visits", {"customer_id": guest["id"]})
    assert "on tonight’s list already" in page.text
    assert len(fake.visits) == 1


async def test_unknown_number_and_minor_are_refused_in_words(browser, fake):
    fake.add_guest("Young", reference="7", minor=True)
    await browser.open("/tonight")
    page = await browser.submit("/tonight/visits", {"query": "404"})
    assert page.status_code == 422 and "No guest has this loyalty number" in page.text
    page = await browser.submit("/tonight/visits", {"query": "7"})
    assert page.status_code == 422 and "not let in" in page.text
    assert fake.visits == []


async def test_double_press_counts_one_head(browser, fake):
    page = await browser.open("/tonight")
    key = re.search(r'name="key" value="(\w+)"', page.text).group(1)
    for _ in range(2):
        page = await browser.submit("/tonight/heads", {"key": key, "change": "1"})
    assert sum(fake.heads.values()) == 1
    for change in ("1e9", "--1", "", "99999"):
        await browser.submit("/tonight/heads", {"key": "x" * 32, "change": change})
    assert sum(fake.heads.values()) == 1


async def test_full_venue_says_so(browser, fake):
    fake.capacity, fake.heads = 3, {"a": 3}
    page = await browser.get("/tonight")
    assert "The venue is full." in page.text and "of 3 inside" in page.text


async def test_count_is_asked_for_again_and_older_pages_are_not(browser, fake):
    for number in range(31):
        guest = fake.add_guest(f"Guest {number}")
        fake.visits.append(
            {
                **{"id": guest["id"], "customer_id": guest["id"], "customer_name": guest["name"]},
                **{"portrait_url": None, "night": "2026-11-21", "left_at": None},
                **{"entered_at": "2026-11-21T23:14:05Z", "source": "face"},
            }
        )
    page = await browser.get("/tonight")
    assert 'hx-trigger="every 5s"' in page.text and "/tonight?cursor=30" in page.text
    page = await browser.get("/tonight?cursor=30")
    assert 'hx-trigger="every 5s"' not in page.text and page.text.count('class="row"') == 1


async def test_name_that_managers_are_called_for_says_so_and_never_why(browser, fake):
    fake.called_for = {"Ada Okafor"}
    await browser.open("/tonight")
    page = await browser.submit("/tonight/name-checks", {"name": "  Ada   Okafor "})
    assert page.status_code == 200 and "Ada" not in str(page.url)
    assert 'class="card card-manager name-checked"' in page.text and "Call a manager" in page.text
    assert fake.checked_names == [{"name": "Ada Okafor", "venue_id": fake.venues[0]["id"]}]


async def test_name_that_nothing_is_known_under_leaves_the_look_at_the_id(browser):
    await browser.open("/tonight")
    piece = await browser.submit(
        "/tonight/name-checks", {"name": "<b>Zoé</b>"}, headers={"HX-Request": "true"}
    )
    assert "Nothing known under this name: look at the ID." in piece.text
    assert "card-manager" not in piece.text and "&lt;b&gt;Zoé" in piece.text


async def test_empty_name_is_no_answer_about_anybody(browser, fake):
    await browser.open("/tonight")
    page = await browser.submit("/tonight/name-checks", {"name": " "})
    assert page.status_code == 422
    assert "This is no name." in page.text and "Nothing known" not in page.text
    assert fake.checked_names == []


async def test_names_are_checked_by_those_who_work_at_the_door(browser, fake):
    fake.permissions -= {"photos.identify"}
    assert "Check a name" not in (await browser.open("/tonight")).text
