"""Faces that matched nobody: what is written of them anywhere, and what a blur leaves of them."""

import base64
import io
import json
from collections.abc import Callable, Iterator
from uuid import UUID

import cv2
import numpy as np
import pytest
from kombu.transport.virtual import Channel
from PIL import Image

from tests.faces.comparing import SAME_PERSON_AT_LEAST, score
from tests.faces.traces import everything_kept, traces_of, where_found
from vestibule.adapters.onnx_engine import OnnxFaceEngine
from vestibule.adapters.pillow_codec import PillowCodec
from vestibule.domain.faces import Box, RgbImage

CONSENT = {"consent_basis": "explicit-consent", "notice_shown": "true"}


# ── written anywhere ────────────────────────────────────────────────────────────────────────
@pytest.fixture
def embedded(monkeypatch) -> list[np.ndarray]:
    """Every embedding that the engine makes while the test runs, in whatever thread."""
    made: list[np.ndarray] = []

    def remembering(original):
        def embed(self, *args, **options):
            found = original(self, *args, **options)
            made.extend(np.array(found))
            return found

        return embed

    for name in ("embed", "embed_each"):
        original = getattr(OnnxFaceEngine, name)
        monkeypatch.setattr(OnnxFaceEngine, name, remembering(original))
    return made


@pytest.fixture
def messages(monkeypatch) -> list[dict]:
    """Every message that is given to the broker."""
    sent: list[dict] = []
    original = Channel.basic_publish

    def publish(self, message, exchange, routing_key, **options):
        sent.append(message)
        return original(self, message, exchange, routing_key, **options)

    monkeypatch.setattr(Channel, "basic_publish", publish)
    return sent


def enrol(http, content: bytes, name: str) -> dict:
    fields = {"name": name, **CONSENT}
    answer = http.post("/v1/enrolments", data=fields, files={"photo": ("p.jpg", content)})
    return http.get(answer.headers["location"], params={"wait_s": 30}).json()


def identify(http, content: bytes) -> dict:
    answer = http.post("/v1/photos", content=content)
    photo = http.get(answer.headers["location"], params={"wait_s": 30}).json()
    assert photo["state"] == "done", photo
    return photo


@pytest.mark.duty("GDPR 11", "GDPR 5(1)(c)")
def test_art_11_no_embedding_of_an_unmatched_face_is_written_anywhere(
    gallery, served, encoded_photos, embedded, messages, capfd
):
    assert enrol(gallery, encoded_photos["obama"], "Barack Obama")["outcome"] == "enrolled"
    embedded.clear()
    messages.clear()
    capfd.readouterr()

    photos = [identify(gallery, encoded_photos[name]) for name in ("six", "astronaut")]
    faces = [face for photo in photos for face in photo["faces"]]
    assert len(faces) == 7 and {face["decision"] for face in faces} == {"UNKNOWN"}
    left = gallery.post(f"/v1/faces/{faces[0]['id']}/answer", json={"answer": "leave"})
    assert left.status_code == 200
    # Somebody who is turned away at the enrolment is a stranger too: two people, nobody meant.
    assert enrol(gallery, encoded_photos["six"], "Nobody")["outcome"] == "rejected"

    assert len(embedded) >= 7
    traces = traces_of(embedded)
    kept = everything_kept(served.installation)
    assert len(kept) > 500
    assert {name.split(" ")[0] for name in kept} == {"file", "object", "table"}
    assert where_found(traces, kept) == []

    said = capfd.readouterr()
    assert where_found(traces, {"logs": (said.out + said.err).encode()}) == []
    assert len(messages) >= 3
    for message in messages:
        body = base64.b64decode(message["body"])
        arguments, named, _ = json.loads(body)
        assert [UUID(one) for one in arguments] and named == {}
        assert where_found(traces, {"message": body}) == []


@pytest.mark.parametrize(
    "write",
    [
        lambda vector: vector.astype("<f4").tobytes(),
        lambda vector: vector.astype(">f8").tobytes(),
        lambda vector: b"\\x" + vector.astype("<f4").tobytes().hex().encode(),
        lambda vector: b"x" + base64.b64encode(b"12" + vector.astype("<f4").tobytes()),
        lambda vector: json.dumps([float(one) for one in vector]).encode(),
        lambda vector: np.round(vector * 127).astype(np.int8).tobytes(),
    ],
)
def test_search_for_traces_finds_what_was_written(write):
    vector = np.random.default_rng(7).normal(size=128).astype(np.float32)
    vector /= np.linalg.norm(vector)
    other = np.random.default_rng(8).normal(size=128).astype(np.float32)
    kept = {
        "here": b"before" + write(vector) + b"after",
        "not here": write(other),
        "between zeros": bytes(5_000) + write(vector) + bytes(5_000),
        "here again": b"before" + write(vector) + b"after",
    }
    assert where_found(traces_of([vector]), kept) == ["here", "between zeros", "here again"]


# ── blurred for good ────────────────────────────────────────────────────────────────────────
Attempt = Callable[[RgbImage], RgbImage]


