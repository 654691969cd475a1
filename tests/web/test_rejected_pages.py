"""A rejected enrolment: what is wrong, shown and said, and taking it up again."""

import re

import pytest

from services.web.fault_view import marks_of, meter_of, rejected_view
from services.web.fault_words import FAULTS
from tests.web.fake_rejections import BOX, LANDMARKS, finding, picture, rejection
from vestibule.domain.quality import Fault

pytestmark = pytest.mark.anyio
FACE = {"box_xyxy_px": BOX, "landmarks_xy_px": LANDMARKS}
FRENCH = {"Cookie": "vestibule_language=fr"}


@pytest.fixture
async def reject(browser, fake):
    """Enrols a photo that comes out as asked; where its outcome is."""

    async def enrol(reason: str, **more) -> str:
        fake.outcome = {"outcome": "rejected", "reason": reason, **more}
        guest = fake.add_guest("Ada Okafor", faces=0)
        await browser.open("/")
        await browser.post(
            f"/guests/{guest['id']}/add-photo",
            data={"csrf_token": browser.token},
            files={"photo": ("ada.jpg", b"x", "image/jpeg")},
        )
        enrolment = list(fake.enrolments)[-1]
        return f"/enrolments/{enrolment}"

    return enrol


async def shown(browser, path: str, **options) -> str:
    await browser.open(path)
    return (await browser.open(path, **options)).text


def test_every_fault_that_there_is_has_words():
    assert set(FAULTS) == {fault.value for fault in Fault}


@pytest.mark.parametrize("code", sorted(FAULTS))
async def test_each_finding_is_said_with_what_to_do(browser, reject, code):
    page = await shown(browser, await reject(code))
    words = FAULTS[code]
    for text in (words.title, words.wrong, words.to_do):
        assert text in page
    assert "No template was made" in page
    assert "style=" not in page


async def test_all_findings_are_said_and_what_is_well_too(browser, reject):
    page = await shown(browser, await reject("mouth_covered", codes=["mouth_covered", "too_small"]))
    assert page.index("Mouth covered") < page.index("Too small")
    assert "3 things are well" in page and "Both eyes can be seen" in page


async def test_findings_are_said_in_french(browser, reject):
    path = await reject("eyes_covered")
    await browser.get("/preferences?language=fr&next=/")
    page = await shown(browser, path)
    assert "Yeux couverts" in page and "Accepter quand même" in page


async def test_the_picture_is_shown_with_marks_over_it(browser, reject):
    path = await reject("rolled")
    page = await shown(browser, path)
    assert f'<image href="{path}/picture?pass=' in page
    assert len(re.findall(r'class="mark mark-', page)) >= 3
    picture = await browser.shown(path, f"{path}/picture")
    assert picture.headers["content-type"] == "image/jpeg"
    assert picture.headers["cache-control"] == "private, no-store"


async def test_where_nothing_is_held_a_drawn_face_carries_the_marks(browser, reject):
    page = await shown(browser, await reject("turned", held=False))
    assert "<image" not in page and "fault-head" in page
    assert "no longer held" in page and "Accept it anyway" not in page


async def test_a_photo_of_nobody_shows_an_empty_place(browser, reject):
    page = await shown(browser, await reject("no_face"))
    assert "fault-nobody" in page and "Accept it anyway" not in page


async def test_a_reason_is_sent_with_every_finding(browser, fake, reject):
    path = await reject("blurred", codes=["blurred", "too_small"])
    await shown(browser, path)
    fields = {"codes": "blurred,too_small", "reason": "The only photo of a VIP."}
    page = await browser.submit(f"{path}/override", fields)
    assert page.url.path == path
    (asked,) = fake.taken_up
    assert asked["override"] == {
        "codes": ["blurred", "too_small"],
        "reason": "The only photo of a VIP.",
    }


async def test_a_reason_too_short_is_asked_for_again_with_what_was_typed(browser, fake, reject):
    path = await reject("blurred")
    await shown(browser, path)
    page = await browser.submit(f"{path}/override", {"codes": "blurred", "reason": " VIP "})
    assert page.status_code == 422
    assert ">VIP</textarea>" in page.text and "ten to five hundred" in page.text
    assert '<details class="override" open>' in page.text
    assert fake.taken_up == []


async def test_a_refused_override_is_said_in_words(browser, reject):
    path = await reject("blurred", override_problem="hold_expired")
    await shown(browser, path)
    fields = {"codes": "blurred", "reason": "Long enough a reason."}
    page = await browser.submit(f"{path}/override", fields)
    assert page.status_code == 409
    assert "no longer held" in page.text


