"""A photo in, its progress, its result, and what people say of its faces."""

import json
import re

import pytest

pytestmark = pytest.mark.anyio

JSON = {"Accept": "application/json"}


async def send(browser, content, **headers):
    await browser.open("/")
    return await browser.post(
        "/photos",
        content=content,
        headers={"X-CSRF-Token": browser.token, "Content-Type": "image/jpeg", **JSON, **headers},
    )


async def test_script_upload_answers_with_where_to_follow(browser, fake):
    answer = await send(browser, b"photo")
    assert answer.status_code == 202
    photo_id = next(iter(fake.photos))
    assert answer.json() == {
        "url": f"/photos/{photo_id}",
        "events_url": f"/photos/{photo_id}/events",
    }


async def test_upload_passes_its_length_and_kind_on(browser, fake):
    await send(browser, b"x" * 1000)
    sent = fake.uploads[0]
    assert (sent["size"], sent["content_length"], sent["content_type"]) == (
        1000,
        "1000",
        "image/jpeg",
    )


async def test_upload_without_a_length_is_streamed_in_pieces(browser, fake):
    async def body():
        for _ in range(20):
            yield b"x" * 10_000

    answer = await send(browser, body())
    assert answer.status_code == 202
    sent = fake.uploads[0]
    assert sent["size"] == 200_000
    assert sent["content_length"] is None


async def test_plain_form_upload_leads_to_the_photo(browser, fake):
    await browser.open("/")
    content = bytes(range(256)) * 2_000
    page = await browser.post(
        "/photos",
        data={"csrf_token": browser.token},
        files={"photo": ("door.jpg", content, "image/jpeg")},
    )
    assert page.url.path == f"/photos/{next(iter(fake.photos))}"
    assert fake.uploads[0]["size"] == len(content)
    assert fake.uploads[0]["content_type"] == "image/jpeg"


@pytest.mark.parametrize(
    ("start", "status", "english", "french"),
    [
        (b"NOT-AN-IMAGE", 415, "not a photo", "n’est pas une photo"),
        (b"DAMAGED", 422, "is damaged", "est endommagée"),
        (b"HUGE", 413, "larger than photos may be", "dépasse la taille"),
        (b"PIXELS", 413, "more pixels", "plus de pixels"),
        (b"FULL", 507, "no room left", "plus de place"),
        (b"FAULT", 500, "on our side", "de notre côté"),
        (b"DOWN", 503, "database does not answer", "base de données ne répond pas"),
        (b"BUSY", 429, "would wait too long", "attendrait trop longtemps"),
        (b"", 422, "file was empty", "fichier était vide"),
    ],
)
async def test_refused_upload_says_why_in_both_languages(browser, start, status, english, french):
    said = await send(browser, start, **{"Accept-Language": "en"})
    assert said.status_code == status
    assert english in said.json()["happened"]
    said = await send(browser, start, **{"Accept-Language": "fr"})
    assert french in said.json()["happened"]
    form = await browser.post(
        "/photos",
        data={"csrf_token": browser.token},
        files={"photo": ("p.jpg", start, "image/jpeg")},
    )
    assert form.status_code == status
    assert english in form.text


async def test_busy_answer_says_when_to_come_back(browser):
    said = await send(browser, b"BUSY")
    assert (said.headers["retry-after"], said.json()["retry_after_s"]) == ("7", 7)
    form = await browser.post(
        "/photos",
        data={"csrf_token": browser.token},
        files={"photo": ("p.jpg", b"BUSY", "image/jpeg")},
    )
    assert (form.status_code, form.headers["retry-after"]) == (429, "7")
    assert "retry-after" not in (await send(browser, b"HUGE")).headers


async def test_upload_with_an_ended_session_says_where_to_go(browser, fake):
    await browser.open("/")
    fake.token = "another"
    answer = await browser.post(
        "/photos", content=b"x", headers={"X-CSRF-Token": browser.token, **JSON}
    )
    assert answer.status_code == 401
    assert answer.json()["go_to"] == "/sign-in"


async def test_cards_come_in_the_order_in_which_people_are_needed(browser, fake):
    fake.add_guest("Ada")
    fake.add_guest("Zoé")
    url = (await send(browser, b"photo")).json()["url"]
    page = await browser.get(url)
    states = re.findall(r'<article class="card card-(\w+)', page.text)
    assert states == ["check", "known", "unknown", "unknown", "unusable"]
    assert "Looks like" in page.text and "This is" not in page.text


async def test_boxes_stand_in_percent_and_point_at_their_cards(browser, fake):
    url = (await send(browser, b"photo")).json()["url"]
    page = await browser.get(url)
    boxes = re.findall(r'<a href="#(face-\d+)" id="box-\d+"', page.text)
    assert len(boxes) == len(fake.photos[url.split("/")[-1]]["faces"])
    assert all(f'id="{target}"' in page.text for target in boxes)
    assert re.search(r'<rect class="box-line" x="[\d.]+%"', page.text)


