"""A face on a guest's file: set aside, used again, moved and moved back, always in words."""

import pytest

pytestmark = pytest.mark.anyio


def url_of(guest, place: int = 0) -> str:
    return f"/guests/{guest['id']}/faces/{guest['templates'][place]['id']}"


async def test_face_is_set_aside_and_used_again(browser, fake):
    guest = fake.add_guest("Ada", faces=2)
    url = url_of(guest)
    page = await browser.open(url)
    assert "Photos are compared with this face" in page.text
    page = await browser.submit(f"{url}/set-aside")
    assert "The face is set aside" in page.text and "Use again" in page.text
    page = await browser.submit(f"{url}/bring-back")
    assert "The face is used again." in page.text
    assert guest["retired_templates"] == []


async def test_face_that_gives_way_is_said(browser, fake):
    guest = fake.add_guest("Ada", faces=3)
    url = url_of(guest)
    await browser.open(url)
    await browser.submit(f"{url}/set-aside")
    page = await browser.submit(f"{url}/bring-back")
    assert "Another one, which adds least, is set aside for it." in page.text


async def test_all_faces_chosen_by_hand_says_what_to_do(browser, fake):
    guest = fake.add_guest("Ada", faces=2)
    url = url_of(guest)
    await browser.open(url)
    await browser.submit(f"{url}/set-aside")
    fake.all_chosen_by_hand = True
    page = await browser.submit(f"{url}/bring-back")
    assert "Set one of them aside first." in page.text


async def test_face_is_moved_to_a_guest_that_was_searched_for_and_back(browser, fake):
    ada, ben = fake.add_guest("Ada", faces=2), fake.add_guest("Ben Okafor")
    url = url_of(ada)
    page = await browser.open(f"{url}?query=okafor")
    assert "Ben Okafor" in page.text and 'type="radio"' in page.text
    page = await browser.submit(f"{url}/move", {"to_customer_id": ben["id"], "reason": "Twins."})
    assert "The face was moved to Ben Okafor" in page.text
    assert "Moved to" in page.text and "Twins." in page.text
    assert (len(ada["templates"]), len(ben["templates"])) == (1, 2)

    page = await browser.open(f"/guests/{ben['id']}")
    assert "Came from" in page.text and "Move back" in page.text
    page = await browser.submit(f"/guests/{ben['id']}/moves/{fake.moves[0]['id']}/undo")
    assert "All is as it was before." in page.text and "Moved back" in page.text
    assert (len(ada["templates"]), len(ben["templates"])) == (2, 1)


async def test_guest_is_not_offered_their_own_face(browser, fake):
    ada = fake.add_guest("Ada")
    page = await browser.get(f"{url_of(ada)}?query=ada")
    assert "No other guest is called “ada”." in page.text


async def test_move_to_a_guest_without_consent_is_refused_in_words_with_a_way_on(browser, fake):
    ada, ben = fake.add_guest("Ada"), fake.add_guest("Ben", faces=0, consent=False)
    url = url_of(ada)
    await browser.open(f"{url}?query=ben")
    fields = {"to_customer_id": ben["id"], "reason": "Wrong file", "query": "ben"}
    page = await browser.submit(f"{url}/move", fields)
    assert page.status_code == 422
    assert "has no consent on record" in page.text and "Nothing was moved" in page.text
    assert f"/guests/{ben['id']}/consent" in page.text
    assert 'value="Wrong file"' in page.text and "checked" in page.text


async def test_move_without_a_reason_keeps_what_was_chosen(browser, fake):
    ada, ben = fake.add_guest("Ada"), fake.add_guest("Ben")
    url = url_of(ada)
    await browser.open(f"{url}?query=ben")
    fields = {"to_customer_id": ben["id"], "reason": "", "query": "ben"}
    page = await browser.submit(f"{url}/move", fields)
    assert page.status_code == 422 and "say in a few words why" in page.text
    assert len(ada["templates"]) == 1


async def test_face_that_was_moved_meanwhile_is_a_conflict_in_words(browser, fake):
    ada, ben = fake.add_guest("Ada"), fake.add_guest("Ben")
    url = url_of(ada)
    await browser.open(url)
    ben["templates"].append(ada["templates"].pop())
    fields = {"to_customer_id": ben["id"], "reason": "Wrong file"}
    page = await browser.submit(f"{url}/move", fields)
    assert page.status_code == 409 and "changed in the meantime" in page.text


async def test_moving_back_to_somebody_who_withdrew_says_why_it_stays(browser, fake):
    ada, ben = fake.add_guest("Ada"), fake.add_guest("Ben")
    url = url_of(ada)
    await browser.open(url)
    await browser.submit(f"{url}/move", {"to_customer_id": ben["id"], "reason": "Twins."})
    ada["consents"].clear()
    page = await browser.submit(f"/guests/{ben['id']}/moves/{fake.moves[0]['id']}/undo")
    assert "withdrawn the consent" in page.text


async def test_face_of_somebody_else_is_not_found(browser, fake):
    ada, ben = fake.add_guest("Ada"), fake.add_guest("Ben")
    page = await browser.get(f"/guests/{ada['id']}/faces/{ben['templates'][0]['id']}")
    assert page.status_code == 404


async def test_enrolment_says_what_it_replaced_and_turns_it_round(browser, fake):
    ada = fake.add_guest("Ada", faces=1)
    await browser.open("/")
    old = ada["templates"][0]
    await browser.post(
        f"/guests/{ada['id']}/add-photo",
        data={"csrf_token": browser.token},
        files={"photo": ("p.jpg", b"x" * 10)},
    )
    enrolment = next(iter(fake.enrolments.values()))
    new = next(t for t in ada["templates"] if t is not old)
    ada["templates"].remove(old)
    ada["retired_templates"].append({**old, "status": "retired", "retired_for": new["id"]})
    page = await browser.open(f"/enrolments/{enrolment['id']}")
    assert "instead of an older, similar one" in page.text
    await browser.submit(
        f"/guests/{ada['id']}/faces/{old['id']}/bring-back", {"instead_of": new["id"]}
    )
    assert [t["id"] for t in ada["templates"]] == [old["id"]]


async def test_enrolment_that_adds_little_says_that_it_was_set_aside(browser, fake):
    ada = fake.add_guest("Ada", faces=1)
    await browser.open("/")
    await browser.post(
        f"/guests/{ada['id']}/add-photo",
        data={"csrf_token": browser.token},
        files={"photo": ("p.jpg", b"x" * 10)},
    )
    enrolment = next(iter(fake.enrolments.values()))
    new = ada["templates"].pop(0)
    ada["retired_templates"].append({**new, "status": "retired"})
    page = await browser.open(f"/enrolments/{enrolment['id']}")
    assert "adds little" in page.text and "Use it all the same" in page.text


async def test_who_curates_no_gallery_sees_a_face_and_no_button_that_is_refused(browser, fake):
    guest = fake.add_guest("Ada", faces=1)
    fake.permissions = frozenset({"customers.view"})
    page = await browser.open(url_of(guest))
    assert "A manager sets a face aside" in page.text
    assert "/set-aside" not in page.text and "/move" not in page.text
