"""What people and programs send: good photos of several kinds, and what must be refused."""

import io
from dataclasses import dataclass

import numpy as np
import pillow_heif
from PIL import Image

from tests.bench.photos import BenchPhoto, sample_photos, stamped


@dataclass(frozen=True, slots=True)
class Upload:
    """``answers``: what the API may say to it at once, beside 429. ``outcomes``: of a 202."""

    kind: str
    content: bytes
    share: int
    """Of 100 uploads."""
    answers: frozenset[int] = frozenset({202})
    outcomes: frozenset[str] = frozenset({"done"})

    def stamped(self, serial: int) -> bytes:
        """Under a hash of its own where that is easy; the same bytes twice are no error."""
        return stamped(self.content, serial) if self.content[:2] == b"\xff\xd8" else self.content


def mixed_uploads(*, limit_bytes: int) -> list[Upload]:
    """Most show one face; a quarter is heavy, an eighth is to be refused."""
    photos = sample_photos()
    one, group = photos.one_face, photos.group
    half = one.jpeg[: len(one.jpeg) // 2]
    return [
        Upload("one face", one.jpeg, 48),
        Upload("group", group.jpeg, 15),
        Upload("big", _encoded(group, "JPEG", long_side_px=4_000), 8),
        Upload("HEIC", _encoded(one, "HEIF", long_side_px=1_280), 8),
        Upload("PNG", _encoded(one, "PNG", long_side_px=1_024), 8),
        Upload("cut short", half, 5, outcomes=frozenset({"failed"})),
        Upload("not an image", b"Dear door staff, this is a letter.\n" * 500, 5, _only(415)),
        Upload("too large", b"\xff\xd8\xff" + bytes(limit_bytes + 1), 3, _only(413)),
    ]


def noise_uploads(*, limit_bytes: int) -> list[Upload]:
    """The same kinds with nobody in them: no packages with photos are needed."""
    pixels = np.random.default_rng(7).integers(0, 255, (600, 800, 3), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=80)
    noise = BenchPhoto("noise", buffer.getvalue(), (800, 600))
    return [
        Upload("one face", noise.jpeg, 48),
        Upload("big", _encoded(noise, "JPEG", long_side_px=2_400), 12),
        Upload("HEIC", _encoded(noise, "HEIF", long_side_px=800), 12),
        Upload("PNG", _encoded(noise, "PNG", long_side_px=640), 12),
        Upload("cut short", noise.jpeg[: len(noise.jpeg) // 2], 6, outcomes=frozenset({"failed"})),
        Upload("not an image", b"Dear door staff, this is a letter.\n" * 500, 6, _only(415)),
        Upload("too large", b"\xff\xd8\xff" + bytes(limit_bytes + 1), 4, _only(413)),
    ]


def _only(status: int) -> frozenset[int]:
    return frozenset({status})


def _encoded(photo: BenchPhoto, kind: str, *, long_side_px: int) -> bytes:
    pillow_heif.register_heif_opener()
    with Image.open(io.BytesIO(photo.jpeg)) as opened:
        image = opened.convert("RGB")
    scale = long_side_px / max(image.size)
    resized = image.resize((round(image.width * scale), round(image.height * scale)))
    buffer = io.BytesIO()
    resized.save(buffer, kind)
    return buffer.getvalue()
