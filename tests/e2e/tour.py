"""Every page and every main state of it, one after the other, in one window.

Each stop is yielded by its name once the page has come to rest there; what is done with it is the
caller's matter. The venue must be empty at the start and is left with guests in it.
"""

import re
from collections.abc import Iterator

from playwright.sync_api import expect

from tests.e2e.alert_stops import alert_stops
from tests.e2e.browsing import Visitor
from tests.e2e.consent_stops import consent_stops
from tests.e2e.incident_stops import incident_stops
from tests.e2e.offer_stops import offer_stops
from tests.e2e.privacy_stops import privacy_stops
from tests.e2e.rejections import rejected_stops
from tests.e2e.retention_stops import retention_stops
from tests.e2e.review_desk import review_stops
from tests.e2e.scenes import Scenes, retouched
from tests.e2e.venue import Venue, engine_held
from vestibule.workflows.demo_guests import GUESTS

LONG_NAME = (
    "Maximiliane-Désirée Élisabeth von und zu Hohenstein-Schwarzenbergstraßenfest " + "W" * 60
)
NAMES = (LONG_NAME, "محمد عبد الرحمن الحسيني", "Zoë 🎉 Ångström")


def tour(visitor: Visitor, venue: Venue, scenes: Scenes, empty_photo: bytes) -> Iterator[str]:
    yield from _the_first_minutes(visitor)
    for name in NAMES:
        venue.add_guest(name, notes="Allergic to nuts.\nTable by the window. " * 3)
    yield from _a_photo_on_its_way(visitor, scenes)
    yield from _an_enrolment(visitor)
    yield from _answers(visitor)
    yield from _other_results(visitor, venue, scenes, empty_photo)
    yield from rejected_stops(visitor, venue, scenes, empty_photo)
    yield from _refusals(visitor)
    yield from _the_door(visitor)
    yield from _guests(visitor)
    yield from _tonight(visitor, venue)
    yield from _one_guest(visitor, venue)
    yield from offer_stops(visitor, venue)
    yield from incident_stops(visitor, venue, LONG_NAME)
    yield from review_stops(visitor, venue)
    yield from alert_stops(visitor, venue)
    yield from privacy_stops(visitor, venue, LONG_NAME)
    yield from consent_stops(visitor, venue, LONG_NAME)
    yield from retention_stops(visitor, venue, LONG_NAME)
    yield from _the_installation(visitor)
    yield from _the_way_out(visitor)


def _the_first_minutes(visitor: Visitor) -> Iterator[str]:
    page, say = visitor.page, visitor.say
    yield "door-empty"
    visitor.open("/guests")
    yield "guests-empty"
    visitor.open("/")
    with engine_held(visitor.product, "detect") as release:
        visitor.press(page.get_by_role("button", name=say("Load demo guests")))
        expect(page.locator(".demo-loading")).to_contain_text(str(len(GUESTS)))
        yield "door-demo-loading"
        release()
    expect(page.locator(".sample")).to_have_count(5, timeout=60_000)
    yield "door-demo"


def _a_photo_on_its_way(visitor: Visitor, scenes: Scenes) -> Iterator[str]:
    page = visitor.page
    with engine_held(visitor.product, "embed") as release:
        visitor.upload(scenes.evening())
        expect(page.locator("#live-boxes rect")).to_have_count(2)
        yield "progress"
        page.reload()
        expect(page.locator("#live-boxes rect")).to_have_count(2)
        yield "progress-come-back-to"
        release()
    visitor.see_result()
    yield "result"


