"""Enrolling from a face and from a file."""

import re

import pytest

pytestmark = pytest.mark.anyio
SEEN = {"living_person": "seen"}


@pytest.fixture
async def held(browser, fake):
    """A held face: the browser stands on the door, the photo is done."""
    await browser.open("/")
    await browser.post(
        "/photos",
        content=b"photo",
        headers={"X-CSRF-Token": browser.token, "Accept": "application/json"},
    )
    photo = next(iter(fake.photos.values()))
    face = next(f for f in photo["faces"] if f["can_enrol_until"])
    return {"photo_id": photo["id"], "url": f"/faces/{face['id']}/enrol", "face": face}


async def test_three_steps_without_script(browser, fake, held):
    page = await browser.get(f"{held['url']}?photo={held['photo_id']}")
    assert "Who is it?" in page.text and "This face is held until" in page.text
    who = {"photo_id": held["photo_id"], "name": " Ada Okafor ", "customer_id": ""}
    page = await browser.submit(f"{held['url']}/consent", who)
    assert "May we recognise Ada Okafor?" in page.text
    assert "It is your choice" in page.text and "C’est votre choix" in page.text
    answer = {**who, "consent": "given", "given_by": "on paper", "do": "enrol"}
    answer["living_person"] = "seen"
    page = await browser.submit(f"{held['url']}/confirm", answer)
    assert "Checking the face" in page.text
    enrolment = next(iter(fake.enrolments))
    page = await browser.get(f"/enrolments/{enrolment}?photo={held['photo_id']}")
    assert "The next photo will know them" in page.text
    guest = next(iter(fake.guests.values()))
    assert guest["consents"][0]["given_by"] == "on paper"


async def test_enter_key_goes_on_and_never_saves_without_a_face(browser, held):
    """Browsers press the first button of a form for Enter, whether it is shown or not."""
    who = await browser.get(f"{held['url']}?photo={held['photo_id']}")
    fields = {"photo_id": held["photo_id"], "name": "Ada"}
    consent = await browser.submit(f"{held['url']}/consent", fields)
    for page, wanted in ((who, "next"), (consent, "enrol")):
        main = page.text[page.text.index("enrol-form") :]
        assert re.findall(r'type="submit" name="do" value="(\w+)"', main)[0] == wanted


async def test_name_is_needed_and_what_was_typed_stays(browser, held):
    fields = {"photo_id": held["photo_id"], "name": "x" * 201}
    page = await browser.submit(f"{held['url']}/consent", fields)
    assert page.status_code == 422
    assert "x" * 201 in page.text and "at most 200 characters" in page.text
    page = await browser.submit(f"{held['url']}/consent", {"name": "  "})
    assert page.status_code == 422


async def test_without_the_tick_nothing_is_enrolled(browser, fake, held):
    fields = {"photo_id": held["photo_id"], "name": "Ada", "do": "enrol"}
    page = await browser.submit(f"{held['url']}/confirm", fields)
    assert page.status_code == 422
    assert "Tick the box" in page.text
    assert not fake.enrolments


async def test_nobody_is_enrolled_before_somebody_has_looked(browser, fake, held):
    """What can be told of a face cannot tell it from a picture of one."""
    fields = {"photo_id": held["photo_id"], "name": "Ada", "consent": "given", "do": "enrol"}
    page = await browser.submit(f"{held['url']}/confirm", fields)
    assert page.status_code == 422
    assert "cannot tell a face from a picture of one" in page.text
    assert re.search(r'name="consent" value="given" checked', page.text)
    assert not fake.enrolments
    page = await browser.submit(f"{held['url']}/confirm", {**fields, **SEEN})
    assert "Checking the face" in page.text
    assert fake.enrolment_bodies[-1]["living_person_seen"] is True


async def test_a_suspicion_is_said_and_refuses_nobody(browser, fake, held):
    fake.presentation = {"score": 0.9, "threshold": 0.5, "is_suspicious": True}
    fields = {"photo_id": held["photo_id"], "name": "Ada", "consent": "given", "do": "enrol"}
    await browser.submit(f"{held['url']}/confirm", {**fields, **SEEN})
    page = await browser.get(f"/enrolments/{next(iter(fake.enrolments))}")
    assert "Ada is enrolled" in page.text
    assert "may be a picture of one" in page.text


async def test_a_match_reminds_that_nothing_checks_for_pictures(browser, fake):
    fake.add_guest("Ada")
    photo = fake.add_photo(b"a photo")
    for _ in range(5):
        page = await browser.get(f"/photos/{photo['id']}")
    assert "see that a living person stands here" in page.text


