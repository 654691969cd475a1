"""Photos in and out: Pillow reads what people upload, OpenCV writes and reworks pixels.

Pillow reads because it refuses a photo that is cut short, where OpenCV fills the rest with grey;
JPEGs that carry their end marker are left to OpenCV, which is faster.
"""

import io
import struct
import zlib
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import cv2
import numpy as np
import pillow_heif
from numpy.typing import NDArray
from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from vestibule.domain.errors import DamagedImageError, NotAnImageError, TooManyPixelsError
from vestibule.domain.faces import Box, RgbImage
from vestibule.ports import ImageHeader

DEFAULT_LIMIT_PX = 50_000_000
JPEG_QUALITY = 88

_Open = Callable[[io.BytesIO], Image.Image]

_OPENERS: Mapping[str, _Open] = MappingProxyType(
    {
        "JPEG": JpegImagePlugin.jpeg_factory,
        "PNG": PngImagePlugin.PngImageFile,
        "WEBP": WebPImagePlugin.WebPImageFile,
        "GIF": GifImagePlugin.GifImageFile,
        "BMP": BmpImagePlugin.BmpImageFile,
        "TIFF": TiffImagePlugin.TiffImageFile,
        "HEIF": pillow_heif.HeifImageFile,
        "AVIF": AvifImagePlugin.AvifImageFile,
    }
)
"""Called instead of ``Image.open``, which tries every format it knows and measures bombs by one
limit for the whole process."""

_DAMAGE = (
    OSError,
    EOFError,
    SyntaxError,  # Pillow's word for "this is not the format it seemed to be"
    ValueError,
    TypeError,
    LookupError,
    RuntimeError,
    OverflowError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,  # a GIF's frame that reaches far beyond its screen
)
"""What the decoders are known to raise on files that lie about themselves."""

_JPEG_END = b"\xff\xd9"

_ORIENTATION_TAG = 0x0112

_UPRIGHT: Mapping[int, Callable[[RgbImage], cv2.typing.MatLike]] = MappingProxyType(
    {
        2: lambda image: cv2.flip(image, 1),
        3: lambda image: cv2.rotate(image, cv2.ROTATE_180),
        4: lambda image: cv2.flip(image, 0),
        5: cv2.transpose,
        6: lambda image: cv2.rotate(image, cv2.ROTATE_90_CLOCKWISE),
        7: lambda image: cv2.rotate(cv2.transpose(image), cv2.ROTATE_180),
        8: lambda image: cv2.rotate(image, cv2.ROTATE_90_COUNTERCLOCKWISE),
    }
)
"""EXIF 2.32, tag 0x0112: what brings a stored image upright. 1 is upright already."""

_BLUR_CELLS = 4
"""A face is shrunk to this many pixels a side before it is drawn large again."""

_BLUR_WIDEN_X, _BLUR_WIDEN_Y = 1.4, 1.5
"""The ellipse over the box: detectors cut at hairline, ears and chin."""

_BLUR_EDGE = 0.15
"""Width of the soft edge, in longer radii."""


