"""What every vector index promises, against a Qdrant server, where its image can be pulled."""

from collections.abc import Iterator

import pytest

from tests.containers.engine import Engine
from tests.containers.fixtures import only_where_pulled
from tests.containers.servers import QdrantInContainer, suite
from tests.contracts import test_vector_index_contract as contract
from vestibule.adapters.qdrant_server import QdrantServerIndex
from vestibule.ports import VectorIndex

globals().update(suite(contract))

pytestmark = pytest.mark.timeout(900)  # the first run pulls images


@pytest.fixture(scope="module")
def qdrant(engine: Engine) -> Iterator[QdrantInContainer]:
    only_where_pulled(engine, "a Qdrant server")
    with QdrantInContainer(engine) as running:
        yield running


@pytest.fixture
def index(qdrant: QdrantInContainer) -> Iterator[VectorIndex]:
    made = QdrantServerIndex(qdrant.url, api_key=qdrant.api_key)
    made.keep_only([])
    yield made
    made.close()