async def test_refusing_saves_the_guest_without_a_face(browser, fake, held):
    fields = {"photo_id": held["photo_id"], "name": "Ada", "do": "without_face"}
    page = await browser.submit(f"{held['url']}/confirm", fields)
    guest = next(iter(fake.guests.values()))
    assert page.url.path == f"/guests/{guest['id']}"
    assert "Saved without a face" in page.text
    assert guest["templates"] == [] and guest["consents"] == []


async def test_existing_guest_with_consent_is_not_asked_again(browser, fake, held):
    guest = fake.add_guest("Zoé Lefèvre")
    found = await browser.get("/enrol/matches?name=zo%C3%A9")
    assert guest["id"] in found.text
    fields = {"photo_id": held["photo_id"], "name": "zoé", "customer_id": guest["id"]}
    page = await browser.submit(f"{held['url']}/consent", fields)
    assert "This guest agreed before" in page.text and 'name="consent"' not in page.text
    await browser.submit(f"{held['url']}/confirm", {**fields, **SEEN, "do": "enrol"})
    assert len(fake.enrolments) == 1
    assert len(guest["consents"]) == 1


async def test_expired_hold_says_what_to_do(browser, held):
    held["face"]["can_enrol_until"] = None
    fields = {"photo_id": held["photo_id"], "name": "Ada", "consent": "given", "do": "enrol"}
    page = await browser.submit(f"{held['url']}/confirm", fields)
    assert page.status_code == 409
    assert "no longer held" in page.text and "Take a new photo" in page.text


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"can_enrol_until": None}, "no longer held"),
        ({"can_enrol_until": "2020-01-01T00:00:00Z"}, "no longer held"),
        ({"answer": "left"}, "no longer held"),
        ({"answer": "enrolled"}, "has changed in the meantime"),
    ],
)
async def test_face_that_cannot_be_enrolled_is_refused_at_the_first_step(
    browser, held, change, words
):
    held["face"].update(change)
    page = await browser.get(f"{held['url']}?photo={held['photo_id']}")
    assert page.status_code == 409
    assert words in page.text and "Who is it?" not in page.text
    fields = {"photo_id": held["photo_id"], "name": "Ada"}
    page = await browser.submit(f"{held['url']}/consent", fields)
    assert page.status_code == 409 and words in page.text


async def test_problem_in_the_sheet_is_said_in_the_sheet(browser, held):
    held["face"]["can_enrol_until"] = None
    fields = {"photo_id": held["photo_id"], "name": "Ada", "consent": "given", "do": "enrol"}
    for target, place in (("sheet-body", "#sheet-messages"), ("face-1", "#messages")):
        headers = {"HX-Request": "true", "HX-Target": target}
        answer = await browser.submit(f"{held['url']}/confirm", fields, headers=headers)
        assert answer.headers["HX-Retarget"] == place
        assert "no longer held" in answer.text and "<html" not in answer.text


async def test_file_for_a_guest_is_streamed_with_its_consent(browser, fake):
    guest = fake.add_guest("Ada", faces=0, consent=False)
    url = f"/guests/{guest['id']}/add-photo"
    page = await browser.open(url)
    assert "It is your choice" in page.text
    content = b"--not-a-boundary\r\n" * 5_000
    page = await browser.post(
        url,
        data={"csrf_token": browser.token, "consent": "given", "given_by": "on paper"},
        files={"photo": ("ada.jpg", content, "image/jpeg")},
    )
    assert page.url.path.startswith("/enrolments/")
    sent = fake.uploads[0]
    assert sent["size"] == len(content)
    assert sent["fields"] == {
        "customer_id": guest["id"],
        "consent_basis": "explicit-consent",
        "notice_shown": "true",
        "given_by": "on paper",
    }


async def test_file_without_consent_is_refused_in_words(browser, fake):
    guest = fake.add_guest("Ada", faces=0, consent=False)
    await browser.open("/")
    page = await browser.post(
        f"/guests/{guest['id']}/add-photo",
        data={"csrf_token": browser.token},
        files={"photo": ("ada.jpg", b"x", "image/jpeg")},
    )
    assert page.status_code == 422
    assert "needs the guest’s consent" in page.text


async def test_birth_date_goes_along_from_the_first_step_to_the_last(browser, fake):
    fake.add_guest("Ada")
    photo = fake.add_photo(b"photo")
    face = next(f for f in photo["faces"] if f["decision"] == "UNKNOWN")
    await browser.open("/")
    fields = {"photo_id": photo["id"], "name": "Bo", "birth_date": "1990-02-03", "do": "next"}
    page = await browser.submit(f"/faces/{face['id']}/enrol/consent", fields)
    assert 'name="birth_date" value="1990-02-03"' in page.text
    agreed = {"consent": "given", "living_person": "seen", "do": ""}
    page = await browser.submit(f"/faces/{face['id']}/enrol/confirm", {**fields, **agreed})
    assert page.status_code == 200