def sharpened(image: RgbImage) -> RgbImage:
    soft = cv2.GaussianBlur(image, (0, 0), 9)
    return cv2.addWeighted(image, 4.0, soft, -3.0, 0)


def equalised(image: RgbImage) -> RgbImage:
    lab = cv2.cvtColor(image, cv2.COLOR_RGB2LAB)
    lab[..., 0] = cv2.createCLAHE(8.0, (4, 4)).apply(lab[..., 0])
    return cv2.cvtColor(lab, cv2.COLOR_LAB2RGB)


def enlarged(image: RgbImage) -> RgbImage:
    """Shrunk to where the cells are pixels, and drawn large again by the sharpest kernel."""
    height, width = image.shape[:2]
    small = cv2.resize(image, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    return cv2.resize(small, (width, height), interpolation=cv2.INTER_LANCZOS4)


def deconvolved(sigma_px: float) -> Attempt:
    """Richardson and Lucy (1972/1974), twelve rounds, for a Gaussian of that width."""

    def attempt(image: RgbImage) -> RgbImage:
        seen = image.astype(np.float32) + 1
        guess = seen.copy()
        for _ in range(12):
            again = cv2.GaussianBlur(guess, (0, 0), sigma_px)
            guess *= cv2.GaussianBlur(seen / np.maximum(again, 1e-3), (0, 0), sigma_px)
        return np.clip(guess - 1, 0, 255).astype(np.uint8)

    return attempt


ATTEMPTS: dict[str, Attempt] = {
    "as it is": lambda image: image,
    "sharpened": sharpened,
    "equalised": equalised,
    "enlarged": enlarged,
    **{f"deconvolved {sigma}": deconvolved(sigma) for sigma in (4.0, 8.0, 16.0)},
}


@pytest.fixture(scope="module", params=["six", "astronaut"])
def stored(request, photos, any_engine, codec) -> Iterator[tuple]:
    """A photo, its faces, and the same photo as it is kept of strangers, through its JPEG."""
    image = photos[request.param]
    faces = any_engine.detect(image)
    blurred = codec.blur_faces(image, [face.box_xyxy_px for face in faces])
    yield image, faces, codec.decode_upright(codec.encode_jpeg(blurred))


@pytest.mark.parametrize("name", ATTEMPTS)
@pytest.mark.duty("GDPR 11")
def test_art_11_blurred_face_is_not_recognised_after(stored, any_engine, name):
    """Even by who knows where its eyes were, and holds a picture of it from the same second.

    What a detector takes for a face in the result, if anything, is nobody's either.
    """
    image, faces, blurred = stored
    tried = ATTEMPTS[name](blurred)
    found = any_engine.detect(tried)
    assert name != "as it is" or found == []
    known, seen = any_engine.embed(image, faces), any_engine.embed(tried, [*faces, *found])
    limit = SAME_PERSON_AT_LEAST[any_engine.space.pack]
    assert max(score(any_engine, one, other) for one in known for other in seen) < limit


def within(box: Box, image: RgbImage) -> RgbImage:
    x1, y1, x2, y2 = (round(one) for one in box)
    return image[y1:y2, x1:x2]


@pytest.mark.duty("GDPR 11")
def test_art_11_faces_of_one_average_are_blurred_to_the_same_pixels():
    """Shrunk first: sixteen averages are all that is left, whoever was there."""
    codec = PillowCodec()
    box: Box = (100.0, 100.0, 228.0, 228.0)
    random = np.random.default_rng(1)
    # The blur widens the box and its edge; cells are of that patch, so noise of mean zero is
    # balanced in blocks that divide any of them.
    flat = np.full((340, 340, 3), 128, np.uint8)
    noise = random.integers(-60, 60, (170, 170, 3))
    checks = np.kron(noise, np.array([[1, -1], [-1, 1]])[..., None])
    other = np.clip(flat + checks, 0, 255).astype(np.uint8)
    assert np.abs(within(box, flat).astype(int) - within(box, other)).mean() > 20
    one, two = codec.blur_faces(flat, [box]), codec.blur_faces(other, [box])
    assert np.abs(within(box, one).astype(int) - within(box, two)).max() <= 2


@pytest.mark.duty("GDPR 11")
def test_art_11_stored_photo_gives_the_recogniser_nothing_to_match(gallery, encoded_photos):
    """What the product itself kept, sent to it again, also enlarged and sharpened."""
    kept = gallery.get(identify(gallery, encoded_photos["obama2"])["image_url"]).content
    assert enrol(gallery, encoded_photos["obama"], "Barack Obama")["outcome"] == "enrolled"
    image = np.asarray(Image.open(io.BytesIO(kept)).convert("RGB"))
    for attempt in (ATTEMPTS["as it is"], sharpened, deconvolved(8.0)):
        encoded = io.BytesIO()
        Image.fromarray(attempt(image)).save(encoded, "PNG")
        again = identify(gallery, encoded.getvalue())
        assert [face["customer"] for face in again["faces"]] == [None] * len(again["faces"])
