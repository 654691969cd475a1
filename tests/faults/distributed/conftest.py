"""One product for the whole tier, and what its faults cost."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.distributed import results
from tests.faults.distributed.site import Site, open_site


@pytest.fixture(scope="package")
def site(make_data_dir: Callable[[], Path]) -> Iterator[Site]:
    with open_site(make_data_dir() / "stack") as site:
        yield site


@pytest.fixture(scope="package")
def costs() -> results.Costs:
    return results.Costs(publish=os.environ.get("FAULTS") == "all")