def _an_enrolment(visitor: Visitor) -> Iterator[str]:
    page, say = visitor.page, visitor.say
    enrol = visitor.card("unknown").get_by_role("link", name=say("Enrol"))
    photo_url, enrol_url = page.url, str(enrol.get_attribute("href"))
    visitor.open(enrol_url)
    yield "enrol-who-page"
    page.goto(photo_url)
    visitor.press(enrol)
    sheet = page.locator("dialog#sheet")
    expect(sheet.locator("#enrol-name")).to_be_focused()
    yield "enrol-who"
    next_step = sheet.get_by_role("button", name=say("Next: consent"))
    visitor.expect_refusal(422)
    visitor.press(next_step)
    expect(sheet.locator(".field-error")).to_be_visible()
    yield "enrol-who-refused"
    sheet.locator("#enrol-name").press_sequentially("zo")
    expect(sheet.locator(".option")).to_have_count(3)
    yield "enrol-who-found"
    sheet.locator("#enrol-name").fill("Chloé O’Brien")
    expect(sheet.locator(".option")).to_have_count(0)
    visitor.press(next_step)
    expect(sheet.locator(".notice").first).to_be_visible()
    yield "enrol-consent"
    visitor.press(sheet.get_by_role("button", name=say("Enrol the face")))
    expect(sheet.locator(".field-error")).to_be_visible()
    yield "enrol-consent-refused"
    sheet.locator("[name=consent]").check()
    sheet.locator("[name=living_person]").check()
    with engine_held(visitor.product, "embed") as release:
        visitor.press(sheet.get_by_role("button", name=say("Enrol the face")))
        expect(sheet.locator(".spinner")).to_be_visible()
        yield "enrol-checking"
        release()
    expect(sheet.locator(".outcome-done")).to_be_visible()
    yield "enrol-done"
    visitor.press(sheet.get_by_role("link", name=say("Back to the photo")))
    expect(visitor.card("unknown")).to_contain_text(say("Enrolled from this photo"))
    visitor.expect_refusal(409)
    visitor.open(enrol_url)
    yield "enrol-too-late"
    page.goto(photo_url)


def _answers(visitor: Visitor) -> Iterator[str]:
    known = visitor.card("known")
    visitor.press(known.get_by_role("button", name=visitor.say("Confirm")))
    expect(known).to_contain_text(visitor.say("The visit is on record."))
    yield "result-confirmed"


def _other_results(
    visitor: Visitor, venue: Venue, scenes: Scenes, empty_photo: bytes
) -> Iterator[str]:
    page, say = visitor.page, visitor.say
    nobody = venue.identify(empty_photo)
    visitor.open(f"/photos/{nobody['id']}")
    yield "result-nobody"
    six = venue.identify(scenes.samples["six"])
    visitor.open(f"/photos/{six['id']}")
    leave = page.get_by_role("button", name=say("Leave"))
    visitor.press(leave.first)
    expect(page.locator("article.is-answered")).to_have_count(1)
    yield "result-six"
    small = venue.identify(scenes.far_away())
    visitor.open(f"/photos/{small['id']}")
    yield "result-unusable"
    again = retouched(scenes.known())
    venue.identify(again)
    visitor.open(f"/photos/{venue.identify(again)['id']}")
    known = visitor.card("known")
    visitor.press(known.get_by_role("button", name=say("Not them")))
    expect(known).to_contain_text(say("No visit was recorded."))
    yield "result-not-them-same-file"


def _refusals(visitor: Visitor) -> Iterator[str]:
    visitor.expect_refusal(415)
    visitor.open("/")
    visitor.upload(b"Dear door staff", "letter.txt")
    expect(visitor.page.locator("section.problem")).to_be_visible()
    yield "upload-refused"


def _the_door(visitor: Visitor) -> Iterator[str]:
    page, say = visitor.page, visitor.say
    visitor.open("/")
    yield "door"
    visitor.press(page.get_by_role("button", name=say("Settings")))
    expect(page.locator("#settings")).to_be_visible()
    yield "settings"
    visitor.press(page.locator("[data-open-keys]"))
    expect(page.locator("dialog#keys")).to_be_visible()
    yield "keyboard"
    page.keyboard.press("Escape")
    visitor.press(page.locator(".take"))
    expect(page.locator("#camera-problem")).to_be_visible()
    yield "camera-blocked"
    page.keyboard.press("Escape")


