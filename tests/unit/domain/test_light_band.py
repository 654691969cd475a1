"""Bands of light are cut where measured lights part."""

import pytest

from vestibule.domain.light_band import LightBand, light_band


@pytest.mark.parametrize(
    ("brightness", "band"),
    [
        (0.0, LightBand.DARK),
        (12.0, LightBand.DARK),
        (22.0, LightBand.DIM),
        (32.0, LightBand.DIM),
        (70.0, LightBand.BRIGHT),
        (255.0, LightBand.BRIGHT),
    ],
)
def test_a_face_falls_into_the_band_of_its_light(brightness: float, band: LightBand) -> None:
    assert light_band(brightness) is band