async def test_an_override_without_the_token_changes_nothing(browser, fake, reject):
    path = await reject("blurred")
    answer = await browser.post(f"{path}/override", data={"reason": "Long enough a reason."})
    assert answer.status_code == 403
    assert fake.taken_up == []


async def test_of_two_faces_one_can_be_picked(browser, fake, reject):
    path = await reject("several_faces")
    page = await shown(browser, path)
    assert page.count('class="mark mark-face"') == 2
    assert "Accept it anyway" not in page
    await browser.submit(f"{path}/face", {"face": "2"})
    assert fake.taken_up == [{"face": 2}]


async def test_whom_it_looks_like_is_shown_beside_it(browser, fake, reject):
    other = fake.add_guest("Zoé Lefèvre")
    page = await shown(browser, await reject("resembles_other", resembles=other))
    assert f'src="/guests/{other["id"]}/portrait?pass=' in page and "Zoé Lefèvre" in page


async def test_nobody_is_named_where_the_caller_may_not_see_customers(browser, fake, reject):
    fake.add_guest("Zoé Lefèvre")
    page = await shown(browser, await reject("resembles_other"))
    assert "Looks like another guest" in page and "Zoé" not in page


async def test_what_no_reason_outweighs_says_so(browser, reject):
    codes = ["resembles_other", "other_person"]
    page = await shown(browser, await reject("resembles_other", codes=codes, blocked=True))
    assert "no reason can outweigh it" in page and "Accept it anyway" not in page


async def test_an_accepted_face_says_why_on_the_guests_page(browser, fake):
    guest = fake.add_guest("Ada Okafor")
    guest["templates"][0]["override"] = {
        "codes": ["eyes_covered"],
        "reason": "Blind guest, never without glasses.",
        "by": "owner",
        "at": "2026-11-21T23:14:05Z",
    }
    page = await browser.open(f"/guests/{guest['id']}")
    assert "Accepted in spite of:" in page.text and "Eyes covered" in page.text
    assert "Blind guest, never without glasses." in page.text and "By owner" in page.text


async def test_a_good_enrolment_says_what_is_well(browser, fake, reject):
    path = await reject("blurred")
    fake.outcome = {"outcome": "enrolled", "reason": None}
    page = await shown(browser, path)
    assert "3 things are well" in page and "Sharp enough" in page


# ── what is drawn ───────────────────────────────────────────────────────────────────────────
def test_a_meter_shows_on_which_side_enough_lies():
    under = meter_of({"measured": 14, "limit": 20})
    over = meter_of({"measured": 0.3, "limit": 0.12})
    assert under is not None and under.measured == 35 and under.is_enough_right
    assert over is not None and over.measured == 97 and not over.is_enough_right
    assert meter_of({"measured": None, "limit": None}) is None


@pytest.mark.parametrize("code", sorted(set(FAULTS) - {"no_face", "several_faces"}))
def test_marks_of_a_face_lie_around_it(code):
    for mark in marks_of(finding(code), FACE, (232, 232)):
        assert all(-120 < x < 350 and -120 < y < 350 for x, y in mark.points)
        assert re.fullmatch(r"M [-\d.]+ [-\d.]+( L [-\d.]+ [-\d.]+)+( Z)?", mark.path)


@pytest.mark.parametrize(
    ("box", "edge"),
    [
        ([0, 50, 80, 150], {(0, 0), (0, 232)}),
        ([150, 50, 232, 150], {(232, 0), (232, 232)}),
        ([50, 0, 150, 100], {(0, 0), (232, 0)}),
        ([50, 130, 150, 232], {(0, 232), (232, 232)}),
    ],
)
def test_the_edge_that_cuts_is_the_one_marked(box, edge):
    (mark,) = marks_of(finding("cut_off"), {**FACE, "box_xyxy_px": box}, (232, 232))
    assert set(mark.points) == edge


def test_turned_in_a_picture_of_no_size_draws_without_fault():
    flat = {"box_xyxy_px": [0, 0, 1, 1], "landmarks_xy_px": [[5, 5]] * 5}
    for code in FAULTS:
        marks_of(finding(code), flat, (1, 1))


def test_a_rejection_without_a_picture_is_drawn(fake):
    fake.outcome = {"outcome": "rejected", "reason": "turned", "held": False}
    view = rejected_view(rejection(fake, {"id": "x"}))
    assert view.is_drawn and view.marks and not view.has_two
    assert picture({"id": "x"}, two=True)["width_px"] == 432
