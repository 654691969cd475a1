"""Servers that several suites share; each is started once, and only where a test asks for it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.seaweedfs import SeaweedServer


@pytest.fixture(scope="session")
def seaweed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SeaweedServer]:
    folder: Path = tmp_path_factory.mktemp("seaweedfs")
    with SeaweedServer(folder) as server:
        yield server
