"""What a job queue promises, against Redis in a container."""

from collections.abc import Iterator

import pytest
from celery import Celery

from tests.containers.engine import Engine
from tests.containers.servers import RedisInContainer, suite
from tests.contracts import test_job_queue_contract as contract
from vestibule.adapters.celery_queue import build_celery

globals().update(suite(contract))
pytestmark = pytest.mark.timeout(900)  # the first run builds the images


@pytest.fixture(scope="module")
def redis(engine: Engine) -> Iterator[RedisInContainer]:
    with RedisInContainer(engine) as running:
        yield running


@pytest.fixture
def app(redis: RedisInContainer) -> Celery:
    redis.client().flushall()
    return build_celery(redis.url)
