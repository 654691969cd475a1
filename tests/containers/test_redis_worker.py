"""A worker through what happens to its broker: Redis in a container, killed and paused."""

from collections.abc import Iterator

import pytest

from tests.containers.engine import Engine
from tests.containers.servers import RedisInContainer, suite
from tests.integration import test_redis_worker as through_faults

globals().update(suite(through_faults))
pytestmark = pytest.mark.timeout(900)  # the first run builds the images


@pytest.fixture(scope="module")
def running(engine: Engine) -> Iterator[RedisInContainer]:
    with RedisInContainer(engine) as server:
        yield server


@pytest.fixture
def server(running: RedisInContainer) -> RedisInContainer:
    running.client().flushall()
    return running
