"""Drawn people, so that pictures of the product can be shown without showing anybody.

A figure is drawn from its seed alone: the same seed is the same person in a portrait, in a crop and
in a group. Everything is drawn at three times its size and reduced, which smooths the edges.
"""

import io
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageDraw, ImageFilter

Box = tuple[float, float, float, float]
Colour = tuple[int, int, int]

_SCALE = 3
_SKINS = ((244, 208, 177), (226, 172, 130), (190, 130, 92), (140, 90, 62), (98, 62, 46))
_HAIRS = (
    (38, 30, 32),
    (84, 54, 38),
    (150, 96, 52),
    (214, 178, 112),
    (120, 122, 130),
    (142, 58, 40),
)
_CLOTHES = (
    (38, 70, 83),
    (231, 111, 81),
    (42, 157, 143),
    (108, 92, 168),
    (201, 84, 120),
    (233, 196, 106),
)
_WALLS = ((214, 224, 232), (232, 222, 212), (212, 230, 222), (226, 218, 236))
_LIGHTS = ((255, 90, 200), (70, 200, 255), (255, 160, 80), (120, 110, 255))
_STYLES = ("short", "long", "bun", "curls", "bald", "bob")


@dataclass(frozen=True, slots=True)
class Look:
    skin: Colour
    hair: Colour
    clothes: Colour
    wall: Colour
    style: str
    has_glasses: bool
    has_beard: bool


def look_of(seed: int) -> Look:
    """Neighbouring seeds look different: each feature walks its own list."""
    dice = random.Random(seed * 7919)
    style = _STYLES[seed % len(_STYLES)]
    return Look(
        skin=_SKINS[(seed * 2 + 1) % len(_SKINS)],
        hair=_HAIRS[(seed * 5 + 2) % len(_HAIRS)],
        clothes=_CLOTHES[(seed * 5 + 1) % len(_CLOTHES)],
        wall=_WALLS[seed % len(_WALLS)],
        style=style,
        has_glasses=dice.random() < 0.3,
        has_beard=style in ("short", "bald") and dice.random() < 0.6,
    )


def portrait(seed: int, *, size: int = 224, at_night: bool = False) -> bytes:
    """A square crop of one person: on a plain wall, or in the light of the door."""
    look, side = look_of(seed), size * _SCALE
    wall = (54, 44, 92) if at_night else look.wall
    image = _gradient((side, side), wall, _mix(wall, (16, 18, 30) if at_night else (150, 160, 172)))
    if at_night:
        _lights(image, seed, count=9)
    _draw_person(ImageDraw.Draw(image), (side * 0.3, side * 0.24, side * 0.7, side * 0.74), look)
    return _jpeg(_tinted(image, at_night=at_night).resize((size, size), Image.Resampling.LANCZOS))


def group(size: tuple[int, int], faces: Sequence[tuple[Box, int, bool]]) -> bytes:
    """A club at night with a figure for each ``(face box, seed, is_blurred)``, far ones first."""
    width, height = size[0] * _SCALE, size[1] * _SCALE
    image = _gradient((width, height), (66, 46, 112), (14, 18, 34))
    _lights(image, seed=5, count=34)
    _crowd(image)
    for box, seed, _ in sorted(faces, key=lambda face: face[0][3]):
        scaled = (box[0] * _SCALE, box[1] * _SCALE, box[2] * _SCALE, box[3] * _SCALE)
        _draw_person(ImageDraw.Draw(image), scaled, look_of(seed))
    _counter(image)
    image = _tinted(image, at_night=True).resize(size, Image.Resampling.LANCZOS)
    for box, _, is_blurred in faces:
        if is_blurred:
            _blur(image, box)
    return _jpeg(image)


def _draw_person(draw: ImageDraw.ImageDraw, face: Box, look: Look) -> None:
    """``face`` is the box from forehead to chin; the rest of the person is drawn around it."""
    x1, y1, x2, y2 = face
    width, height = x2 - x1, y2 - y1
    centre = (x1 + x2) / 2
    _draw_hair_behind(draw, face, look)
    shade = _mix(look.skin, (60, 30, 30), 0.22)
    shoulders = (centre - width * 1.05, y2 + height * 0.2, centre + width * 1.05, y2 + height * 6)
    draw.rounded_rectangle(shoulders, radius=width * 0.62, fill=look.clothes)
    _draw_clothes(draw, face, look)
    neck = (centre - width * 0.21, y2 - height * 0.25, centre + width * 0.21, y2 + height * 0.36)
    draw.rounded_rectangle(neck, radius=width * 0.2, fill=shade)
    for side in (-1, 1):
        ear = centre + side * width * 0.5
        box = (ear - width * 0.09, y1 + height * 0.42, ear + width * 0.09, y1 + height * 0.62)
        draw.ellipse(box, fill=_mix(look.skin, (60, 30, 30), 0.12))
    draw.rounded_rectangle((x1, y1 - height * 0.08, x2, y2), radius=width * 0.47, fill=look.skin)
    if look.has_beard:
        _draw_beard(draw, face, look)
    _draw_features(draw, face, look)
    _draw_hair_in_front(draw, face, look)


