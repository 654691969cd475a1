"""What the queue carries. The work itself is in ``vestibule/workflows``."""

from collections.abc import Callable
from functools import partial
from uuid import UUID

import structlog
from celery import Celery

from vestibule import stage_times, tracing
from vestibule.domain.errors import TransientError
from vestibule.domain.ids import JobId
from vestibule.records import failed_jobs, jobs
from vestibule.telemetry import WORKER_BUSY
from vestibule.workflows.run_job import fail_after_fault, run_job, work
from vestibule.workflows.runtime import Runtime

log = structlog.get_logger(__name__)


def register_tasks(app: Celery, runtime: Runtime) -> None:
    """Make ``vestibule.run_job`` known to the worker that runs in this process."""

    app.on_unreadable = partial(_note_unreadable, runtime)

    @app.task(name="vestibule.run_job")  # type: ignore[untyped-decorator]  # celery has no types
    def run(*said: object) -> None:
        job_id = _id_in(said)
        if job_id is None:
            app.tell_unreadable("", "damaged", len(str(said)))
            return
        with (
            structlog.contextvars.bound_contextvars(job_id=str(job_id)),
            WORKER_BUSY.track_inprogress(),
        ):
            _run(runtime, job_id)


def _id_in(said: tuple[object, ...]) -> JobId | None:
    try:
        (job_id,) = said
        return JobId(UUID(str(job_id)))
    except ValueError:
        return None


def _note_unreadable(runtime: Runtime, queue: str, why: str, size_bytes: int) -> None:
    """A database that is away is no reason to keep such a message."""
    try:
        with runtime.database.begin() as transaction:
            failed_jobs.note_unreadable(
                transaction, queue=queue, why=why, size_bytes=size_bytes, now=runtime.clock.now()
            )
    except TransientError as error:
        log.warning("queue.unreadable_not_noted", code=error.code)


def do_apart(
    runtime: Runtime, job_id: JobId, *, attempt: int, on_begin: Callable[[], None]
) -> None:
    """For a process that does this one job, which another process holds, and ends."""
    with runtime.database.begin() as transaction:
        job = jobs.find(transaction, job_id)
    if job is None or (job.state, job.attempt) != ("RUNNING", attempt):
        return
    on_begin()
    with structlog.contextvars.bound_contextvars(job_id=str(job_id)):
        try:
            with tracing.continuing(job.traceparent), stage_times.collected():
                work(runtime, job)
        except Exception:
            log.exception("job.fault")
            fail_after_fault(runtime, job_id)


def _run(runtime: Runtime, job_id: JobId) -> None:
    try:
        run_job(runtime, job_id)
    except TransientError as error:
        # The row stays open; requeue_stalled sends it again when its lease has run out.
        log.warning("job.interrupted", code=error.code)
    except Exception:
        log.exception("job.fault")
        fail_after_fault(runtime, job_id)
