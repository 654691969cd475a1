"""One message, one job: claim the row, do the work once, say how it ended."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from typing import TypeVar
from uuid import UUID

import structlog

from vestibule import running_jobs, stage_times, tracing
from vestibule.domain.errors import (
    CrashedWorkerError,
    DatabaseUnavailableError,
    GaveUpError,
    HungWorkerError,
    LeaseLostError,
    TransientError,
    VestibuleError,
)
from vestibule.domain.ids import JobId
from vestibule.ports import Ending
from vestibule.records import jobs
from vestibule.records.tables import Job
from vestibule.telemetry import APART, JOB_SECONDS, JOB_WAIT_SECONDS
from vestibule.workflows.enrol_face import enrol_face
from vestibule.workflows.examine_gallery import examine_gallery
from vestibule.workflows.identify_photo import identify_photo
from vestibule.workflows.import_customers import import_customers
from vestibule.workflows.load_demo import load_demo
from vestibule.workflows.notify_outside import notify_outside
from vestibule.workflows.remember_not_them import remember_rejected_face
from vestibule.workflows.runtime import Runtime
from vestibule.workflows.work_on_chunk import work_on_chunk

T = TypeVar("T")
log = structlog.get_logger(__name__)

HANDLERS: dict[str, Callable[[Runtime, Job], None]] = {
    "IDENTIFY": identify_photo,
    "ENROL": enrol_face,
    "DEMO": load_demo,
    "GALLERY": examine_gallery,
    "REMEMBER": remember_rejected_face,
    "CHUNK": work_on_chunk,
    "NOTIFY": notify_outside,
    "CUSTOMERS": import_customers,
}
_ENDED_WELL = ("done", "released", "lease_lost")
DATABASE_PATIENCE_S = 30.0
"""How long the end of a job waits for a database that is coming back."""


def run_job(runtime: Runtime, job_id: JobId) -> None:
    """Do the job if it is still to be done. A second delivery of the same id does nothing.

    All of it happens in the generation that serves when it begins.
    """
    job = _patiently(lambda: _claim(runtime, job_id), job_id)
    if job is None:
        return
    with running_jobs.HERE.working_on(job.id), tracing.continuing(job.traceparent):
        _run_claimed(runtime, job)


def _run_claimed(runtime: Runtime, job: Job) -> None:
    started = runtime.clock.now()
    waited_s = (started - job.created_at).total_seconds()
    JOB_WAIT_SECONDS.labels(job.kind).observe(waited_s)
    with _span_of(job, waited_s) as span, stage_times.collected():
        log.info("job.started", kind=job.kind, attempt=job.attempt)
        if job.kind == "IDENTIFY":
            stage_times.observe("queue_wait", waited_s)
        outcome = _work_apart(runtime, job) if _is_suspect(runtime, job) else work(runtime, job)
        span.note(outcome=outcome)
        if outcome not in _ENDED_WELL:
            span.fail(outcome)
        spent = (runtime.clock.now() - started).total_seconds()
        JOB_SECONDS.labels(job.kind, outcome).observe(spent)
        log.info("job.ended", kind=job.kind, outcome=outcome, ms=round(spent * 1000))


def _span_of(job: Job, waited_s: float) -> AbstractContextManager[tracing.Span]:
    return tracing.span(
        f"job {job.kind}",
        kind="consumer",
        job_id=str(job.id),
        job_kind=job.kind,
        queue=job.queue,
        attempt=job.attempt,
        waited_ms=round(waited_s * 1000),
    )


def _is_suspect(runtime: Runtime, job: Job) -> bool:
    """It, or another job of that moment, ended a process. It is done alone to find out which."""
    return job.crashes > 0 and runtime.apart is not None


def _work_apart(runtime: Runtime, job: Job) -> str:
    """In a process of its own, which may crash or hang without harm to anything else."""
    if job.crashes >= jobs.MAX_CRASHES:
        return _fail_with(runtime, job, CrashedWorkerError())
    assert runtime.apart is not None
    ending = runtime.apart.do(JobId(job.id), attempt=job.attempt, keep=lambda: _keep(runtime, job))
    APART.labels(ending.name.lower()).inc()
    log.info("job.done_apart", ending=ending.name.lower())
    match ending:
        case Ending.CRASHED:
            return _fail_with(runtime, job, CrashedWorkerError())
        case Ending.HUNG:
            return _fail_with(runtime, job, HungWorkerError())
        case Ending.NOT_BEGUN:
            _patiently(lambda: _release(runtime, job), job.id)
            return "released"
        case Ending.OVER:
            return "done"


def _keep(runtime: Runtime, job: Job) -> None:
    """A database that is away for a moment is no reason to give the job up."""
    with suppress(DatabaseUnavailableError), runtime.database.begin(durable=False) as transaction:
        jobs.renew(transaction, job, now=runtime.clock.now())


def _fail_with(runtime: Runtime, job: Job, error: VestibuleError) -> str:
    fail_job(runtime, job, code=error.code, detail=str(error))
    return error.code


def work(runtime: Runtime, job: Job) -> str:
    """Do a claimed job here and now.

    Returns how it ended: done, released (to be tried again), lease_lost, or the error's code.
    """
    try:
        if job.crashes >= jobs.MAX_CRASHES:
            raise CrashedWorkerError()
        if jobs.attempts_used(job) > jobs.MAX_ATTEMPTS:
            raise GaveUpError()
        HANDLERS[job.kind](runtime.at_serving(), job)
    except LeaseLostError as error:
        return error.code
    except TransientError as error:
        log.warning("job.released", code=error.code)
        _patiently(lambda: _release(runtime, job), job.id)
        return "released"
    except VestibuleError as error:
        return _fail_with(runtime, job, error)
    return "done"


def fail_job(runtime: Runtime, job: Job, *, code: str, detail: str) -> None:
    """End a claimed job as failed; what it uploaded goes with the next expiry round."""

    def end() -> None:
        with runtime.database.begin() as transaction:
            jobs.fail(transaction, job, code=code, detail=detail, now=runtime.clock.now())

    _patiently(end, job.id)


def fail_after_fault(runtime: Runtime, job_id: JobId) -> None:
    """For the worker's outermost layer: a fault of ours ended the work."""
    with runtime.database.begin() as transaction:
        job = jobs.find(transaction, job_id)
    if job is not None and job.state == "RUNNING":
        fail_job(runtime, job, code="internal_error", detail="A fault of ours ended the work.")


def has_ended(runtime: Runtime, job_id: JobId) -> bool:
    """Whether the job is done or failed, or gone with what it was about."""
    with runtime.database.look() as transaction:
        job = jobs.find(transaction, job_id)
    return job is None or job.finished_at is not None


def _claim(runtime: Runtime, job_id: JobId) -> Job | None:
    """Not durable: a claim that a power cut loses is a job that is done again from its start."""
    with runtime.database.begin(durable=False) as transaction:
        return jobs.claim(transaction, job_id, now=runtime.clock.now())


def _release(runtime: Runtime, job: Job) -> None:
    with runtime.database.begin() as transaction:
        jobs.release(transaction, job, now=runtime.clock.now())


def _patiently(attempt: Callable[[], T], job_id: UUID) -> T:
    """Try again while the database is away, at most for DATABASE_PATIENCE_S.

    Whoever waits for it is not stuck: a watcher that ended the process would hold it against a job.
    """
    give_up_at = time.monotonic() + DATABASE_PATIENCE_S
    while True:
        try:
            return attempt()
        except DatabaseUnavailableError:
            if time.monotonic() >= give_up_at:
                raise
            running_jobs.HERE.came_further(job_id)
            time.sleep(0.25)
