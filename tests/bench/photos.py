"""The photos of the benchmark: those that published packages carry, 1280 px on the long side."""

import io
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from vestibule.adapters.sample_photos import fetch_sample_photos
from vestibule.settings import Settings

LONG_SIDE_PX = 1280
JPEG_QUALITY = 90


@dataclass(frozen=True, slots=True)
class BenchPhoto:
    name: str
    jpeg: bytes
    size_px: tuple[int, int]
    """Width, height."""


@dataclass(frozen=True, slots=True)
class SamplePhotos:
    """``one_face`` shows a person of ``enrolled`` in another photo; ``group`` shows six others.

    ``mixture`` is what the four clients send in turns.
    """

    enrolled: list[BenchPhoto]
    one_face: BenchPhoto
    group: BenchPhoto
    mixture: list[BenchPhoto]


def sample_photos() -> SamplePhotos:
    """Fetched on first use, checked on every one. Raises WeightsError."""
    paths = fetch_sample_photos(Settings().models_dir / "samples")
    photos = {name: at_bench_size(name, path.read_bytes()) for name, path in paths.items()}
    return SamplePhotos(
        enrolled=[photos["obama"], photos["biden"]],
        one_face=photos["obama2"],
        group=photos["six"],
        mixture=[photos["obama2"], photos["biden"], photos["astronaut"], photos["six"]],
    )


def at_bench_size(name: str, encoded: bytes) -> BenchPhoto:
    """The photo as a phone would send it: RGB JPEG, ``LONG_SIDE_PX`` on its long side."""
    with Image.open(io.BytesIO(encoded)) as opened:
        image = opened.convert("RGB")
    scale = LONG_SIDE_PX / max(image.size)
    resized = image.resize((round(image.width * scale), round(image.height * scale)))
    buffer = io.BytesIO()
    resized.save(buffer, "JPEG", quality=JPEG_QUALITY)
    return BenchPhoto(name=f"{name}.jpg", jpeg=buffer.getvalue(), size_px=resized.size)


def stamped(jpeg: bytes, serial: int) -> bytes:
    """The same pixels under another hash, by a comment segment: no upload may be answered from
    what is known of an earlier one."""
    comment = f"bench {serial}".encode()
    segment = b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment
    return jpeg[:2] + segment + jpeg[2:]


def write_folder(photos: list[BenchPhoto], folder: Path) -> None:
    folder.mkdir(parents=True)
    for photo in photos:
        (folder / photo.name).write_bytes(photo.jpeg)
