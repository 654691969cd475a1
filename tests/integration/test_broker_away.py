"""A broker that is away costs nobody an upload: the row is there, its message follows."""

import dataclasses
from datetime import timedelta

import pytest

from vestibule.domain.errors import BrokerUnavailableError
from vestibule.domain.ids import JobId
from vestibule.records import jobs
from vestibule.records.tables import Job
from vestibule.workflows.requeue_stalled import requeue_stalled
from vestibule.workflows.submit_photo import submit_photo


class BrokerThatGoes:
    def __init__(self) -> None:
        self.is_there = False
        self.tries = 0
        self.held = 0
        self.sent: list[JobId] = []

    def enqueue(self, job_id: JobId, *, queue: str) -> None:
        self.tries += 1
        if not self.is_there:
            raise BrokerUnavailableError()
        self.sent.append(job_id)

    def waiting(self, queue: str) -> int:
        if not self.is_there:
            raise BrokerUnavailableError()
        return self.held

    def enqueue_many(self, job_ids, *, queue: str) -> None:
        for job_id in job_ids:
            self.enqueue(job_id, queue=queue)


@pytest.fixture
def runtime(stage):
    return dataclasses.replace(stage.runtime, queue=BrokerThatGoes())


def submit(runtime, photo: bytes) -> Job:
    job_id = submit_photo(runtime, photo, actor="test").job_id
    with runtime.database.begin() as transaction:
        return transaction.get_one(Job, job_id)


def test_upload_succeeds_and_its_job_is_sent_in_the_next_round(runtime, empty_photo):
    job = submit(runtime, empty_photo)
    assert job.state == "QUEUED"

    runtime.queue.is_there = True
    requeue_stalled(runtime)

    assert runtime.queue.sent.count(job.id) == 1
    requeue_stalled(runtime)
    assert runtime.queue.sent.count(job.id) == 1


def test_round_with_the_broker_away_tries_once_and_keeps_all_for_the_next(runtime, empty_photo):
    photos = [submit(runtime, empty_photo) for _ in range(3)]
    runtime.queue.tries = 0

    assert requeue_stalled(runtime) == 0
    assert runtime.queue.tries == 1

    runtime.queue.is_there = True
    requeue_stalled(runtime)
    assert set(runtime.queue.sent) >= {job.id for job in photos}


def test_job_that_was_taken_meanwhile_is_not_marked_unsent(runtime, empty_photo):
    runtime.queue.is_there = True
    job = submit(runtime, empty_photo)
    with runtime.database.begin() as transaction:
        jobs.claim(transaction, JobId(job.id), now=runtime.clock.now())
        jobs.mark_unsent(transaction, [job.id])

    with runtime.database.begin() as transaction:
        sent_at = transaction.get_one(Job, job.id).sent_at
    assert runtime.clock.now() - sent_at < timedelta(minutes=1)


def test_job_that_waits_long_is_sent_again_only_where_a_message_is_missing(runtime, empty_photo):
    runtime.queue.is_there = True
    job = submit(runtime, empty_photo)
    runtime.queue.sent.clear()
    runtime.queue.held = 1_000_000

    runtime.clock.moment += timedelta(seconds=16)
    requeue_stalled(runtime)
    assert runtime.queue.sent == []

    runtime.queue.held = 0
    runtime.clock.moment += timedelta(seconds=16)
    requeue_stalled(runtime)
    assert job.id in runtime.queue.sent
