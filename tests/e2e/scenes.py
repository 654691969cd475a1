"""Photos for the tests, composed of the public portraits that published packages carry."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PIL import Image, ImageEnhance, ImageOps

# Where one of the six friends is in the sample photo "six", 1280x886.
_FRIEND_XYXY_PX = (700, 290, 920, 570)
_HEIGHT_PX = 560


@dataclass(frozen=True, slots=True)
class Scenes:
    """``samples`` are the package-carried photos by id."""

    samples: Mapping[str, bytes]

    def evening(self) -> bytes:
        """A demo guest (Barack Obama, not their enrolled photo) and, right of him, a friend."""
        return _jpeg(_beside(_open(self.samples["obama2"]), self._friend()))

    def friend_alone(self) -> bytes:
        """The friend of ``evening`` as another camera sees them: mirrored, darker, tilted."""
        other = ImageOps.mirror(self._friend()).rotate(4, Image.Resampling.BICUBIC)
        return _jpeg(ImageEnhance.Brightness(other).enhance(0.85))

    def friend_again(self) -> bytes:
        """The friend once more, smaller and paler."""
        other = self._friend().resize((300, 382), Image.Resampling.LANCZOS)
        return _jpeg(ImageEnhance.Color(other).enhance(0.6))

    def known(self) -> bytes:
        """One demo guest, Eileen Collins."""
        return _jpeg(_open(self.samples["astronaut"]))

    def one_of_six(self, box_xyxy_px: Sequence[float]) -> bytes:
        """One of the six friends alone, mirrored, from their face's box in the sample photo."""
        x1, y1, x2, y2 = box_xyxy_px
        margin = 0.7 * (x2 - x1)
        around = (x1 - margin, y1 - margin, x2 + margin, y2 + margin)
        alone = _open(self.samples["six"]).crop(around)
        return _jpeg(ImageOps.mirror(ImageOps.contain(alone, (500, 500))))

    def far_away(self) -> bytes:
        """Six people too far from the camera to be compared."""
        crowd = _open(self.samples["six"])
        street = Image.new("RGB", (1600, 900), (70, 72, 80))
        street.paste(crowd.resize((360, 249), Image.Resampling.LANCZOS), (620, 500))
        return _jpeg(street)

    def _friend(self) -> Image.Image:
        return _open(self.samples["six"]).crop(_FRIEND_XYXY_PX)


def retouched(content: bytes) -> bytes:
    """The same scene in another file: what was asked before is not asked of the same bytes."""
    return _jpeg(ImageEnhance.Brightness(_open(content)).enhance(0.97))


def as_frames(content: bytes, *, size: tuple[int, int] = (640, 480), count: int = 12) -> bytes:
    """Motion JPEG, the film that Chromium's pretended camera plays: the photo on a grey wall."""
    wall = Image.new("RGB", size, (96, 96, 100))
    photo = _open(content)
    photo.thumbnail(size, Image.Resampling.LANCZOS)
    wall.paste(photo, ((size[0] - photo.width) // 2, (size[1] - photo.height) // 2))
    return _jpeg(wall) * count


def _beside(left: Image.Image, right: Image.Image) -> Image.Image:
    left, right = (ImageOps.contain(image, (4000, _HEIGHT_PX)) for image in (left, right))
    both = Image.new("RGB", (left.width + right.width, _HEIGHT_PX))
    both.paste(left, (0, 0))
    both.paste(right, (left.width, 0))
    return both


def _open(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content)).convert("RGB")


def _jpeg(image: Image.Image) -> bytes:
    encoded = io.BytesIO()
    image.save(encoded, "JPEG", quality=92)
    return encoded.getvalue()
