"""The suite of the object store and what is S3's alone, against an S3 server in a container."""

from collections.abc import Iterator

import pytest

from tests.containers.engine import Engine
from tests.containers.servers import S3InContainer, suite
from tests.contracts import test_blob_store_contract as contract
from tests.contracts import test_s3_blobs as s3_alone
from vestibule.ports import BlobStore

OF_A_STORE_THAT_RUNS = [
    "test_large_object_goes_in_parts_and_comes_back_whole",
    "test_stream_is_put_and_read_in_pieces",
    "test_many_threads_put_and_get_what_is_theirs",
    "test_delete_removes_every_version_and_marker_of_that_key_alone",
    "test_delete_removes_parts_that_were_never_made_an_object",
    "test_wrong_secret_is_refused_and_says_so",
    "test_bucket_that_is_not_there_is_named_with_what_makes_it",
    "test_link_works_without_a_key_and_expires",
]
OF_THE_FOLDER = [name for name in vars(contract) if name.startswith("test_") and "folder" in name]

globals().update({k: v for k, v in suite(contract).items() if k not in OF_THE_FOLDER})
globals().update({name: getattr(s3_alone, name) for name in OF_A_STORE_THAT_RUNS})
pytestmark = pytest.mark.timeout(900)  # the first run builds the images


@pytest.fixture(scope="module")
def seaweed(engine: Engine) -> Iterator[S3InContainer]:
    with S3InContainer(engine) as running:
        yield running


@pytest.fixture
def bucket(seaweed: S3InContainer) -> str:
    return seaweed.new_bucket()


@pytest.fixture
def store(seaweed: S3InContainer, bucket: str) -> BlobStore:
    return seaweed.store(bucket)
