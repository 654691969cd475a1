"""Jobs, clocks and races, on the real database and engine, with a queue that only remembers."""

import dataclasses
import threading
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import numpy as np
import pytest
from sqlalchemy import func, select

from vestibule.domain.errors import HoldExpiredError, TransientError
from vestibule.domain.ids import CustomerId, FaceId, JobId, TemplateId
from vestibule.ports import IndexEntry
from vestibule.records import jobs, photos
from vestibule.records.audit_tables import AuditEntry
from vestibule.records.tables import Consent, Customer, FaceHold, Job, Photo, Template
from vestibule.workflows.erase_customer import erase_customer, resume_erasures
from vestibule.workflows.expire import expire, remove_orphans
from vestibule.workflows.hold_faces import open_region
from vestibule.workflows.index_templates import reconcile_index
from vestibule.workflows.make_template import template_from_photo
from vestibule.workflows.record_consent import ConsentGiven, add_consent, withdraw_consent
from vestibule.workflows.register_customer import NewCustomer, register_customer
from vestibule.workflows.request_enrolment import Who, request_enrolment_from_photo
from vestibule.workflows.requeue_stalled import recover_after_restart, requeue_stalled
from vestibule.workflows.run_job import run_job
from vestibule.workflows.runtime import Runtime
from vestibule.workflows.submit_photo import submit_photo


class RememberingQueue:
    def __init__(self) -> None:
        self.sent: list[JobId] = []

    def enqueue(self, job_id: JobId, *, queue: str) -> None:
        self.sent.append(job_id)

    def waiting(self, queue: str) -> int:
        return 0

    def enqueue_many(self, job_ids, *, queue: str) -> None:
        self.sent += job_ids


class SetClock:
    def __init__(self) -> None:
        self.moment = datetime.now(UTC)

    def now(self) -> datetime:
        return self.moment


@pytest.fixture(scope="module")
def open_runtime(make_settings):
    """An installation without worker and schedule: tests say when work is done."""
    from vestibule.wiring import open_embedded

    with open_embedded(make_settings()) as installation:
        yield installation.runtime


@pytest.fixture
def runtime(open_runtime) -> Runtime:
    return dataclasses.replace(open_runtime, queue=RememberingQueue(), clock=SetClock())


@pytest.fixture(scope="module")
def portraits(open_runtime) -> dict[str, bytes]:
    return {photo.id: photo.content for photo in open_runtime.samples.fetch()}


@pytest.fixture
def guest(runtime, portraits):
    """A customer with a consent and a searchable template; erased again if still there."""
    customer = register_customer(runtime, NewCustomer("Barack Obama"), actor="test")
    with runtime.database.begin() as transaction:
        given = ConsentGiven(basis="explicit-consent", given_by="test")
        add_consent(runtime, transaction, customer.id, given, actor="test")
    template = template_from_photo(
        runtime, portraits["obama"], customer_id=customer.id, source_sha256="a" * 64
    )
    with runtime.database.begin() as transaction:
        transaction.add(template)
    reconcile_index(runtime)
    yield customer
    with runtime.database.begin() as transaction:
        is_there = transaction.get(Customer, customer.id) is not None
    if is_there:
        erase_customer(runtime, CustomerId(customer.id), actor="test")


def job_of(runtime: Runtime, photo: Photo) -> Job:
    with runtime.database.begin() as transaction:
        return transaction.get_one(Job, photo.job_id)


def decisions(runtime: Runtime, photo: Photo) -> list[str]:
    with runtime.database.begin() as transaction:
        return [face.decision for face in photos.faces_of(transaction, photo.id)]


def identified_times(runtime: Runtime, photo: Photo) -> int:
    query = select(func.count()).where(
        AuditEntry.action == "photo.identify", AuditEntry.subject == f"photo:{photo.id}"
    )
    with runtime.database.begin() as transaction:
        return transaction.scalar(query) or 0


def test_job_id_is_sent_after_its_row_is_committed(runtime, empty_photo):
    photo = submit_photo(runtime, empty_photo, actor="test")

    assert runtime.queue.sent == [photo.job_id]
    assert job_of(runtime, photo).state == "QUEUED"


def test_enrolment_whose_photo_is_gone_says_so(runtime, guest, portraits):
    """As after a restore: what was waiting is not in a backup."""
    who = Who(customer_id=guest.id)
    enrolment, job = request_enrolment_from_photo(
        runtime, portraits["biden"], who, None, actor="test"
    )
    runtime.blobs.delete(enrolment.upload_key)
    run_job(runtime, JobId(job.id))
    with runtime.database.begin() as transaction:
        ended = transaction.get_one(Job, job.id)
    assert (ended.state, ended.error_code) == ("FAILED", "blob_missing")


