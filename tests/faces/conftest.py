"""Real models and real photos: fetched once into the usual cache, never part of the repository."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from services.serve import Product
from services.started_here import started_here
from vestibule.adapters.model_packs import install_pack
from vestibule.adapters.onnx_engine import LowLight, OnnxFaceEngine, load_engine
from vestibule.adapters.pillow_codec import PillowCodec
from vestibule.adapters.sample_photos import fetch_sample_photos
from vestibule.domain.faces import RgbImage
from vestibule.settings import Settings

Darken = Callable[[RgbImage], RgbImage]


@pytest.fixture(scope="session")
def models_dir() -> Path:
    return Settings(_env_file=None).models_dir


@pytest.fixture(scope="session")
def codec() -> PillowCodec:
    return PillowCodec()


@pytest.fixture(scope="session")
def encoded_photos(models_dir: Path) -> dict[str, bytes]:
    """The files of the sample photos, by id."""
    paths = fetch_sample_photos(models_dir / "samples")
    return {name: path.read_bytes() for name, path in paths.items()}


@pytest.fixture(scope="session")
def photos(encoded_photos: dict[str, bytes], codec: PillowCodec) -> dict[str, RgbImage]:
    return {name: codec.decode_upright(content) for name, content in encoded_photos.items()}


@pytest.fixture(scope="session")
def open_engine(models_dir: Path) -> OnnxFaceEngine:
    return _engine("open", models_dir)


@pytest.fixture(scope="session")
def dlib_engine(models_dir: Path) -> OnnxFaceEngine:
    return _engine("dlib", models_dir)


@pytest.fixture(scope="session", params=["open", "dlib"])
def any_engine(request: pytest.FixtureRequest) -> OnnxFaceEngine:
    """Each pack in turn."""
    engine: OnnxFaceEngine = request.getfixturevalue(f"{request.param}_engine")
    return engine


@pytest.fixture(scope="session")
def load(models_dir: Path) -> Callable[..., OnnxFaceEngine]:
    """Another engine of a pack, with other providers or shared runs."""

    def engine(pack: str, **options: Any) -> OnnxFaceEngine:
        return _engine(pack, models_dir, **options)

    return engine


def _engine(pack: str, models_dir: Path, **options: Any) -> OnnxFaceEngine:
    usual = {"intra_op_threads": 2, "providers": ["CPUExecutionProvider"]}
    return load_engine(
        install_pack(pack, models_dir), low_light=LowLight.ON, **{**usual, **options}
    )


@pytest.fixture(scope="session")
def at_quarter_exposure() -> Darken:
    """A quarter of the light, with a sensor's noise (sigma 8 of 255)."""

    def darken(image: RgbImage) -> RgbImage:
        noise = np.random.default_rng(0).normal(0, 8, image.shape)
        dark: RgbImage = np.clip(0.25 * image + noise, 0, 255).astype(np.uint8)
        return dark

    return darken


@pytest.fixture(scope="module")
def served(make_settings) -> Iterator[Product]:
    """A product of a module's own, because its gallery is what is tested."""
    with started_here(make_settings()) as product:
        yield product


@pytest.fixture(scope="module")
def http(served) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {served.api_key}"}
    with httpx.Client(base_url=served.url, headers=headers, timeout=60, trust_env=False) as client:
        yield client


@pytest.fixture
def gallery(http) -> Iterator[httpx.Client]:
    """The gallery starts and ends empty."""
    yield http
    for guest in http.get("/v1/customers").json()["items"]:
        http.delete(f"/v1/customers/{guest['id']}").raise_for_status()
