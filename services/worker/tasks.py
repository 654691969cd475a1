"""What the queue carries. The work itself is in ``vestibule/workflows``."""

from uuid import UUID

import structlog
from celery import Celery

from vestibule.domain.errors import TransientError
from vestibule.domain.ids import JobId
from vestibule.workflows.run_job import fail_after_fault, run_job
from vestibule.workflows.runtime import Runtime

log = structlog.get_logger(__name__)


def register_tasks(app: Celery, runtime: Runtime) -> None:
    """Make ``vestibule.run_job`` known to the worker that runs in this process."""

    @app.task(name="vestibule.run_job")  # type: ignore[untyped-decorator]  # celery has no types
    def run(job_id: str) -> None:
        with structlog.contextvars.bound_contextvars(job_id=job_id):
            _run(runtime, JobId(UUID(job_id)))


def _run(runtime: Runtime, job_id: JobId) -> None:
    try:
        run_job(runtime, job_id)
    except TransientError as error:
        # The row stays open; requeue_stalled sends it again when its lease has run out.
        log.warning("job.interrupted", code=error.code)
    except Exception:
        log.exception("job.fault")
        fail_after_fault(runtime, job_id)
