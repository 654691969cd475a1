"""The original of a photo shows everybody: whatever happens at its end, it does not stay."""

import dataclasses

import pytest

from vestibule.domain.errors import StorageUnavailableError
from vestibule.domain.ids import JobId
from vestibule.records.tables import Photo
from vestibule.workflows.expire import expire
from vestibule.workflows.run_job import run_job
from vestibule.workflows.submit_photo import submit_photo


class StoreThatGoesAtTheEnd:
    """Deletes nothing while ``is_away``; all else works."""

    def __init__(self, store: object) -> None:
        self._store = store
        self.is_away = True

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)

    def delete(self, key: str) -> None:
        if self.is_away:
            raise StorageUnavailableError("away", reason="unreachable")
        self._store.delete(key)


class SilentQueue:
    def enqueue(self, job_id: JobId, *, queue: str) -> None:
        """The test does the work."""

    def waiting(self, queue: str) -> int:
        return 0


@pytest.fixture
def runtime(open_stage):
    blobs = StoreThatGoesAtTheEnd(open_stage.runtime.blobs)
    return dataclasses.replace(open_stage.runtime, blobs=blobs, queue=SilentQueue())


def stored(runtime, photo_id) -> Photo:
    with runtime.database.begin() as transaction:
        return transaction.get_one(Photo, photo_id)


def test_original_that_could_not_be_deleted_goes_with_the_next_round(runtime, empty_photo):
    photo = submit_photo(runtime, empty_photo, actor="test")
    run_job(runtime, JobId(photo.job_id))
    original = f"photos/{photo.id}/original"
    assert stored(runtime, photo.id).image_key is not None
    assert original in runtime.blobs.keys(f"photos/{photo.id}/")
    assert stored(runtime, photo.id).upload_key == original

    runtime.blobs.is_away = False
    expire(runtime)
    assert original not in runtime.blobs.keys(f"photos/{photo.id}/")
    assert stored(runtime, photo.id).upload_key is None


def test_original_goes_with_the_result_where_nothing_is_broken(runtime, empty_photo):
    runtime.blobs.is_away = False
    photo = submit_photo(runtime, empty_photo, actor="test")
    run_job(runtime, JobId(photo.job_id))
    assert stored(runtime, photo.id).upload_key is None
    assert runtime.blobs.keys(f"photos/{photo.id}/") == [f"photos/{photo.id}/image.jpg"]
