"""Packs that an operator brought, where they are installed: real weights on real photos."""

from pathlib import Path

import pytest

from tests.faces.comparing import main_embedding, score
from vestibule.adapters.model_packs import PACKS, all_packs, sound_pack
from vestibule.adapters.onnx_engine import LowLight, OnnxFaceEngine, load_engine
from vestibule.domain.faces import RgbImage
from vestibule.settings import Settings

FETCHED = ("open", "dlib")
"""Tested everywhere by their own modules."""

MODELS_DIR = Settings(_env_file=None).models_dir
OTHERS = sorted({*PACKS, *all_packs(MODELS_DIR)} - {*FETCHED})


@pytest.fixture(scope="module", params=OTHERS)
def engine(request: pytest.FixtureRequest, models_dir: Path) -> OnnxFaceEngine:
    pack = all_packs(models_dir)[request.param]
    installed = sound_pack(pack, models_dir)
    if installed is None:
        pytest.skip(f"the weights of {pack.name} are not here: vestibule models install")
    return load_engine(
        installed, intra_op_threads=2, providers=["CPUExecutionProvider"], low_light=LowLight.ON
    )


def test_the_six_of_the_group_photo_are_found(
    engine: OnnxFaceEngine, photos: dict[str, RgbImage]
) -> None:
    assert len(engine.detect(photos["six"])) == 6


def test_two_photos_of_one_person_are_more_alike_than_of_two_people(
    engine: OnnxFaceEngine, photos: dict[str, RgbImage]
) -> None:
    one, again = (main_embedding(engine, photos[name]) for name in ("obama", "obama2"))
    others = [main_embedding(engine, photos[name]) for name in ("biden", "astronaut")]
    assert score(engine, one, again) > max(score(engine, one, other) for other in others) + 0.15