def _draw_clothes(draw: ImageDraw.ImageDraw, face: Box, look: Look) -> None:
    """A neckline, and sleeves that a shade sets apart."""
    x1, _, x2, y2 = face
    width, height = x2 - x1, face[3] - face[1]
    centre, dark = (x1 + x2) / 2, _mix(look.clothes, (20, 16, 40), 0.28)
    for side in (-1, 1):
        inner, outer = centre + side * width * 0.7, centre + side * width * 0.76
        box = (min(inner, outer), y2 + height * 1.1, max(inner, outer), y2 + height * 6)
        draw.rounded_rectangle(box, radius=width * 0.03, fill=dark)
    top, wide = y2 + height * 0.2, width * 0.36
    draw.polygon(
        ((centre - wide, top), (centre + wide, top), (centre, top + height * 0.5)), fill=dark
    )


def _draw_features(draw: ImageDraw.ImageDraw, face: Box, look: Look) -> None:
    x1, y1, x2, y2 = face
    width, height = x2 - x1, y2 - y1
    ink = (26, 18, 26)
    line = max(2, round(width * 0.035))
    for side in (-1, 1):
        eye_x, eye_y = (x1 + x2) / 2 + side * width * 0.2, y1 + height * 0.46
        radius = width * 0.045
        draw.ellipse((eye_x - radius, eye_y - radius, eye_x + radius, eye_y + radius), fill=ink)
        brow = (eye_x - width * 0.11, eye_y - height * 0.14, eye_x + width * 0.11, eye_y)
        draw.arc(brow, 205, 335, fill=ink, width=line)
        if look.has_glasses:
            rim = width * 0.15
            draw.ellipse(
                (eye_x - rim, eye_y - rim, eye_x + rim, eye_y + rim), outline=ink, width=line
            )
    smile = (x1 + width * 0.32, y1 + height * 0.58, x2 - width * 0.32, y1 + height * 0.82)
    draw.arc(smile, 25, 155, fill=_mix(look.skin, (120, 30, 40), 0.6), width=line)


def _draw_beard(draw: ImageDraw.ImageDraw, face: Box, look: Look) -> None:
    x1, y1, x2, y2 = face
    width, height = x2 - x1, y2 - y1
    draw.rounded_rectangle(
        (x1, y1 + height * 0.56, x2, y2 + height * 0.05), radius=width * 0.46, fill=look.hair
    )
    mouth = (x1 + width * 0.22, y1 + height * 0.5, x2 - width * 0.22, y1 + height * 0.84)
    draw.rounded_rectangle(mouth, radius=width * 0.2, fill=look.skin)


def _draw_hair_behind(draw: ImageDraw.ImageDraw, face: Box, look: Look) -> None:
    x1, y1, x2, y2 = face
    width, height = x2 - x1, y2 - y1
    centre = (x1 + x2) / 2
    if look.style == "bun":
        radius, y = width * 0.2, y1 - height * 0.3
        draw.ellipse((centre - radius, y - radius, centre + radius, y + radius), fill=look.hair)
    if look.style in ("long", "bob"):
        length = 0.5 if look.style == "long" else 0.02
        box = (x1 - width * 0.15, y1 - height * 0.24, x2 + width * 0.15, y2 + height * length)
        draw.rounded_rectangle(box, radius=width * 0.55, fill=look.hair)
    if look.style == "curls":
        for step in range(11):
            angle = math.pi * (1.12 - 1.24 * step / 10)
            x = centre + math.cos(angle) * width * 0.52
            y = y1 + height * 0.3 - math.sin(angle) * height * 0.42
            radius = width * 0.2
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=look.hair)


