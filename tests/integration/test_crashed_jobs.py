"""Jobs of a process that ended: given back at once, done alone, and no innocent one is charged."""

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest

from services.worker.tasks import do_apart
from vestibule.domain.ids import JobId
from vestibule.ports import Ending
from vestibule.records import jobs
from vestibule.records.tables import Job
from vestibule.workflows.free_crashed import free_crashed
from vestibule.workflows.requeue_stalled import recover_after_restart
from vestibule.workflows.run_job import run_job
from vestibule.workflows.submit_photo import submit_photo


class Queue:
    def __init__(self) -> None:
        self.sent: list[tuple[JobId, str]] = []

    def enqueue(self, job_id: JobId, *, queue: str) -> None:
        self.sent.append((job_id, queue))

    def waiting(self, queue: str) -> int:
        return 0


class SetClock:
    def __init__(self) -> None:
        self.moment = datetime.now(UTC)

    def now(self) -> datetime:
        return self.moment


class Apart:
    """Ends as it is told; ``OVER`` does the work as that process would."""

    def __init__(self, ending: Ending) -> None:
        self.ending = ending
        self.runtime = None
        self.done: list[JobId] = []

    def do(self, job_id, *, attempt, keep):
        keep()
        self.done.append(job_id)
        if self.ending is Ending.OVER:
            do_apart(self.runtime, job_id, attempt=attempt, on_begin=lambda: None)
        return self.ending


@pytest.fixture
def runtime(open_stage):
    return dataclasses.replace(open_stage.runtime, queue=Queue(), clock=SetClock())


@pytest.fixture
def photo(runtime, empty_photo):
    return submit_photo(runtime, empty_photo, actor="test")


def job_of(runtime, photo) -> Job:
    with runtime.database.begin() as transaction:
        return transaction.get_one(Job, photo.job_id)


def claim(runtime, photo) -> Job | None:
    with runtime.database.begin() as transaction:
        return jobs.claim(transaction, JobId(photo.job_id), now=runtime.clock.now())


def crash(runtime, photo) -> None:
    """A process took the job and ended, and its watcher says so."""
    assert claim(runtime, photo) is not None
    assert free_crashed(runtime.database, runtime.queue, [photo.job_id]) == 1


def apart(runtime, ending: Ending):
    runtime = dataclasses.replace(runtime, apart=Apart(ending))
    runtime.apart.runtime = runtime
    return runtime


def test_job_of_a_process_that_ended_is_on_the_queue_again_at_once(runtime, photo):
    runtime.queue.sent.clear()
    crash(runtime, photo)

    assert runtime.queue.sent == [(photo.job_id, "identify")]
    job = job_of(runtime, photo)
    assert (job.state, job.crashes, job.lease_expires_at) == ("QUEUED", 1, None)


def test_job_that_has_ended_meanwhile_is_left_alone(runtime, photo):
    run_job(runtime, JobId(photo.job_id))

    assert free_crashed(runtime.database, runtime.queue, [photo.job_id]) == 0
    assert job_of(runtime, photo).state == "DONE"


def test_job_that_was_in_no_crash_is_not_done_apart(runtime, photo):
    runtime = apart(runtime, Ending.CRASHED)
    run_job(runtime, JobId(photo.job_id))

    assert runtime.apart.done == []
    assert job_of(runtime, photo).state == "DONE"


def test_innocent_job_is_done_apart_and_succeeds(runtime, photo):
    crash(runtime, photo)
    runtime = apart(runtime, Ending.OVER)
    run_job(runtime, JobId(photo.job_id))

    assert runtime.apart.done == [photo.job_id]
    assert job_of(runtime, photo).state == "DONE"


@pytest.mark.parametrize(
    ("ending", "code"), [(Ending.CRASHED, "crashed_worker"), (Ending.HUNG, "hung_worker")]
)
def test_job_that_ends_its_own_process_fails_and_says_so(runtime, photo, ending, code):
    crash(runtime, photo)
    run_job(apart(runtime, ending), JobId(photo.job_id))

    job = job_of(runtime, photo)
    assert (job.state, job.error_code) == ("FAILED", code)


def test_process_that_could_not_be_made_ready_says_nothing_of_the_job(runtime, photo):
    crash(runtime, photo)
    run_job(apart(runtime, Ending.NOT_BEGUN), JobId(photo.job_id))

    job = job_of(runtime, photo)
    assert (job.state, job.error_code) == ("QUEUED", None)
    assert job.not_before is not None


def test_crashes_of_its_process_do_not_use_up_the_attempts_of_a_job(runtime, photo):
    for _ in range(jobs.MAX_CRASHES - 1):
        crash(runtime, photo)
    runtime = apart(runtime, Ending.OVER)
    run_job(runtime, JobId(photo.job_id))

    assert job_of(runtime, photo).state == "DONE"


@pytest.mark.parametrize("ending", [None, Ending.OVER])
def test_job_with_which_process_after_process_ended_is_not_tried_for_ever(runtime, photo, ending):
    for _ in range(jobs.MAX_CRASHES):
        crash(runtime, photo)
    run_job(apart(runtime, ending) if ending else runtime, JobId(photo.job_id))

    assert job_of(runtime, photo).error_code == "crashed_worker"


def test_lease_that_ran_out_counts_as_a_crash(runtime, photo):
    claim(runtime, photo)
    runtime.clock.moment += timedelta(seconds=61)
    taken_over = claim(runtime, photo)

    assert taken_over is not None
    assert (taken_over.attempt, taken_over.crashes) == (2, 1)


def test_job_that_is_done_apart_stays_held(runtime, photo):
    held = claim(runtime, photo)
    runtime.clock.moment += timedelta(seconds=50)
    with runtime.database.begin() as transaction:
        assert jobs.renew(transaction, held, now=runtime.clock.now())
    runtime.clock.moment += timedelta(seconds=50)

    assert claim(runtime, photo) is None
    with runtime.database.begin() as transaction:
        jobs.free(transaction, [photo.job_id])
        assert not jobs.renew(transaction, held, now=runtime.clock.now())


def test_process_apart_does_nothing_with_a_job_that_another_attempt_holds(runtime, photo):
    claim(runtime, photo)
    begun: list[int] = []
    do_apart(runtime, JobId(photo.job_id), attempt=7, on_begin=lambda: begun.append(1))

    assert begun == []
    assert job_of(runtime, photo).state == "RUNNING"


def test_restart_of_the_embedded_mode_counts_what_was_running_as_a_crash(runtime, photo):
    claim(runtime, photo)
    recover_after_restart(runtime)

    job = job_of(runtime, photo)
    assert (job.state, job.crashes) == ("QUEUED", 1)
    run_job(runtime, JobId(photo.job_id))
    assert job_of(runtime, photo).state == "DONE"
