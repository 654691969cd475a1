"""The pictures of a guest's own page: shown in their browser, and in the file they take along."""

import io
import zipfile

from PIL import Image
from playwright.sync_api import expect

from tests.e2e.browsing import PHONE
from tests.people import link_for
from vestibule.domain.permissions import Role

_LOADED = "images => images.filter(image => image.complete && image.naturalWidth > 0).length"


def test_sealed_pictures_are_shown_to_the_guest_and_lie_in_their_file(visit, demo_venue, scenes):
    photo = demo_venue.identify(scenes.known())
    guest_id = next(face["customer"]["id"] for face in photo["faces"] if face["customer"])
    staff = visit.arrive()
    runtime = staff.product.installation.runtime
    staff.open(f"/sign-in/{link_for(runtime, Role.DPO, name='Camille')}")
    staff.open(f"/guests/{guest_id}/own-page")
    staff.press(staff.page.get_by_role("button", name=staff.say("Make a link")))
    link = staff.page.locator("pre code").inner_text()

    guest = visit.arrive(PHONE)
    guest.page.goto(link)
    pictures = guest.page.locator(".own-faces img")
    expect(pictures.first).to_be_visible()
    count = pictures.count()
    for one in pictures.all():
        one.scroll_into_view_if_needed()
    guest.page.wait_for_function(
        f"count => ({_LOADED})([...document.querySelectorAll('.own-faces img')]) === count",
        arg=count,
    )
    with guest.page.expect_download() as taken:
        guest.press(guest.page.locator("a[href='/me/data.zip']"))
    with zipfile.ZipFile(taken.value.path()) as file:
        inside = [name for name in file.namelist() if name.endswith(".jpg")]
        sizes = [Image.open(io.BytesIO(file.read(name))).size for name in inside]
    assert len(inside) >= count >= 1
    assert all(min(size) >= 32 for size in sizes)
