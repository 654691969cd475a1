"""Every kind of photo that people send, and every kind of harm."""

import io
import struct
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pillow_heif
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from vestibule.adapters.pillow_codec import PillowCodec
from vestibule.domain.errors import (
    DamagedImageError,
    NotAnImageError,
    PhotoRefusedError,
    TooManyPixelsError,
)
from vestibule.domain.faces import RgbImage

CODEC = PillowCodec()


def quarters(height: int = 48, width: int = 64) -> RgbImage:
    """Red, green, blue and grey quarters: any turn or mix-up of channels shows."""
    image = np.zeros((height, width, 3), np.uint8)
    image[: height // 2, : width // 2] = (200, 10, 10)
    image[: height // 2, width // 2 :] = (10, 200, 10)
    image[height // 2 :, : width // 2] = (10, 10, 200)
    image[height // 2 :, width // 2 :] = (120, 120, 120)
    return image


def saved(image: Image.Image, image_format: str, **options: object) -> bytes:
    written = io.BytesIO()
    image.save(written, image_format, **options)
    return written.getvalue()


def heif(image: Image.Image) -> bytes:
    written = io.BytesIO()
    pillow_heif.from_pillow(image).save(written, quality=95)
    return written.getvalue()


PHOTO = Image.fromarray(quarters())
ENCODINGS: dict[str, Callable[[Image.Image], bytes]] = {
    "JPEG": lambda image: saved(image, "JPEG", quality=95, subsampling=0),
    "PNG": lambda image: saved(image, "PNG"),
    "WEBP": lambda image: saved(image, "WEBP", lossless=True),
    "GIF": lambda image: saved(image, "GIF"),
    "BMP": lambda image: saved(image, "BMP"),
    "TIFF": lambda image: saved(image, "TIFF"),
    "HEIF": heif,
    "AVIF": lambda image: saved(image, "AVIF", quality=95),
}


def assert_looks_like(decoded: RgbImage, expected: RgbImage, *, tolerance: int = 12) -> None:
    assert decoded.dtype == np.uint8
    assert decoded.shape == expected.shape
    inner = np.s_[4:-4, 4:-4]
    difference = np.abs(decoded.astype(int) - expected)[inner]
    assert np.percentile(difference, 90) <= tolerance


# ── what works ──────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("name", ENCODINGS)
def test_each_format_says_its_size_and_decodes(name: str) -> None:
    encoded = ENCODINGS[name](PHOTO)
    header = CODEC.read_header(encoded)
    assert (header.format, header.width_px, header.height_px) == (name, 64, 48)
    assert_looks_like(CODEC.decode_upright(encoded), quarters())


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied(name: str, orientation: int) -> None:
    """The photo is stored turned the other way, so that every orientation shows the same."""
    undo = {
        1: lambda a: a,
        2: np.fliplr,
        3: lambda a: np.rot90(a, 2),
        4: np.flipud,
        5: lambda a: a.transpose(1, 0, 2),
        6: lambda a: np.rot90(a, 1),
        7: lambda a: np.rot90(a.transpose(1, 0, 2), 2),
        8: lambda a: np.rot90(a, -1),
    }
    stored = Image.fromarray(np.ascontiguousarray(undo[orientation](quarters())))
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"JPEG": {"quality": 95, "subsampling": 0}, "WEBP": {"lossless": True}}.get(name, {})
    encoded = saved(stored, name, exif=exif, **options)
    assert_looks_like(CODEC.decode_upright(encoded), quarters())


def test_a_heic_photo_with_an_orientation_is_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    stored = Image.fromarray(np.ascontiguousarray(np.rot90(quarters(), 1)))
    written = io.BytesIO()
    pillow_heif.from_pillow(stored).save(written, quality=95, exif=exif.tobytes())
    assert_looks_like(CODEC.decode_upright(written.getvalue()), quarters())


def test_damaged_exif_does_not_spoil_a_sound_photo() -> None:
    encoded = saved(PHOTO, "JPEG", quality=95, subsampling=0, exif=b"Exif\0\0II*\0\xff\xff\xff\xff")
    assert_looks_like(CODEC.decode_upright(encoded), quarters())


def test_cmyk_jpegs_have_their_colours() -> None:
    """Pillow writes CMYK the Adobe way, inverted, and so do cameras' editors."""
    encoded = saved(PHOTO.convert("CMYK"), "JPEG", quality=95, subsampling=0)
    assert b"Adobe" in encoded
    assert_looks_like(CODEC.decode_upright(encoded), quarters())


@pytest.mark.parametrize("image_format", ["PNG", "TIFF"])
def test_16_bit_grey_is_scaled_not_clipped(image_format: str) -> None:
    ramp = np.linspace(0, 65535, 256).astype(np.uint16).repeat(8).reshape(32, 64)
    encoded = saved(Image.fromarray(ramp), image_format)
    decoded = CODEC.decode_upright(encoded)
    assert decoded.min() == 0
    assert decoded.max() == 255
    assert np.abs(decoded[..., 0].astype(int) - ramp / 257).max() <= 1


def test_16_bit_colour_png_is_scaled_not_clipped() -> None:
    deep = quarters()[..., ::-1].astype(np.uint16) * 257
    _, encoded = cv2.imencode(".png", deep)
    assert_looks_like(CODEC.decode_upright(encoded.tobytes()), quarters(), tolerance=1)


def test_16_bit_colour_tiff_is_scaled_not_clipped() -> None:
    deep = quarters()[..., ::-1].astype(np.uint16) * 257
    _, encoded = cv2.imencode(".tiff", deep, [cv2.IMWRITE_TIFF_COMPRESSION, 1])
    assert_looks_like(CODEC.decode_upright(encoded.tobytes()), quarters(), tolerance=1)


@pytest.mark.parametrize("mode", ["L", "1", "P"])
def test_grey_one_bit_and_palette_images_become_rgb(mode: str) -> None:
    converted = PHOTO.convert(mode)
    decoded = CODEC.decode_upright(saved(converted, "PNG"))
    assert_looks_like(decoded, np.asarray(converted.convert("RGB")), tolerance=1)


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_alpha_is_laid_on_white(mode: str) -> None:
    image = Image.new(mode, (20, 10), 0)
    assert (CODEC.decode_upright(saved(image, "PNG")) == 255).all()


def test_a_palette_with_a_transparent_colour_is_laid_on_white() -> None:
    image = Image.new("P", (20, 10), 3)
    image.putpalette([0, 0, 0] * 256)
    assert (CODEC.decode_upright(saved(image, "PNG", transparency=3)) == 255).all()


@pytest.mark.parametrize("image_format", ["GIF", "WEBP", "PNG", "AVIF"])
def test_an_animation_gives_its_first_frame(image_format: str) -> None:
    other = Image.new("RGB", PHOTO.size, "white")
    encoded = saved(PHOTO, image_format, save_all=True, append_images=[other, other])
    assert_looks_like(CODEC.decode_upright(encoded), quarters(), tolerance=40)


@pytest.mark.parametrize("options", [{"progressive": True}, {"subsampling": 2}, {"quality": 30}])
def test_both_ways_of_reading_a_jpeg_agree(options: dict[str, int]) -> None:
    """Bytes after the end marker send the same photo to the other decoder."""
    noise = np.random.default_rng(0).integers(0, 255, (60, 80, 3), dtype=np.uint8)
    encoded = saved(Image.fromarray(noise), "JPEG", **options)
    fast, slow = CODEC.decode_upright(encoded), CODEC.decode_upright(encoded + b"trailer")
    assert np.array_equal(fast, slow)


def test_a_grey_jpeg_becomes_rgb() -> None:
    encoded = saved(PHOTO.convert("L"), "JPEG", quality=95)
    assert CODEC.decode_upright(encoded).shape == (48, 64, 3)


# ── what is refused ─────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"%PDF-1.7\n",
        b"RIFF\0\0\0\0WAVEfmt ",
        b"\0\0\0\x18ftypisom\0\0\0\0",
        b"8BPS\0\x01",
        b"#!/bin/sh\n",
    ],
)
def test_other_files_are_no_images(content: bytes) -> None:
    for read in (CODEC.read_header, CODEC.decode_upright):
        with pytest.raises(NotAnImageError):
            read(content)


NOISE = Image.fromarray(np.random.default_rng(0).integers(0, 255, (64, 96, 3), dtype=np.uint8))


@pytest.mark.parametrize("name", ENCODINGS)
@pytest.mark.parametrize("share", [0.02, 0.3, 0.5, 0.8, 0.95])
def test_a_photo_that_is_cut_short_is_damaged_never_half_read(name: str, share: float) -> None:
    encoded = ENCODINGS[name](NOISE)
    with pytest.raises((DamagedImageError, NotAnImageError)):
        CODEC.decode_upright(encoded[: int(len(encoded) * share)])


@pytest.mark.parametrize("name", ["JPEG", "PNG"])
def test_no_cut_of_a_photo_is_read_as_another_photo(name: str) -> None:
    encoded = ENCODINGS[name](NOISE)
    whole = CODEC.decode_upright(encoded)
    for end in range(0, len(encoded), 61):
        try:
            decoded = CODEC.decode_upright(encoded[:end])
        except PhotoRefusedError:
            continue
        assert np.array_equal(decoded, whole), end


@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::PIL.Image.DecompressionBombWarning")
@settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(changes=st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), max_size=12))
@pytest.mark.parametrize("name", ENCODINGS)
def test_damage_anywhere_raises_nothing_but_a_refusal(
    name: str, changes: list[tuple[int, int]]
) -> None:
    encoded = bytearray(ENCODINGS[name](PHOTO))
    for position, value in changes:
        encoded[position % len(encoded)] = value
    try:
        decoded = PillowCodec(limit_px=1_000_000).decode_upright(bytes(encoded))
    except PhotoRefusedError:
        return
    assert decoded.ndim == 3
    assert decoded.dtype == np.uint8


