"""How much light fell on a face, in three bands: thresholds and figures are told apart by them."""

from enum import StrEnum

_DIM_BELOW = 70.0
_DARK_BELOW = 22.0
"""Mean luminance of the face, 0..255.

A face of lfw-dev as taken lies around 125; at a quarter of the exposure around 32, under gamma 3
around 45, and under both around 12. So the first cut parts light from the poor lights of
``evaluation/degradations.py``, the second parts the worst of them from the others.
"""


class LightBand(StrEnum):
    """Part of the public contract."""

    BRIGHT = "bright"
    DIM = "dim"
    DARK = "dark"


def light_band(brightness: float) -> LightBand:
    """``brightness`` as in ``FaceQuality``: the face's mean luminance before any lifting."""
    if brightness < _DARK_BELOW:
        return LightBand.DARK
    if brightness < _DIM_BELOW:
        return LightBand.DIM
    return LightBand.BRIGHT