def _guests(visitor: Visitor) -> Iterator[str]:
    page = visitor.page
    visitor.open("/guests")
    expect(page.locator(".row-name")).to_have_count(len(GUESTS) + 1 + len(NAMES))
    yield "guests"
    page.get_by_role("searchbox").fill("nobody of this name")
    expect(page.locator(".empty")).to_be_visible()
    yield "guests-none-found"
    visitor.open("/guests?query=colins")
    expect(page.locator(".list-part")).to_be_visible()
    yield "guests-alike"
    visitor.open("/guests/new")
    yield "guest-new"
    visitor.open("/guests/duplicates")
    yield "guests-duplicates"
    visitor.open("/guests/import")
    yield "guests-import-form"
    sheet = b"Name;E-mail;Colour\nAnn;ann@example.org;red\nBo;nowhere;blue\n"
    file = {"name": "list.csv", "mimeType": "text/csv", "buffer": sheet}
    page.locator("#list-file").set_input_files(files=[file])
    visitor.press(page.get_by_role("button", name=visitor.say("Look at the list")))
    expect(page.locator(".import-problems")).to_be_visible()
    yield "guests-import"


def _tonight(visitor: Visitor, venue: Venue) -> Iterator[str]:
    page, say = visitor.page, visitor.say
    visitor.open("/tonight?query=eileen")
    visitor.press(page.locator("#tonight-found form button").first)
    expect(page.locator(".tonight-rows .row").first).to_be_visible()
    yield "tonight"
    page.locator("#check-name").fill(LONG_NAME)
    visitor.press(page.get_by_role("button", name=say("Check the name")))
    expect(page.locator("#name-checked .card")).to_be_visible()
    yield "tonight-name-checked"
    one, other = (venue.guest(name)["id"] for name in ("Eileen Collins", "Joe Biden"))
    visitor.open(f"/guests/{one}/merge/{other}")
    expect(page.get_by_role("button", name=say("They are two people"))).to_be_visible()
    yield "guest-merge"


def _one_guest(visitor: Visitor, venue: Venue) -> Iterator[str]:
    page, say = visitor.page, visitor.say
    guest_id = venue.guest("Eileen Collins")["id"]
    visitor.open(f"/guests/{guest_id}")
    yield "guest"
    visitor.press(page.get_by_role("link", name=say("Delete this guest")))
    expect(page.locator("dialog#sheet")).to_be_visible()
    yield "guest-delete"
    template_id = venue.guest("Eileen Collins")["templates"][0]["id"]
    visitor.open(f"/guests/{guest_id}/faces/{template_id}?query=joe")
    yield "guest-face-move"
    for path in ("edit", "add-photo", "delete"):
        visitor.open(f"/guests/{guest_id}/{path}")
        yield f"guest-{path}-page"
    faceless_id = venue.guest(LONG_NAME)["id"]
    visitor.open(f"/guests/{faceless_id}")
    yield "guest-faceless"
    visitor.open(f"/guests/{faceless_id}/consent")
    yield "guest-consent"
    visitor.open(f"/guests/{faceless_id}/edit")
    page.locator("#name").fill("W" * 300)
    visitor.press(page.get_by_role("button", name=say("Save")))
    expect(page.locator(".field-error")).to_be_visible()
    yield "guest-edit-refused"


def _the_installation(visitor: Visitor) -> Iterator[str]:
    visitor.open("/system")
    yield "system"
    visitor.open("/system/accuracy")
    yield "system-accuracy"
    visitor.open("/system/models")
    visitor.press(visitor.page.locator("details.terms summary").first)
    yield "system-models"
    visitor.open("/system/thresholds")
    yield "system-thresholds"
    say, page = visitor.say, visitor.page
    page.locator("[name=from_answers]").check()
    visitor.press(page.get_by_role("button", name=say("Show what would change")))
    expect(page.locator("#reason")).to_be_visible()
    yield "system-thresholds-proposal"
    yield from _the_gallery(visitor)
    visitor.open("/system/jobs")
    yield "system-jobs"
    yield from _the_batches(visitor)
    yield from _the_people(visitor)
    visitor.open("/styleguide")
    yield "styleguide"
    visitor.open("/transparency")
    yield "transparency"
    visitor.expect_refusal(404)
    visitor.open("/guests/00000000-0000-0000-0000-000000000000")
    yield "nothing-here"


