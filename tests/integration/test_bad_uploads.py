"""What is not a photo gets words and a code, and the server lives on."""

import io
import struct
import time
import zlib

import httpx
import numpy as np
import pytest
from PIL import Image

LIMIT = 20_000_000


def encoded(mode: str, format_name: str, **options: object) -> bytes:
    image = Image.new("RGB", (200, 150), (120, 90, 60)).convert(mode)
    buffer = io.BytesIO()
    image.save(buffer, format_name, **options)
    return buffer.getvalue()


def png_header_only(width: int, height: int) -> bytes:
    """A PNG that announces a size and holds next to nothing: a decompression bomb's front."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        crc = struct.pack(">I", zlib.crc32(kind + body))
        return struct.pack(">I", len(body)) + kind + body + crc

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(b"\x00" * 1000)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    )


def upload(api: httpx.Client, content: bytes) -> httpx.Response:
    return api.post("/v1/photos", files={"photo": ("photo.jpg", content)})


def settled(api: httpx.Client, answer: httpx.Response) -> dict:
    assert answer.status_code == 202, answer.text
    return api.get(f"/v1/photos/{answer.json()['id']}", params={"wait_s": 30}).json()


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"this is a text, not a photo", 415, "not_an_image"),
        (b"%PDF-1.7\n%...", 415, "not_an_image"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", 415, "not_an_image"),
        (b"", 422, "empty_upload"),
        (png_header_only(30_000, 30_000), 413, "too_many_pixels"),
        (b"\xff\xd8\xff", 422, "damaged_image"),
    ],
    ids=["text", "pdf", "svg", "empty", "bomb", "only the first bytes of a JPEG"],
)
def test_refused_upload_says_why_and_stores_nothing(api, product, content, status, code):
    before = product.installation.runtime.blobs.keys("photos/")

    answer = upload(api, content)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"]
    assert product.installation.runtime.blobs.keys("photos/") == before


def test_truncated_photo_fails_its_job_in_words_and_its_bytes_go(api, product, empty_photo):
    photo = settled(api, upload(api, empty_photo[: len(empty_photo) * 2 // 3]))

    assert photo["state"] == "failed"
    assert photo["error"]["code"] == "damaged_image"
    assert photo["image_url"] is None
    give_up_at = time.monotonic() + 20
    while product.installation.runtime.blobs.keys(f"photos/{photo['id']}/"):
        assert time.monotonic() < give_up_at, "the damaged upload is still stored"
        time.sleep(0.1)


def test_file_over_the_limit_is_refused(api):
    answer = upload(api, b"\xff\xd8\xff" + b"x" * LIMIT)

    assert (answer.status_code, answer.json()["code"]) == (413, "photo_too_large")


def test_body_without_a_length_is_counted_while_it_streams(api):
    chunks = (b"x" * 1_000_000 for _ in range(25))

    answer = api.post("/v1/photos", content=chunks, headers={"Content-Type": "image/jpeg"})

    assert "content-length" not in {name.lower() for name in answer.request.headers}
    assert (answer.status_code, answer.json()["code"]) == (413, "photo_too_large")


def test_multipart_without_a_photo_names_the_field(api):
    answer = api.post("/v1/photos", files={"picture": ("a.jpg", b"abc")})

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
    assert "photo" in answer.json()["detail"]


def test_broken_multipart_is_refused(api):
    answer = api.post(
        "/v1/photos", content=b"no boundary here", headers={"Content-Type": "multipart/form-data"}
    )

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")


def rotated_jpeg() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    return encoded("RGB", "JPEG", exif=exif)


def deep_png() -> bytes:
    buffer = io.BytesIO()
    ramp = np.linspace(0, 65_535, 200, dtype=np.uint16)
    Image.fromarray(np.tile(ramp, (150, 1))).save(buffer, "PNG")
    return buffer.getvalue()


def animated_gif() -> bytes:
    frames = [Image.new("P", (200, 150), shade) for shade in (1, 2, 3)]
    buffer = io.BytesIO()
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:])
    return buffer.getvalue()


def heic() -> bytes:
    import pillow_heif

    pillow_heif.register_heif_opener()
    return encoded("RGB", "HEIF")


@pytest.mark.parametrize(
    "make",
    [
        animated_gif,
        lambda: encoded("CMYK", "JPEG"),
        deep_png,
        lambda: encoded("P", "PNG"),
        lambda: encoded("RGBA", "PNG"),
        lambda: encoded("LA", "PNG"),
        lambda: encoded("1", "PNG"),
        lambda: encoded("RGB", "WEBP"),
        lambda: encoded("RGB", "TIFF"),
        heic,
    ],
    ids=["animated", "cmyk", "16-bit", "palette", "alpha", "la", "1-bit", "webp", "tiff", "heic"],
)
def test_unusual_photo_is_read(api, make):
    photo = settled(api, upload(api, make()))

    assert (photo["state"], photo["error"]) == ("done", None)
    assert (photo["width_px"], photo["height_px"]) == (200, 150)


def test_photo_turned_by_exif_is_measured_upright(api):
    photo = settled(api, upload(api, rotated_jpeg()))

    assert (photo["width_px"], photo["height_px"]) == (150, 200)


def test_photo_without_a_face_is_a_result_not_an_error(api, empty_photo):
    photo = settled(api, upload(api, empty_photo))

    assert (photo["state"], photo["faces"], photo["error"]) == ("done", [], None)
    assert api.get(photo["image_url"]).headers["content-type"] == "image/jpeg"


def test_same_file_twice_gives_two_photos_and_says_so(api, empty_photo):
    content = empty_photo + b"same twice"
    first = settled(api, upload(api, content))
    second = settled(api, upload(api, content))

    assert first["same_as"] is None
    assert second["same_as"]["photo_id"] == first["id"]
    assert second["id"] != first["id"]


def test_one_pixel_photo_is_read(api):
    buffer = io.BytesIO()
    Image.new("RGB", (1, 1)).save(buffer, "PNG")

    assert settled(api, upload(api, buffer.getvalue()))["faces"] == []


def test_server_still_answers_after_all_of_it(api):
    ready = {"status": "ready", "waiting_for": [], "photos_wait_for": []}
    assert api.get("/readyz").json() == ready
