"""What several processes on one Postgres rely on, against Postgres in a container."""

from collections.abc import Iterator

import pytest

from tests.containers.engine import Engine
from tests.containers.servers import PostgresInContainer, suite
from tests.integration import test_several_processes as contract

globals().update(suite(contract))
pytestmark = pytest.mark.timeout(900)  # the first run builds the images


@pytest.fixture(scope="module")
def server(engine: Engine) -> Iterator[PostgresInContainer]:
    with PostgresInContainer(engine) as running:
        yield running