class PillowCodec:
    """The port's PhotoCodec. Holds no state: safe to call from several threads at once."""

    def __init__(self, *, limit_px: int = DEFAULT_LIMIT_PX) -> None:
        self._limit_px = limit_px

    def read_header(self, encoded: bytes) -> ImageHeader:
        """Format, and size as stored. JPEG, PNG, WebP, GIF, BMP, TIFF, HEIF and AVIF are read."""
        return self._open(encoded)[1]

    def decode_upright(self, encoded: bytes) -> RgbImage:
        """See the port. 16-bit channels are scaled to 8, CMYK and palettes become RGB.

        The array may be read-only.
        """
        opened, header = self._open(encoded)
        image = _jpeg_at_once(encoded, opened)
        if image is None:
            try:
                opened.load()
                image = _rgb(opened)
            except _DAMAGE as error:
                raise DamagedImageError(format=header.format) from error
        orientation = _orientation(opened)
        if orientation in _UPRIGHT:
            image = _UPRIGHT[orientation](image).astype(np.uint8, copy=False)
        return image

    def encode_jpeg(self, image: RgbImage) -> bytes:
        """Quality 88, without any metadata."""
        return _encoded(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])

    def encode_lossless(self, image: RgbImage) -> bytes:
        """BMP: what is held for minutes is not worth the 3 ms a face that the fastest PNG takes."""
        return _encoded(".bmp", image, [])

    def resize_to_fit(self, image: RgbImage, *, long_side_px: int) -> RgbImage:
        height, width = image.shape[:2]
        shrink = long_side_px / max(height, width)
        if shrink >= 1:
            return image
        size = (max(1, round(width * shrink)), max(1, round(height * shrink)))
        return cv2.resize(image, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)

    def blur_faces(self, image: RgbImage, boxes: Sequence[Box]) -> RgbImage:
        result = image.copy()
        for box in boxes:
            _blur_ellipse(result, box)
        return result

    def _open(self, encoded: bytes) -> tuple[Image.Image, ImageHeader]:
        """Parse the header, decode nothing."""
        image_format = _format(encoded[:32])
        try:
            opened = _OPENERS[image_format](io.BytesIO(encoded))
        except _DAMAGE as error:
            raise DamagedImageError(format=image_format) from error
        width, height = opened.size
        if width * height > self._limit_px:
            raise TooManyPixelsError(width_px=width, height_px=height, limit_px=self._limit_px)
        return opened, ImageHeader(image_format, width, height)


def _format(start: bytes) -> str:
    """By the file's first bytes, whatever its name says. Raises NotAnImageError."""
    openings = {
        "JPEG": start.startswith(b"\xff\xd8\xff"),
        "PNG": start.startswith(b"\x89PNG\r\n\x1a\n"),
        "WEBP": start.startswith(b"RIFF") and start[8:12] == b"WEBP",
        "GIF": start.startswith((b"GIF87a", b"GIF89a")),
        "BMP": start.startswith(b"BM"),
        "TIFF": start.startswith((b"II*\x00", b"MM\x00*")),
        "AVIF": start[4:8] == b"ftyp" and start[8:12] in {b"avif", b"avis"},
        "HEIF": start[4:8] == b"ftyp" and start[8:12] in _HEIF_BRANDS,
    }
    for image_format, matches in openings.items():
        if matches:
            return image_format
    raise NotAnImageError


_HEIF_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
"""ISO/IEC 23008-12: the major brands of still images and of sequences."""


# ── pixels ──────────────────────────────────────────────────────────────────────────────────
def _jpeg_at_once(encoded: bytes, opened: Image.Image) -> RgbImage | None:
    """A plain and complete JPEG decoded by OpenCV: the same pixels, three times as fast.

    None where Pillow must look: another format or colour model, bytes after the image, or no end
    marker, in which case the file may be cut short.
    """
    is_plain = isinstance(opened, JpegImagePlugin.JpegImageFile) and opened.mode in {"RGB", "L"}
    if not is_plain or not encoded.endswith(_JPEG_END):
        return None
    flags = cv2.IMREAD_COLOR_RGB | cv2.IMREAD_IGNORE_ORIENTATION
    decoded = cv2.imdecode(np.frombuffer(encoded, np.uint8), flags)
    return None if decoded is None else decoded.astype(np.uint8, copy=False)


def _rgb(opened: Image.Image) -> RgbImage:
    """A loaded image as RGB, uint8, not yet upright."""
    if opened.mode.startswith("I;16"):
        return _grey_as_rgb(_scaled_down(np.asarray(opened).astype(np.uint16)))
    if opened.mode in {"I", "F"}:
        return _grey_as_rgb(_stretched(np.asarray(opened, np.float64)))
    if opened.has_transparency_data:
        opened = _on_white(opened.convert("RGBA"))
    elif opened.mode != "RGB":
        opened = opened.convert("RGB")
    return np.asarray(opened)


