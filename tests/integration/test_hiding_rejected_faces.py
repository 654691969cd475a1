"""A face that was said to be somebody else's is hidden from the answer on, whatever happens."""

import dataclasses
import io

import numpy as np
import pytest
from PIL import Image
from sqlalchemy import select

from services.api import presenters
from services.api.routes.faces import get_face_crop
from vestibule.domain.errors import (
    BlobMissingError,
    NotFoundError,
    StartUpError,
    VolatileMemoryUnavailableError,
)
from vestibule.domain.ids import FaceId, JobId
from vestibule.domain.permissions import EVERYTHING
from vestibule.records import venues
from vestibule.records.tables import Face, Job, Photo
from vestibule.workflows.answer_face import answer_face
from vestibule.workflows.expire import expire
from vestibule.workflows.hide_faces import image_to_show
from vestibule.workflows.run_job import run_job
from vestibule.workflows.sign_in import Principal


@pytest.fixture
def shown(stage) -> Face:
    """Ada's face in a photo of noise, so that blurring shows."""
    stage.guest("Ada", stage.axis(0))
    (face,) = stage.identify(stage.photo(stage.axis(0)))
    noise = np.random.default_rng(0).integers(0, 255, (480, 640, 3), dtype=np.uint8)
    encoded = io.BytesIO()
    Image.fromarray(noise).save(encoded, "PNG")
    stage.runtime.blobs.put(photo_of(stage, face).image_key, encoded.getvalue())
    return face


def photo_of(stage, face: Face) -> Photo:
    with stage.runtime.database.begin() as transaction:
        return transaction.get_one(Photo, face.photo_id)


def roughness(content: bytes, face: Face) -> float:
    """How much neighbouring pixels of the face differ."""
    pixels = np.asarray(Image.open(io.BytesIO(content)).convert("L"), float)
    x1, y1, x2, y2 = (
        int(side) for side in (face.box_x1_px, face.box_y1_px, face.box_x2_px, face.box_y2_px)
    )
    return float(np.abs(np.diff(pixels[y1:y2, x1:x2], axis=1)).mean())


def say_not_them(stage, face: Face) -> Face:
    return answer_face(stage.runtime, FaceId(face.id), "not_them", actor="test")


def fresh(stage, face: Face) -> Face:
    with stage.runtime.database.begin() as transaction:
        return transaction.get_one(Face, face.id)


def remember_job(stage, face: Face) -> Job:
    with stage.runtime.database.begin() as transaction:
        return transaction.scalars(select(Job).where(Job.subject_id == face.id)).one()


def somebody(stage) -> Principal:
    """Who may do everything, at the venue of the photo."""
    with stage.runtime.database.begin() as transaction:
        venue_id = venues.home(transaction).id
    return Principal("test", None, None, EVERYTHING, venue_id)


def is_stored(stage, key: str) -> bool:
    try:
        return bool(stage.runtime.blobs.get(key))
    except BlobMissingError:
        return False


def test_before_its_job_has_run_nobody_is_shown_the_face(stage, shown):
    before = roughness(image_to_show(stage.runtime, photo_of(stage, shown)), shown)
    say_not_them(stage, shown)

    assert remember_job(stage, shown).state == "QUEUED"
    after = roughness(image_to_show(stage.runtime, photo_of(stage, shown)), shown)
    assert after < before / 5
    with pytest.raises(NotFoundError):
        get_face_crop(shown.id, stage.runtime, somebody(stage))
    row = fresh(stage, shown)
    assert presenters.face(row, {}, held_until=None, alikeness=None).crop_url is None


def test_its_job_removes_the_pixels_and_nobody_has_to_hide_them_any_more(stage, shown):
    say_not_them(stage, shown)
    stage.work_off()

    assert not is_stored(stage, shown.crop_key)
    assert fresh(stage, shown).crop_key is None
    stored = stage.runtime.blobs.get(photo_of(stage, shown).image_key)
    assert image_to_show(stage.runtime, photo_of(stage, shown)) == stored
    assert roughness(stored, shown) < 20


def test_answer_turned_round_before_the_job_shows_the_face_again_and_keeps_it(stage, shown):
    say_not_them(stage, shown)
    answer_face(stage.runtime, FaceId(shown.id), "same_person", actor="test")
    stage.work_off()

    assert remember_job(stage, shown).state == "DONE"
    assert is_stored(stage, shown.crop_key)
    assert roughness(image_to_show(stage.runtime, photo_of(stage, shown)), shown) > 50


def test_job_of_a_photo_that_was_deleted_meanwhile_ends_quietly(stage, shown):
    say_not_them(stage, shown)
    with stage.runtime.database.begin() as transaction:
        transaction.delete(transaction.get_one(Photo, shown.photo_id))
    stage.work_off()

    assert remember_job(stage, shown).state == "DONE"


class AwayMemory:
    """Tonight's memory, which does not answer."""

    def __init__(self, error: Exception) -> None:
        self.error = error
        self.tries = 0

    def remember(self, *_: object) -> None:
        self.tries += 1
        raise self.error

    def expire(self, **_: object) -> int:
        raise VolatileMemoryUnavailableError()


def test_without_tonights_memory_it_is_tried_again_and_then_hidden_all_the_same(stage, shown):
    memory = AwayMemory(VolatileMemoryUnavailableError())
    runtime = dataclasses.replace(stage.runtime, rejected=memory)
    say_not_them(stage, shown)
    job = remember_job(stage, shown)
    for tried in (1, 2):
        run_job(runtime, JobId(job.id))
        assert (memory.tries, remember_job(stage, shown).state) == (tried, "QUEUED")
        assert is_stored(stage, shown.crop_key)
        stage.runtime.clock.moment = remember_job(stage, shown).not_before
    run_job(runtime, JobId(job.id))

    assert remember_job(stage, shown).state == "DONE"
    assert not is_stored(stage, shown.crop_key)


def test_face_whose_job_failed_for_good_is_hidden_by_the_next_round(stage, shown):
    runtime = dataclasses.replace(stage.runtime, rejected=AwayMemory(StartUpError("a disk")))
    say_not_them(stage, shown)
    expire(runtime)
    assert is_stored(stage, shown.crop_key), "its job is still open"

    run_job(runtime, JobId(remember_job(stage, shown).id))
    assert remember_job(stage, shown).state == "FAILED"
    expire(runtime)

    assert not is_stored(stage, shown.crop_key)
    assert fresh(stage, shown).crop_key is None
