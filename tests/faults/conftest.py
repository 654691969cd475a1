"""Products in processes of their own; whatever a test leaves running is killed."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.served_product import ServedProduct, Start, serve


@pytest.fixture
def data_dir(make_data_dir: Callable[[], Path]) -> Path:
    return make_data_dir()


@pytest.fixture
def start() -> Iterator[Start]:
    started: list[ServedProduct] = []

    def run(data_dir: Path, **values: str) -> ServedProduct:
        started.append(serve(data_dir, **values))
        return started[-1]

    yield run
    for product in started:
        if product.process.poll() is None:
            product.kill()
