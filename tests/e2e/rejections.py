"""Photos that the gate at enrolment rejects, and the pages that say so."""

import io
from collections.abc import Iterator

import numpy as np
from PIL import Image
from playwright.sync_api import expect

from services.serve import Product
from tests.e2e.browsing import Visitor
from tests.e2e.scenes import Scenes
from tests.e2e.venue import Venue
from vestibule.domain.faces import DetectedFace, RgbImage
from vestibule.evaluation.face_covers import BLACK_LENSES, with_sunglasses

GUEST = "Zoé Lefèvre"


def rejected_stops(
    visitor: Visitor, venue: Venue, scenes: Scenes, empty_photo: bytes
) -> Iterator[str]:
    """The demo guests must be there; nobody is added, and nobody gets a face."""
    page, say = visitor.page, visitor.say
    guest_id = venue.guest(GUEST)["id"]

    def open_rejection(content: bytes, reason: str) -> None:
        enrolment = venue.rejected(content, guest_id)
        assert enrolment["reason"] == reason, enrolment
        visitor.open(f"/enrolments/{enrolment['id']}")
        expect(page.locator(".fault-picture")).to_be_visible()

    open_rejection(in_sunglasses(venue.product, stranger(venue.product, scenes)), "eyes_covered")
    yield "enrol-rejected"
    visitor.press(page.get_by_text(say("Accept it anyway")))
    expect(page.locator("#override-reason")).to_be_visible()
    yield "enrol-override"
    open_rejection(twice(venue.product, scenes.known()), "several_faces")
    yield "enrol-two-faces"
    open_rejection(scenes.samples["obama2"], "resembles_other")
    expect(page.locator(".resembles")).to_contain_text("Barack Obama")
    yield "enrol-looks-like-another"
    open_rejection(empty_photo, "no_face")
    yield "enrol-nobody"


def stranger(product: Product, scenes: Scenes) -> bytes:
    """The leftmost of the six friends, whom nobody enrols."""
    runtime = product.installation.runtime
    six = runtime.codec.decode_upright(scenes.samples["six"])
    return scenes.one_of_six(runtime.engine.detect(six)[0].box_xyxy_px)


def in_sunglasses(product: Product, content: bytes) -> bytes:
    image, face = _portrait(product, content)
    rng = np.random.default_rng(0)
    return _jpeg(with_sunglasses(image, face, rng, lenses=BLACK_LENSES))


def twice(product: Product, content: bytes) -> bytes:
    """The face beside itself, as large and as central."""
    image, face = _portrait(product, content)
    region, _ = product.installation.runtime.engine.region(image, face)
    return _jpeg(np.hstack([region, region]))


def _portrait(product: Product, content: bytes) -> tuple[RgbImage, DetectedFace]:
    runtime = product.installation.runtime
    image = runtime.codec.decode_upright(content)
    return image, max(runtime.engine.detect(image), key=lambda face: face.width_px)


def _jpeg(image: RgbImage) -> bytes:
    encoded = io.BytesIO()
    Image.fromarray(image).save(encoded, "JPEG", quality=95)
    return encoded.getvalue()
