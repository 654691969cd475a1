"""Times go by the venue where the person is, or by that of the thing that a page shows."""

from uuid import uuid4

import pytest

from tests.web.fake_incidents import incident

pytestmark = pytest.mark.anyio

AT = "2026-03-06T21:30:00+00:00"  # 22:30 in Paris, 01:30 of the next day on the island


@pytest.fixture
def island(fake):
    made = {**fake.venues[0], "id": str(uuid4()), "name": "Île", "timezone": "Indian/Reunion"}
    fake.venues.append(made)
    return made


@pytest.mark.usefixtures("island")
@pytest.mark.parametrize(
    ("where", "shown", "never"), [(0, "22:30", "01:30"), (1, "01:30", "22:30")]
)
async def test_lists_go_by_the_venue_where_one_is(browser, fake, where, shown, never):
    fake.at = fake.venues[where]["id"]
    fake.incidents.append(incident(occurred_at=AT))

    page = await browser.open("/incidents")

    assert shown in page.text and never not in page.text


async def test_one_thing_goes_by_its_own_venue_when_it_is_corrected_too(browser, fake, island):
    there = {"id": island["id"], "name": island["name"]}
    fake.incidents.append(incident(occurred_at=AT, venue=there))
    path = f"/incidents/{fake.incidents[0]['id']}"

    assert "01:30" in (await browser.open(path)).text
    form = await browser.open(f"{path}/edit")

    assert 'value="2026-03-07T01:30"' in form.text
    typed = {"version": "1", "kind": "theft", "severity": "2", "account": "A coat."}
    await browser.submit(path, {**typed, "at": "2026-03-07T01:00"})
    assert fake.incidents[0]["occurred_at"].startswith("2026-03-07T01:00:00+04:00")