def test_a_gif_frame_that_reaches_far_beyond_its_screen_is_damaged() -> None:
    encoded = ENCODINGS["GIF"](PHOTO)
    frame = encoded.index(b"," + struct.pack("<HHHH", 0, 0, 64, 48))
    huge = b"," + struct.pack("<HHHH", 0, 0, 60_000, 60_000)
    with pytest.raises((DamagedImageError, TooManyPixelsError)):
        CODEC.read_header(encoded[:frame] + huge + encoded[frame + len(huge) :])


# ── bombs ───────────────────────────────────────────────────────────────────────────────────
def png_bomb(side: int) -> bytes:
    def chunk(kind: bytes, content: bytes) -> bytes:
        checked = kind + content
        return struct.pack(">I", len(content)) + checked + struct.pack(">I", zlib.crc32(checked))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress(b"\0" * 100_000))
    return b"\x89PNG\r\n\x1a\n" + header + pixels + chunk(b"IEND", b"")


def with_size(encoded: bytes, old: bytes, new: bytes) -> bytes:
    assert encoded.count(old) >= 1
    return encoded.replace(old, new)


BOMBS = {
    "PNG": png_bomb(60_000),
    "JPEG": with_size(
        ENCODINGS["JPEG"](PHOTO), struct.pack(">HH", 48, 64), struct.pack(">HH", 60_000, 60_000)
    ),
    "GIF": with_size(
        ENCODINGS["GIF"](PHOTO), struct.pack("<HH", 64, 48), struct.pack("<HH", 60_000, 60_000)
    ),
    "BMP": with_size(
        ENCODINGS["BMP"](PHOTO), struct.pack("<II", 64, 48), struct.pack("<II", 60_000, 60_000)
    ),
    "HEIF": with_size(
        heif(Image.new("RGB", (128, 128))),
        struct.pack(">II", 128, 128),
        struct.pack(">II", 16_000, 16_000),
    ),
    "AVIF": with_size(
        ENCODINGS["AVIF"](PHOTO), struct.pack(">II", 64, 48), struct.pack(">II", 16_000, 16_000)
    ),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_by_its_header(name: str) -> None:
    for read in (CODEC.read_header, CODEC.decode_upright):
        with pytest.raises(TooManyPixelsError) as raised:
            read(BOMBS[name])
        assert raised.value.facts["width_px"] >= 16_000
        assert raised.value.facts["limit_px"] == 50_000_000


def test_the_limit_is_inclusive() -> None:
    encoded = ENCODINGS["PNG"](PHOTO)
    assert PillowCodec(limit_px=48 * 64).read_header(encoded)
    with pytest.raises(TooManyPixelsError):
        PillowCodec(limit_px=48 * 64 - 1).read_header(encoded)


# ── writing ─────────────────────────────────────────────────────────────────────────────────
def test_a_written_jpeg_is_baseline_and_carries_no_metadata() -> None:
    encoded = CODEC.encode_jpeg(quarters())
    with Image.open(io.BytesIO(encoded)) as opened:
        assert "exif" not in opened.info
        assert "progressive" not in opened.info
    assert_looks_like(CODEC.decode_upright(encoded), quarters(), tolerance=20)


def test_lossless_is_lossless() -> None:
    noise = np.asarray(NOISE)
    assert np.array_equal(CODEC.decode_upright(CODEC.encode_lossless(noise)), noise)


def test_shrinking_keeps_proportions_and_small_images_are_left_alone() -> None:
    image = quarters(480, 640)
    assert CODEC.resize_to_fit(image, long_side_px=320).shape == (240, 320, 3)
    assert CODEC.resize_to_fit(image, long_side_px=640) is image
    assert CODEC.resize_to_fit(quarters(2, 4000), long_side_px=100).shape == (1, 100, 3)


def test_the_codec_serves_several_threads_at_once() -> None:
    encoded = {name: encode(NOISE) for name, encode in ENCODINGS.items()}
    expected = {name: CODEC.decode_upright(content) for name, content in encoded.items()}
    with ThreadPoolExecutor(4) as pool:
        jobs = [(name, pool.submit(CODEC.decode_upright, encoded[name])) for name in encoded] * 5
        for name, job in jobs:
            assert np.array_equal(job.result(30), expected[name])


# ── blurring ────────────────────────────────────────────────────────────────────────────────
def test_inside_the_ellipse_nothing_of_the_original_is_left() -> None:
    """Two photos that differ only in fine detail inside the box come out the same there."""
    rng = np.random.default_rng(5)
    image = rng.integers(0, 255, (200, 200, 3), dtype=np.uint8)
    other = image.copy()
    cell = np.s_[90:100, 90:100]
    other[cell] = image[cell][::-1, ::-1]  # the same colours, elsewhere within one cell
    box = (60.0, 50.0, 130.0, 140.0)
    one, two = CODEC.blur_faces(image, [box]), CODEC.blur_faces(other, [box])
    assert np.abs(one[60:130, 70:120].astype(int) - two[60:130, 70:120]).max() <= 3
    assert one[70:120, 80:110].std(axis=(0, 1)).max() < 15


def test_blurring_leaves_the_rest_and_the_argument_alone() -> None:
    image = np.asarray(NOISE).copy()
    before = image.copy()
    blurred = CODEC.blur_faces(image, [(5.0, 5.0, 15.0, 20.0)])
    assert np.array_equal(image, before)
    assert np.array_equal(blurred[:, 40:], before[:, 40:])
    assert not np.array_equal(blurred, before)


@pytest.mark.parametrize(
    "box", [(-30.0, -30.0, 10.0, 10.0), (90.0, 60.0, 130.0, 90.0), (0.0, 0.0, 1.0, 1.0)]
)
def test_faces_at_the_edge_are_blurred_as_far_as_they_show(
    box: tuple[float, float, float, float],
) -> None:
    assert CODEC.blur_faces(np.asarray(NOISE), [box]).shape == (64, 96, 3)