def _scaled_down(grey: NDArray[np.uint16]) -> NDArray[np.uint8]:
    """0..65535 to 0..255, rounded."""
    return ((grey.astype(np.uint32) + 128) // 257).astype(np.uint8)


def _stretched(grey: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Values of an unknown range (32-bit integers, floats) from their least to their most."""
    finite = np.nan_to_num(grey, posinf=0, neginf=0)
    low, high = float(finite.min()), float(finite.max())
    return ((finite - low) * (255 / max(high - low, 1e-9))).astype(np.uint8)


def _grey_as_rgb(grey: NDArray[np.uint8]) -> RgbImage:
    return np.repeat(grey[:, :, None], 3, axis=2)


def _on_white(opened: Image.Image) -> Image.Image:
    ground = Image.new("RGB", opened.size, "white")
    ground.paste(opened, mask=opened.getchannel("A"))
    return ground


def _orientation(opened: Image.Image) -> int:
    """The EXIF orientation that is still to be applied; 1 when there is none that can be read."""
    if isinstance(opened, TiffImagePlugin.TiffImageFile):
        return 1  # Pillow turned it while loading
    try:
        orientation = opened.getexif().get(_ORIENTATION_TAG, 1)
    except _DAMAGE:
        return 1  # damaged metadata around a sound photo
    return orientation if isinstance(orientation, int) else 1


def _encoded(extension: str, image: RgbImage, options: list[int]) -> bytes:
    is_written, encoded = cv2.imencode(extension, cv2.cvtColor(image, cv2.COLOR_RGB2BGR), options)
    assert is_written  # an RGB array in memory always can be
    return encoded.tobytes()


# ── blurring ────────────────────────────────────────────────────────────────────────────────
def _blur_ellipse(image: RgbImage, box: Box) -> None:
    """Overwrite the widened ellipse around ``box`` with a few smeared colours, in place.

    The soft edge lies outside the ellipse, so no pixel inside keeps anything of the original.
    """
    x1, y1, x2, y2 = box
    centre = np.array([(x1 + x2) / 2, (y1 + y2) / 2])
    radii = np.array([(x2 - x1) * _BLUR_WIDEN_X, (y2 - y1) * _BLUR_WIDEN_Y]) / 2
    edge = max(1.0, _BLUR_EDGE * float(radii.max()))
    size = np.array([image.shape[1], image.shape[0]])
    left, top = np.clip(np.floor(centre - radii - edge), 0, size).astype(int)
    right, bottom = np.clip(np.ceil(centre + radii + edge), 0, size).astype(int)
    if left >= right or top >= bottom:
        return
    patch = np.ascontiguousarray(image[top:bottom, left:right])
    reach = cv2.magnitude(
        *np.meshgrid(
            ((np.arange(left, right) + 0.5 - centre[0]) / radii[0]).astype(np.float32),
            ((np.arange(top, bottom) + 0.5 - centre[1]) / radii[1]).astype(np.float32),
        )
    )
    opacity = np.clip(1 - (reach - 1) * np.float32(radii.max() / edge), 0, 1)
    image[top:bottom, left:right] = cv2.blendLinear(_smeared(patch), patch, opacity, 1 - opacity)


def _smeared(patch: RgbImage) -> RgbImage:
    """The patch shrunk to a few pixels and drawn large again, smoothly."""
    height, width = patch.shape[:2]
    cells = (min(_BLUR_CELLS, width), min(_BLUR_CELLS, height))
    few = cv2.resize(patch, cells, interpolation=cv2.INTER_AREA)
    large = cv2.resize(few, (width, height), interpolation=cv2.INTER_CUBIC)
    return large.astype(np.uint8, copy=False)