def test_job_delivered_twice_does_its_work_once(runtime, empty_photo):
    photo = submit_photo(runtime, empty_photo, actor="test")

    run_job(runtime, JobId(photo.job_id))
    run_job(runtime, JobId(photo.job_id))

    assert job_of(runtime, photo).state == "DONE"
    assert identified_times(runtime, photo) == 1


def test_job_delivered_to_four_threads_at_once_does_its_work_once(runtime, empty_photo):
    photo = submit_photo(runtime, empty_photo, actor="test")
    threads = [
        threading.Thread(target=run_job, args=(runtime, JobId(photo.job_id))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (job_of(runtime, photo).state, job_of(runtime, photo).attempt) == ("DONE", 1)
    assert identified_times(runtime, photo) == 1


class FailingCodec:
    """A codec whose decoding is in trouble each time."""

    def __init__(self, codec: object) -> None:
        self._codec = codec

    def __getattr__(self, name: str) -> object:
        return getattr(self._codec, name)

    def decode_upright(self, encoded: bytes) -> object:
        raise TransientError("not now")


def test_transient_trouble_is_tried_again_and_given_up_at_last(runtime, empty_photo):
    troubled = dataclasses.replace(runtime, codec=FailingCodec(runtime.codec))
    photo = submit_photo(troubled, empty_photo, actor="test")

    for _ in range(jobs.MAX_ATTEMPTS):
        run_job(troubled, JobId(photo.job_id))
        assert job_of(runtime, photo).state == "QUEUED"
        runtime.clock.moment += timedelta(minutes=2)
    run_job(troubled, JobId(photo.job_id))

    assert (job_of(runtime, photo).state, job_of(runtime, photo).error_code) == (
        "FAILED",
        "gave_up",
    )


def test_released_job_is_not_run_before_its_pause_is_over(runtime, empty_photo):
    troubled = dataclasses.replace(runtime, codec=FailingCodec(runtime.codec))
    photo = submit_photo(runtime, empty_photo, actor="test")
    run_job(troubled, JobId(photo.job_id))

    run_job(runtime, JobId(photo.job_id))
    assert job_of(runtime, photo).state == "QUEUED"

    runtime.clock.moment += timedelta(seconds=5)
    run_job(runtime, JobId(photo.job_id))
    assert job_of(runtime, photo).state == "DONE"


def test_lost_message_is_sent_again(runtime, empty_photo):
    photo = submit_photo(runtime, empty_photo, actor="test")
    runtime.queue.sent.clear()

    requeue_stalled(runtime)
    assert runtime.queue.sent == []
    runtime.clock.moment += timedelta(seconds=20)
    requeue_stalled(runtime)

    assert runtime.queue.sent.count(photo.job_id) == 1
    run_job(runtime, JobId(photo.job_id))


def test_worker_whose_lease_ran_out_changes_nothing(runtime, empty_photo):
    photo = submit_photo(runtime, empty_photo, actor="test")
    with runtime.database.begin() as transaction:
        stale = jobs.claim(transaction, JobId(photo.job_id), now=runtime.clock.now())
    runtime.clock.moment += jobs.LEASE + timedelta(seconds=1)
    run_job(runtime, JobId(photo.job_id))

    with runtime.database.begin() as transaction:
        jobs.fail(transaction, stale, code="late", detail="", now=runtime.clock.now())
        assert not jobs.holds(transaction, stale)

    assert job_of(runtime, photo).state == "DONE"


def test_restart_sends_what_a_dead_worker_held(runtime, empty_photo):
    photo = submit_photo(runtime, empty_photo, actor="test")
    with runtime.database.begin() as transaction:
        jobs.claim(transaction, JobId(photo.job_id), now=runtime.clock.now())
    runtime.queue.sent.clear()

    recover_after_restart(runtime)

    assert photo.job_id in runtime.queue.sent
    run_job(runtime, JobId(photo.job_id))
    assert job_of(runtime, photo).state == "DONE"


def held_face(runtime: Runtime, content: bytes) -> tuple[Photo, FaceId]:
    photo = submit_photo(runtime, content, actor="test")
    run_job(runtime, JobId(photo.job_id))
    with runtime.database.begin() as transaction:
        faces = photos.faces_of(transaction, photo.id)
    unknown = next(face for face in faces if face.decision == "UNKNOWN")
    return photo, FaceId(unknown.id)


def test_hold_ends_on_time_even_before_it_is_cleared(runtime, portraits):
    _, face_id = held_face(runtime, portraits["astronaut"])
    open_region(runtime, face_id)

    runtime.clock.moment += runtime.limits.hold

    with pytest.raises(HoldExpiredError):
        open_region(runtime, face_id)
    assert expire(runtime).holds >= 1
    assert f"holds/{face_id}" not in runtime.blobs.keys("holds/")
    with runtime.database.begin() as transaction:
        assert transaction.get(FaceHold, face_id) is None


def test_held_object_cannot_be_opened_without_its_row(runtime, portraits):
    _, face_id = held_face(runtime, portraits["astronaut"])
    sealed = runtime.blobs.get(f"holds/{face_id}")

    with pytest.raises(ValueError, match="changed, moved, or sealed by another key"):
        runtime.sealer.unseal(sealed, context=f"holds/{face_id}")


def test_photo_expires_with_everything_that_hangs_on_it(runtime, portraits):
    photo, face_id = held_face(runtime, portraits["astronaut"])

    runtime.clock.moment += runtime.limits.photo_retention + timedelta(seconds=1)
    expire(runtime)

    assert runtime.blobs.keys(f"photos/{photo.id}/") == []
    assert runtime.blobs.keys(f"holds/{face_id}") == []
    with runtime.database.begin() as transaction:
        assert transaction.get(Photo, photo.id) is None
        assert transaction.get(Job, photo.job_id) is None


def test_object_that_no_row_knows_is_removed_at_start(runtime, portraits):
    photo, _ = held_face(runtime, portraits["astronaut"])
    orphan = f"photos/{uuid4()}/original"
    runtime.blobs.put(orphan, b"brought back by a power cut")

    assert remove_orphans(runtime) == 1

    assert runtime.blobs.keys(orphan) == []
    assert runtime.blobs.keys(f"photos/{photo.id}/") != []


def test_index_is_made_equal_to_the_record(runtime, guest):
    generation = runtime.generation
    with runtime.database.begin() as transaction:
        template = transaction.scalars(
            select(Template).where(Template.customer_id == guest.id)
        ).one()
    surplus = TemplateId(uuid4())
    runtime.index.delete(generation, [TemplateId(template.id)])
    vector = _unit_vector(generation.space.dimension)
    runtime.index.upsert(generation, [IndexEntry(surplus, CustomerId(guest.id), vector)])

    assert reconcile_index(runtime) == (1, 1)
    assert reconcile_index(runtime) == (0, 0)

    assert TemplateId(template.id) in runtime.index.template_ids(generation)
    assert surplus not in runtime.index.template_ids(generation)


def _unit_vector(dimension: int):
    vector = np.zeros(dimension, np.float32)
    vector[0] = 1
    return vector


def test_template_that_the_index_still_holds_is_not_shown_after_withdrawal(
    runtime, guest, portraits
):
    """A stale index may lose a candidate, never show one."""
    with runtime.database.begin() as transaction:
        consent = transaction.scalars(select(Consent).where(Consent.customer_id == guest.id)).one()
        consent.withdrawn_at = runtime.clock.now()

    photo = submit_photo(runtime, portraits["obama2"], actor="test")
    run_job(runtime, JobId(photo.job_id))

    assert "MATCH" not in decisions(runtime, photo)
    assert "REVIEW" not in decisions(runtime, photo)


def test_withdrawal_during_identification_shows_nothing_of_the_person(runtime, guest, portraits):
    with runtime.database.begin() as transaction:
        consent_id = transaction.scalars(
            select(Consent.id).where(Consent.customer_id == guest.id)
        ).one()

    class OvertakenCodec(FailingCodec):
        """The first blurring comes after the search and before the result is stored."""

        def decode_upright(self, encoded: bytes) -> object:
            return self._codec.decode_upright(encoded)

        def blur_faces(self, image: object, boxes: object) -> object:
            withdraw_consent(runtime, guest.id, consent_id, actor="test")
            return self._codec.blur_faces(image, boxes)

    overtaken = dataclasses.replace(runtime, codec=OvertakenCodec(runtime.codec))
    photo = submit_photo(runtime, portraits["obama2"], actor="test")
    run_job(overtaken, JobId(photo.job_id))
    assert decisions(runtime, photo) == []

    runtime.clock.moment += timedelta(seconds=5)
    run_job(runtime, JobId(photo.job_id))

    assert job_of(runtime, photo).state == "DONE"
    assert "MATCH" not in decisions(runtime, photo)
    assert runtime.blobs.keys(f"photos/{photo.id}/faces/") == []


def test_erasure_that_was_cut_short_is_finished(runtime, guest):
    with runtime.database.begin() as transaction:
        transaction.get_one(Customer, guest.id).status = "ERASING"

    assert resume_erasures(runtime).finished == 1

    with runtime.database.begin() as transaction:
        assert transaction.get(Customer, guest.id) is None
    assert runtime.blobs.keys(f"customers/{guest.id}/") == []
