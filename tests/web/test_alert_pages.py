"""Alerts: the door is told to call a manager and nothing else; managers compare and answer."""

import pytest

from services.web.alert_words import STATES
from tests.web.fake_alerts import alert

pytestmark = pytest.mark.anyio
URL = "/alerts"


def photo_with_alert(fake, **called) -> str:
    """The page of a photo whose first face is somebody a manager is to look at."""
    fake.add_guest("Ada Okafor")
    photo = fake.add_photo(b"PHOTO")
    face = photo["faces"][0]
    face |= {"guest": None, "score": None, "alikeness": None, "decision": "REVIEW"}
    face["alert"] = {"state": "call_manager", "alert_id": None, **called}
    return f"/photos/{photo['id']}"


async def test_door_is_told_to_call_a_manager_first_and_never_who(browser, fake):
    fake.permissions = frozenset({"photos.identify", "faces.answer"})
    url = photo_with_alert(fake)

    page = await browser.get(url)

    cards = page.text[page.text.index('<ul class="cards"') :]
    assert cards.index("card-manager") < cards.index("card-unknown")
    card = cards[: cards.index("</article>")]
    assert "Call a manager" in card
    for unsaid in ("Ada", "Not them", "Confirm", "watchlist", "incident", "/alerts"):
        assert unsaid not in card, unsaid


async def test_card_asks_again_until_a_manager_has_answered(browser, fake):
    url = photo_with_alert(fake)
    photo = next(iter(fake.photos.values()))
    face = photo["faces"][0]
    part = f"{url}/faces/{face['id']}"
    assert f'hx-get="{part}"' in (await browser.get(url)).text

    face["alert"]["state"] = "answered"
    card = await browser.get(part, headers={"HX-Request": "true"})
    assert "A manager decides" in card.text and "hx-get" not in card.text

    face |= {"alert": None, "answer": "not_them", "decision": "REVIEW"}
    card = await browser.get(part, headers={"HX-Request": "true"})
    assert "Call a manager" not in card.text


async def test_manager_is_led_from_the_photo_to_the_alert(browser, fake):
    url = photo_with_alert(fake, alert_id="a-1")
    assert 'href="/alerts#alert-a-1"' in (await browser.get(url)).text


async def test_faces_stand_side_by_side_with_two_answers(browser, fake):
    fake.alerts.append(alert())
    page = await browser.get(URL)
    for words in (
        "Ada Okafor",
        "On file",
        "Just now",
        "Same person",
        "Not them",
        "1 waits for you",
    ):
        assert words in page.text
    assert "/templates/" in page.text and "/faces/" in page.text
    assert "18.18" in page.text, "the share of false alerts"


@pytest.mark.parametrize(
    ("answer", "said"), [("same_person", "it is them"), ("not_them", "raised")]
)
async def test_answer_is_recorded_and_said(browser, fake, answer, said):
    fake.alerts.append(alert())
    await browser.open(URL)
    page = await browser.submit(f"{URL}/{fake.alerts[0]['id']}/answer", {"answer": answer})
    assert said in page.text and "Nothing waits" in page.text
    assert "after 1 minute" in page.text
    assert fake.alerts[0]["state"] == answer


async def test_second_answer_is_told_who_was_first(browser, fake):
    fake.alerts.append(alert())
    await browser.open(URL)
    fake.alerts[0]["state"] = "not_them"
    page = await browser.submit(f"{URL}/{fake.alerts[0]['id']}/answer", {"answer": "same_person"})
    assert "Rosa answered first: not them" in page.text


async def test_alert_that_waits_too_long_says_what_to_do(browser, fake):
    fake.alerts.append(alert(escalated_at="2026-11-21T23:20:00Z"))
    assert "go there, or send a colleague" in (await browser.get(URL)).text


async def test_photo_that_is_gone_is_said(browser, fake):
    fake.alerts.append(alert(crop_url=None, face_id=None))
    assert "The photo is gone" in (await browser.get(URL)).text


async def test_badge_and_stream_are_for_those_who_answer(browser, fake):
    assert "data-alert-count" in (await browser.get("/guests")).text
    fake.permissions = frozenset({"customers.view"})
    page = await browser.get("/guests")
    assert "data-alert-count" not in page.text and "data-alerts" not in page.text
    assert (await browser.get(URL)).status_code == 403


async def test_every_state_has_words_in_both_languages(browser, fake):
    fake.alerts += [alert(state=state, answered_by="Rosa", seconds_to_answer=5) for state in STATES]
    for language in ("en", "fr"):
        page = await browser.get(URL, headers={"Accept-Language": language})
        assert page.status_code == 200
