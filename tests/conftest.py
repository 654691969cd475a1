"""A running product for the tiers that need one, and photos that no person is in."""

import io
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest
from PIL import Image

from services.serve import Product
from services.started_here import started_here
from vestibule.settings import Settings

CONSENT = {"basis": "explicit-consent", "notice_shown": True}
CONSENT_FIELDS = {"consent_basis": "explicit-consent", "notice_shown": "true"}

MakeSettings = Callable[..., Settings]


@pytest.fixture(scope="session")
def make_data_dir() -> Iterator[Callable[[], Path]]:
    """Fresh data folders that Postgres' account can reach even when tests run as root."""
    made: list[Path] = []

    def make() -> Path:
        made.append(Path(tempfile.mkdtemp(prefix="vestibule-test-")))
        made[-1].chmod(0o711)
        return made[-1]

    yield make
    # Thousands of files of many databases: nobody waits for the last of them to go.
    away = 'rm -rf -- "$@" </dev/null >/dev/null 2>&1 &'
    subprocess.run(["sh", "-c", away, "sh", *map(str, made)], check=False)


@pytest.fixture(scope="session")
def make_settings(make_data_dir: Callable[[], Path]) -> MakeSettings:
    """Settings on a fresh data folder; weights come from the usual cache."""

    def make(**values: object) -> Settings:
        return Settings(
            _env_file=None, **{"data_dir": make_data_dir(), "min_free_bytes": 0, **values}
        )

    return make


@pytest.fixture(scope="session")
def product(make_settings: MakeSettings) -> Iterator[Product]:
    """One product for the whole run: tests leave behind what others do not trip over."""
    with started_here(make_settings()) as running:
        yield running


@pytest.fixture(scope="session")
def api(product: Product) -> Iterator[httpx.Client]:
    """A client with a key, over real HTTP."""
    headers = {"Authorization": f"Bearer {product.api_key}"}
    with httpx.Client(base_url=product.url, headers=headers, timeout=60, trust_env=False) as http:
        yield http


@pytest.fixture(scope="session")
def empty_photo() -> bytes:
    """A JPEG in which there is nobody: a soft gradient, 640x480."""
    ramp = np.linspace(40, 200, 640, dtype=np.uint8)
    pixels = np.repeat(np.tile(ramp, (480, 1))[..., None], 3, axis=2)
    encoded = io.BytesIO()
    Image.fromarray(pixels).save(encoded, "JPEG")
    return encoded.getvalue()
