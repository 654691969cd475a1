"""Files that are refused: said in words on the page, and the page goes on."""

import io

import pillow_heif
import pytest
from PIL import Image
from playwright.sync_api import expect

from services.web.words import PROBLEMS
from tests.e2e.browsing import DESKTOP, PHONE
from tests.e2e.conftest import UPLOAD_LIMIT_BYTES
from tests.e2e.scenes import retouched

pytestmark = pytest.mark.usefixtures("demo_venue")

BUSY = (
    "Many photos are waiting. Keep this page open: the photo is sent again by itself in "
    "{seconds} s."
)
DEVICES = pytest.mark.parametrize("device", [PHONE, DESKTOP], ids=lambda device: device.language)


@DEVICES
@pytest.mark.parametrize("case", ["not_an_image", "damaged_image", "empty_upload"])
def test_refused_file_is_explained_and_the_next_photo_works(device, case, visit, scenes):
    photo = scenes.known()
    content = {
        "not_an_image": b"Dear door staff, this is a letter.\n" * 40,
        "damaged_image": photo[: len(photo) // 2],
        "empty_upload": b"",
    }[case]
    visitor = visit(device)
    visitor.expect_refusal(415)
    visitor.expect_refusal(422)
    visitor.upload(content, "letter.txt" if case == "not_an_image" else "photo.jpg")
    problem = visitor.page.locator("section.problem")
    words = PROBLEMS[case]
    expect(problem.locator("h1")).to_have_text(visitor.say(words.happened))
    expect(problem).to_contain_text(visitor.say(words.to_do))
    expect(problem.locator("h1")).to_be_focused()
    visitor.upload_and_see(photo)
    expect(visitor.card("known").locator(".card-name")).to_have_text("Eileen Collins")


@DEVICES
def test_file_over_the_limit_is_refused_before_it_is_sent(device, visit):
    visitor = visit(device)
    sent: list[str] = []
    visitor.page.on("request", lambda request: sent.append(request.method))
    visitor.upload(b"\xff\xd8" + bytes(UPLOAD_LIMIT_BYTES))
    expect(visitor.page.locator("section.problem h1")).to_contain_text("1 M")
    assert "POST" not in sent
    expect(visitor.page.locator("section.problem [data-choose-photo]")).to_be_visible()


def test_file_over_the_limit_is_refused_by_the_server_too(visit):
    visitor = visit(DESKTOP)
    visitor.expect_refusal(413)
    visitor.page.evaluate("delete document.body.dataset.limitBytes")
    visitor.upload(b"\xff\xd8" + bytes(UPLOAD_LIMIT_BYTES))
    happened = visitor.say(PROBLEMS["photo_too_large"].happened)
    expect(visitor.page.locator("section.problem h1")).to_have_text(happened)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_each_file_that_the_button_gives_on_a_phone_is_answered_in_words(language, visit, scenes):
    """One after the other, as somebody tries who does not know what is wrong."""
    visitor = visit(PHONE, language=language)
    visitor.expect_refusal(415)
    visitor.expect_refusal(422)
    cut_heic = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(2_000)
    for content, name, kind in (
        (b"A letter.\n" * 40, "letter.txt", "text/plain"),
        (b"", "nothing.jpg", "image/jpeg"),
        (b"\xff\xd8" + bytes(UPLOAD_LIMIT_BYTES), "huge.jpg", "image/jpeg"),
        (cut_heic, "photo.jpg", "image/jpeg"),
    ):
        visitor.upload(content, name, kind)
        problem = visitor.page.locator("section.problem")
        expect(problem.locator("h1")).to_be_focused()
        expect(problem.locator("h1")).not_to_be_empty()
        expect(problem.locator("h1")).to_be_in_viewport()
        expect(problem.locator("[data-choose-photo]")).to_be_visible()
    visitor.upload_and_see(
        _as_heic(scenes.known())
    )  # under the wrong ending, and read all the same
    expect(visitor.card("known").locator(".card-name")).to_have_text("Eileen Collins")


def _as_heic(photo: bytes) -> bytes:
    pillow_heif.register_heif_opener()
    written = io.BytesIO()
    Image.open(io.BytesIO(photo)).convert("RGB").save(written, "HEIF")
    return written.getvalue()


@DEVICES
def test_photo_without_a_face_says_so(device, visit, empty_photo):
    visitor = visit(device)
    result = visitor.upload_and_see(empty_photo)
    expect(result.locator("h1")).to_have_text(visitor.say("No face found"))
    expect(visitor.page.locator("article.card")).to_have_count(0)


@DEVICES
def test_second_upload_of_the_same_file_says_so(device, visit, scenes):
    photo = retouched(scenes.known())
    visitor = visit(device)
    visitor.upload_and_see(photo)
    first_url = visitor.page.url
    note = visitor.page.get_by_role("link", name=visitor.say("See that result"))
    expect(note).to_have_count(0)
    visitor.open("/")
    visitor.upload_and_see(photo)
    assert visitor.page.url != first_url
    visitor.press(note)
    expect(visitor.page).to_have_url(first_url)


def test_broken_connection_says_that_nothing_was_stored(visit, scenes):
    visitor = visit(DESKTOP)
    visitor.page.context.set_offline(True)
    expect(visitor.page.locator("#offline")).to_be_visible()
    visitor.upload(scenes.known())
    expect(visitor.page.locator("section.problem h1")).to_contain_text("connection broke off")
    visitor.page.context.set_offline(False)
    expect(visitor.page.locator("#offline")).not_to_be_visible()
    visitor.complaints[:] = [one for one in visitor.complaints if "DISCONNECTED" not in one]
    visitor.upload_and_see(scenes.known())


@DEVICES
def test_photo_for_which_there_is_no_room_is_kept_and_sent_again(device, visit, scenes):
    visitor = visit(device)
    busy = {"code": "too_busy", "happened": "busy", "safe": "", "to_do": "", "retry_after_s": 3}
    answers = [busy, busy]

    def full_at_first(route):
        if answers and route.request.method == "POST":
            route.fulfill(status=429, json=answers.pop())
        else:
            route.continue_()

    visitor.expect_refusal(429)
    visitor.page.route("**/photos", full_at_first)
    visitor.upload(scenes.known())
    reason = visitor.page.locator("#wait-reason")
    expect(reason).to_have_text(visitor.say(BUSY).replace("{seconds}", "3"))
    expect(visitor.page.locator("#live-image")).to_be_visible()
    expect(visitor.page.locator("#may-close")).to_be_hidden()
    expect(visitor.card("known").locator(".card-name")).to_have_text("Eileen Collins")
    assert answers == []