async def test_scores_are_never_percentages(browser, fake):
    fake.add_guest("Ada")
    url = (await send(browser, b"photo")).json()["url"]
    text = re.sub(r"<[^>]+>", " ", (await browser.get(url)).text)
    assert "Score 0.71, over the threshold of 0.46" in text
    assert not re.search(r"\d\s?%", text)


async def test_confirming_a_face_says_so_and_can_be_taken_back(browser, fake):
    fake.add_guest("Ada")
    url = (await send(browser, b"photo")).json()["url"]
    face = next(iter(fake.photos.values()))["faces"][0]
    fields = {"answer": "same_person", "photo_id": url.split("/")[-1]}
    card = await browser.submit(
        f"/faces/{face['id']}/answer", fields, headers={"HX-Request": "true"}
    )
    assert "This is" in card.text and "The visit is on record" in card.text
    assert "Not them after all" in card.text
    assert "<html" not in card.text


async def test_answer_changes_all_that_says_the_same_on_the_page(browser, fake):
    fake.add_guest("Ada")
    fake.add_guest("Zoé")
    url = (await send(browser, b"photo")).json()["url"]
    known, _, review = next(iter(fake.photos.values()))["faces"][:3]

    async def answer(face, said):
        fields = {"answer": said, "photo_id": url.split("/")[-1]}
        path = f"/faces/{face['id']}/answer"
        return (await browser.submit(path, fields, headers={"HX-Request": "true"})).text

    page = (await browser.get(url)).text
    assert f'src="{url}/image?pass=' in page
    assert "1 known" in page and "1 to check" in page and "2 not known" in page
    said = await answer(known, "not_them")
    assert "pill-known" not in said and "pill-unknown" in said
    assert "known</li>" in said and "3 not known" in said and "1 known" not in said
    assert (
        "Face 1: not known here" in said and f'data-image="{url}/image?hidden=1&amp;pass=' in said
    )
    said = await answer(review, "same_person")
    assert "1 known" in said and "to check" not in said
    assert f'src="{url}/image?hidden=1&amp;pass=' in (await browser.get(url)).text


async def test_answer_without_script_returns_to_the_face(browser, fake):
    fake.add_guest("Ada")
    url = (await send(browser, b"photo")).json()["url"]
    face = next(iter(fake.photos.values()))["faces"][1]
    fields = {"answer": "leave", "photo_id": url.split("/")[-1]}
    answer = await browser.submit(f"/faces/{face['id']}/answer", fields, follow_redirects=False)
    assert answer.headers["location"] == f"{url}#face-{face['number']}"


async def test_photo_id_of_a_form_cannot_lead_elsewhere(browser, fake):
    await send(browser, b"photo")
    face = next(iter(fake.photos.values()))["faces"][0]
    fields = {"answer": "leave", "photo_id": "../../evil\r\nX: y"}
    answer = await browser.submit(f"/faces/{face['id']}/answer", fields, follow_redirects=False)
    assert answer.headers["location"] == f"/photos/#face-{face['number']}"


async def test_same_file_again_says_when_it_came_before(browser):
    await send(browser, b"photo")
    url = (await send(browser, b"photo")).json()["url"]
    assert "The same file was uploaded before, today at" in (await browser.get(url)).text


async def test_photo_without_a_face_says_so(browser):
    url = (await send(browser, b"NOFACE")).json()["url"]
    page = await browser.get(url)
    assert "No face found" in page.text and "Nothing was compared" in page.text


async def test_failed_photo_says_what_happened_and_what_to_do(browser):
    url = (await send(browser, b"FAILS")).json()["url"]
    page = await browser.get(url)
    assert "is damaged and was not read" in page.text and "Take it again" in page.text


async def test_waiting_photo_shows_its_steps_and_refreshes_without_script(browser, fake):
    fake.pace_s = 60
    url = (await send(browser, b"photo")).json()["url"]
    page = await browser.get(url)
    assert page.text.count('data-step="') >= 4
    assert f'data-follow="{url}"' in page.text
    assert '<noscript><meta http-equiv="refresh" content="2"></noscript>' in page.text


async def test_events_pass_through(browser, fake):
    fake.pace_s = 0.05
    answer = (await send(browser, b"photo")).json()
    stream = await browser.get(answer["events_url"])
    assert stream.headers["content-type"].startswith("text/event-stream")
    events = [json.loads(line[5:]) for line in stream.text.splitlines() if line.startswith("data:")]
    assert events[-1]["state"] == "done"
    assert len(events[-1]["boxes"]) == len(fake.photos[answer["url"].split("/")[-1]]["faces"])


async def test_many_unusable_faces_are_folded(browser, fake):
    fake.boxes = [[10.0 * n, 10, 10.0 * n + 8, 18] for n in range(40)]
    url = (await send(browser, b"photo")).json()["url"]
    page = await browser.get(url)
    assert page.text.count("<article") == 40
    assert '<details class="more-cards">' in page.text
