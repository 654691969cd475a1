"""What ``evaluate`` is told on the command line."""

from pathlib import Path

import pytest

from services.commands.measure import (
    changed_settings,
    counts_of,
    degradations_of,
    settings_of,
)
from vestibule.domain.errors import InvalidInputError
from vestibule.evaluation.degradations import Degradation
from vestibule.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(_env_file=None, data_dir=tmp_path)


def test_a_second_engine_is_a_pack_and_its_settings(settings: Settings) -> None:
    other = settings_of("dlib:low-light=off,detector-long-side-px=640", settings)
    assert (other.pack, other.low_light, other.detector_long_side_px) == ("dlib", "off", 640)
    assert other.data_dir == settings.data_dir
    assert changed_settings(other) == {"low-light": "off", "detector-long-side-px": "640"}


def test_the_same_pack_alone_is_the_same_engine(settings: Settings) -> None:
    assert settings_of("open", settings) == settings
    assert changed_settings(settings) == {}


@pytest.mark.parametrize(
    "described", ["unheard-of", "open:low-light", "open:low-light=dim", "open:data-dir=x", ""]
)
def test_what_is_no_engine_is_refused(settings: Settings, described: str) -> None:
    with pytest.raises(InvalidInputError):
        settings_of(described, settings)


def test_degradations_are_listed_by_name() -> None:
    assert degradations_of("exposure, small-faces") == (
        Degradation.EXPOSURE,
        Degradation.SMALL_FACES,
    )
    assert degradations_of("") == tuple(Degradation)
    with pytest.raises(InvalidInputError, match="motion_blur"):
        degradations_of("fog")


def test_counts_by_eye_are_stem_and_number() -> None:
    assert counts_of(["crew=6", "a=b=2"]) == {"crew": 6, "a=b": 2}
    with pytest.raises(InvalidInputError):
        counts_of(["crew"])
