"""Two files that may be one person: compared, merged, taken back, or said to be two."""

import pytest

pytestmark = pytest.mark.anyio


@pytest.fixture
def pair(fake):
    one = fake.add_guest("Zoé Lefèvre", email="zoe@example.org")
    other = fake.add_guest("Zoe Lefebvre", email="zoe@example.org", faces=0)
    fake.duplicates = [(one["id"], other["id"], ["email", "face"])]
    return one["id"], other["id"]


async def test_pair_is_listed_compared_merged_and_taken_back(browser, fake, pair):
    one, other = pair
    page = await browser.open("/guests/duplicates")
    assert "the same e-mail" in page.text and f"/guests/{one}/merge/{other}" in page.text
    page = await browser.open(f"/guests/{one}/merge/{other}")
    assert page.text.count("One person: keep this file") == 2
    page = await browser.submit("/guests/merge", {"kept_id": one, "merged_id": other})
    assert "You can take that back" in page.text and "Merged files" in page.text
    await browser.submit(f"/guests/{one}/merges/{fake.merges[0]['id']}/undo")
    assert fake.merges[0]["undone_by"]


async def test_two_people_are_not_suggested_again(browser, pair):
    one, other = pair
    page = await browser.open(f"/guests/{one}")
    assert "Perhaps the same person" in page.text
    page = await browser.submit(
        "/guests/duplicates/two-people", {"customer_id": one, "other_customer_id": other}
    )
    assert "No two files look like one person" in page.text


async def test_comparing_what_was_merged_meanwhile_leads_to_the_file(browser, fake, pair):
    one, other = pair
    fake.merged[other] = one
    page = await browser.get(f"/guests/{one}/merge/{other}")
    assert page.url.path == f"/guests/{one}"


async def test_history_is_narrowed_by_kind_and_goes_on(browser, fake):
    guest = fake.add_guest("Ada")
    night = guest["visits"][0]
    guest["visits"] = [{**night, "id": f"{number:032x}"} for number in range(31)]
    page = await browser.get(f"/guests/{guest['id']}")
    assert page.text.count("history-event") == 30 and "cursor=30" in page.text
    page = await browser.get(f"/guests/{guest['id']}?show=consent")
    assert "Consent given: Recognition" in page.text and "Came in" not in page.text
    rest = await browser.get(
        f"/guests/{guest['id']}?show=visit&cursor=30", headers={"HX-Request": "true"}
    )
    assert rest.text.count("history-event") == 1 and "<html" not in rest.text
    assert (await browser.get(f"/guests/{guest['id']}?show=nonsense")).status_code == 200