def _draw_hair_in_front(draw: ImageDraw.ImageDraw, face: Box, look: Look) -> None:
    """A cap of hair whose edge falls from the parting to both temples."""
    if look.style == "bald":
        return
    x1, y1, x2, y2 = face
    width, height = x2 - x1, y2 - y1
    cap = (x1 - width * 0.06, y1 - height * 0.22, x2 + width * 0.06, y1 + height * 0.62)
    draw.pieslice(cap, 180, 360, fill=look.hair)
    parting = 0.32 if look.style in ("short", "bob") else 0.5
    left = (
        x1 - width * 0.06,
        y1 - height * 0.06,
        x1 + width * (2 * parting + 0.06),
        y1 + height * 0.46,
    )
    right = (x1 + width * (2 * parting - 1.06), left[1], x2 + width * 0.06, left[3])
    draw.pieslice(left, 180, 270, fill=look.hair)
    draw.pieslice(right, 270, 360, fill=look.hair)
    temples = y1 + height * 0.2
    forehead = (x1 + width * 0.07, y1 + height * 0.06, x2 - width * 0.07, temples + height * 0.24)
    draw.pieslice(forehead, 180, 360, fill=look.skin)
    draw.rectangle(
        (forehead[0], temples - height * 0.02, forehead[2], temples + height * 0.02), fill=look.skin
    )


def _gradient(size: tuple[int, int], top: Colour, bottom: Colour) -> Image.Image:
    column = Image.new("RGB", (1, 256))
    for row in range(256):
        column.putpixel((0, row), _mix(top, bottom, row / 255))
    return column.resize(size, Image.Resampling.BILINEAR)


def _lights(image: Image.Image, seed: int, *, count: int) -> None:
    """Soft coloured lights out of focus, as behind people in a club."""
    dice, layer = random.Random(seed), Image.new("RGB", image.size)
    for _ in range(count):
        glow = Image.new("RGB", image.size)
        x, y = dice.random() * image.width, dice.random() * image.height * 0.62
        radius = dice.uniform(0.012, 0.05) * image.width
        box = (x - radius, y - radius, x + radius, y + radius)
        ImageDraw.Draw(glow).ellipse(box, fill=_mix(dice.choice(_LIGHTS), (0, 0, 0), 0.55))
        layer = ImageChops.add(layer, glow)
    soft = layer.filter(ImageFilter.GaussianBlur(image.width * 0.004))
    image.paste(ImageChops.screen(image, soft))


def _crowd(image: Image.Image) -> None:
    """Heads and shoulders of the dance floor, far behind, without features."""
    dice, draw = random.Random(3), ImageDraw.Draw(image)
    for step in range(26):
        x = (step + dice.uniform(-0.3, 0.3)) / 25 * image.width
        y = image.height * dice.uniform(0.4, 0.5)
        radius = image.width * dice.uniform(0.017, 0.024)
        shade = _mix((46, 34, 84), (22, 20, 46), dice.random())
        draw.ellipse((x - radius, y - radius * 1.3, x + radius, y + radius * 1.3), fill=shade)
        shoulders = (x - radius * 2.4, y + radius * 1.5, x + radius * 2.4, image.height)
        draw.rounded_rectangle(shoulders, radius=radius * 1.8, fill=shade)


def _counter(image: Image.Image) -> None:
    """The bar in front of everybody, with what stands on it."""
    width, top = image.width, image.height * 0.84
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, top, width, image.height), fill=(24, 18, 34))
    draw.rectangle((0, top, width, top + image.height * 0.018), fill=(92, 70, 120))
    for share, colour in ((0.1, (94, 200, 180)), (0.36, (240, 180, 90)), (0.58, (230, 110, 120))):
        x, high = width * share, image.height * 0.085
        glass = (x, top - high, x + width * 0.036, top + image.height * 0.01)
        draw.rounded_rectangle(glass, radius=width * 0.006, fill=_mix(colour, (40, 30, 70), 0.35))
        rest = (glass[0], glass[1], glass[2], glass[1] + high * 0.3)
        draw.rounded_rectangle(rest, radius=width * 0.006, fill=(120, 116, 150))


def _tinted(image: Image.Image, *, at_night: bool) -> Image.Image:
    return Image.blend(image, Image.new("RGB", image.size, (40, 26, 92)), 0.14 if at_night else 0.0)


def _blur(image: Image.Image, box: Box) -> None:
    """As the product does with people it does not know."""
    width, height = box[2] - box[0], box[3] - box[1]
    mask = Image.new("L", image.size)
    around = (
        box[0] - width * 0.2,
        box[1] - height * 0.3,
        box[2] + width * 0.2,
        box[3] + height * 0.15,
    )
    ImageDraw.Draw(mask).ellipse(around, fill=255)
    soft = mask.filter(ImageFilter.GaussianBlur(width * 0.08))
    image.paste(image.filter(ImageFilter.GaussianBlur(width * 0.24)), mask=soft)


def _mix(one: Colour, other: Colour, share: float = 0.5) -> Colour:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def _jpeg(image: Image.Image) -> bytes:
    encoded = io.BytesIO()
    image.save(encoded, "JPEG", quality=92)
    return encoded.getvalue()