def _the_batches(visitor: Visitor) -> Iterator[str]:
    page, say = visitor.page, visitor.say
    visitor.open("/system/batches")
    yield "system-batches"
    page.locator("#import-given-by").fill("each guest, on paper")
    page.locator("[name=consent]").check()
    visitor.press(page.get_by_role("button", name=say("Import these guests")))
    failed = page.locator("a[href^='/system/batches/']:not(.button)").first
    expect(failed).to_be_visible(timeout=30_000)
    visitor.press(failed)
    expect(page.get_by_text("Jules_Marchand/list.txt")).to_be_visible()
    yield "system-batch-failures"
    visitor.open("/system/batches")
    visitor.press(page.get_by_role("button", name=say("Rebuild the index")))
    expect(page.get_by_role("link", name=say("Switch to it"))).to_be_visible(timeout=30_000)
    yield "system-batches-ready"
    visitor.press(page.get_by_role("link", name=say("Switch to it")))
    expect(page.locator("#reason")).to_be_visible()
    yield "system-generation-switch"
    visitor.open("/system/batches")
    visitor.press(page.get_by_role("link", name=say("Drop it")).first)
    expect(page.locator("#reason")).to_be_visible()
    yield "system-generation-drop"
    page.locator("#reason").fill("Only a trial.")
    visitor.press(page.locator("button.button-final"))
    expect(page.get_by_role("link", name=say("Switch to it"))).to_have_count(0)


def _the_people(visitor: Visitor) -> Iterator[str]:
    page, say = visitor.page, visitor.say
    visitor.open("/system/venues")
    yield "system-venues"
    visitor.open("/system/keys")
    yield "system-keys"
    visitor.open("/account")
    visitor.press(page.get_by_role("button", name=say("Set up a second factor")))
    expect(page.locator(".qr svg")).to_be_visible()
    yield "account-second-factor"
    visitor.open("/account")
    yield "account"
    visitor.open("/system/people")
    page.locator("#name").fill("Camille Roux")
    page.locator("#email").fill(f"camille-{visitor.device.name}@club.example")
    visitor.press(page.get_by_role("button", name=say("Make the link")))
    invitation = page.locator("pre code").inner_text()
    yield "person-invited"
    visitor.press(page.get_by_role("link", name=say("To the account")))
    expect(page.locator("#roles-title")).to_be_visible()
    yield "system-person"
    visitor.open("/system/people")
    yield "system-people"
    page.goto(invitation)
    expect(page.locator("#password")).to_be_visible()
    yield "invitation"


def _the_gallery(visitor: Visitor) -> Iterator[str]:
    page, say = visitor.page, visitor.say
    visitor.open("/system/gallery")
    visitor.press(page.locator("form[action='/system/gallery/examination'] button"))
    expect(page.get_by_role("button", name=say("Look again"))).to_be_visible(timeout=30_000)
    yield "system-gallery"
    visitor.open("/system/gallery?kind=single_face")
    yield "system-gallery-single-face"
    visitor.open("/system/gallery/judged")
    yield "system-gallery-judged"


def _the_way_out(visitor: Visitor) -> Iterator[str]:
    page, say = visitor.page, visitor.say
    visitor.open("/")
    visitor.press(page.get_by_role("button", name=say("Settings")))
    visitor.press(page.get_by_role("button", name=say("Sign out")))
    expect(page).to_have_url(re.compile("/sign-in$"))
    yield "signed-out"
    visitor.expect_refusal(401)
    visitor.open("/sign-in/spent-long-ago")
    yield "link-spent"
