"""`vestibule storage prepare` against MinIO itself, where its image can be pulled."""

import secrets
from collections.abc import Iterator

import pytest

from tests.containers.engine import Engine
from tests.containers.fixtures import only_where_pulled
from tests.containers.servers import S3InContainer
from vestibule.adapters.s3_blobs import S3BlobStore
from vestibule.domain.errors import StorageUnavailableError
from vestibule.settings import Settings
from vestibule.wiring_storage import prepare_storage

pytestmark = pytest.mark.timeout(900)  # the first run pulls images
KEY, SECRET = "vestibule-service", secrets.token_hex(16)


@pytest.fixture(scope="module")
def minio(engine: Engine) -> Iterator[S3InContainer]:
    only_where_pulled(engine, "MinIO")
    with S3InContainer(engine) as running:
        yield running


@pytest.fixture(scope="module")
def steps(minio: S3InContainer) -> dict[str, str]:
    settings = Settings(
        _env_file=None,
        s3_endpoint=minio.url,
        s3_access_key=KEY,
        s3_secret_key=SECRET,
        s3_admin_access_key=minio.access_key,
        s3_admin_secret_key=minio.secret_key,
    )
    prepare_storage(settings)
    return {step.subject: step.outcome for step in prepare_storage(settings)}


def test_key_and_rules_are_made(steps: dict[str, str]) -> None:
    assert steps["application key"] == "done"
    assert steps["rule vestibule-photos"] == "as_it_was", "the second run found what the first made"


def test_application_key_reaches_its_bucket_alone(
    minio: S3InContainer, steps: dict[str, str]
) -> None:
    assert steps
    own = S3BlobStore(minio.url, access_key=KEY, secret_key=SECRET, bucket="vestibule")
    own.put("photos/a.jpg", b"here")
    assert own.get("photos/a.jpg") == b"here"
    other = S3BlobStore(minio.url, access_key=KEY, secret_key=SECRET, bucket=minio.new_bucket())
    with pytest.raises(StorageUnavailableError):
        other.put("photos/a.jpg", b"not here")
