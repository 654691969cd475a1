"""Structured logs with request and job ids, and the metrics behind /metrics."""

import logging
import logging.handlers
from pathlib import Path
from typing import Literal

import structlog
from prometheus_client import Counter, Gauge, Histogram

from vestibule import tracing

_FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

MODEL_RUN_SECONDS = Histogram(
    "vestibule_model_run_seconds", "Time inside onnxruntime, by model.", ["model"], buckets=_FAST
)
JOB_SECONDS = Histogram(
    "vestibule_job_seconds", "Time a worker spent on a job.", ["kind", "outcome"], buckets=_FAST
)
JOB_WAIT_SECONDS = Histogram(
    "vestibule_job_wait_seconds", "From the job's row to its start.", ["kind"], buckets=_FAST
)
STAGE_SECONDS = Histogram(
    "vestibule_stage_seconds",
    "Time of one stage of one photo.",
    ["stage"],
    buckets=_FAST,
)
BATCH_WAIT_SECONDS = Histogram(
    "vestibule_batch_wait_seconds",
    "From asking for a model run to its beginning, where runs are shared.",
    ["model"],
    buckets=_FAST,
)
BATCH_ROWS = Histogram(
    "vestibule_batch_rows",
    "Rows of one model run; a face and its mirror image are two.",
    ["model"],
    buckets=(1, 2, 4, 8, 16, 32, 64, 128, 256),
)
REQUEST_SECONDS = Histogram(
    "vestibule_request_seconds",
    "Time to answer an API request.",
    ["method", "route", "status"],
    buckets=_FAST,
)
DEPENDENCY_SECONDS = Histogram(
    "vestibule_dependency_seconds",
    "Time of one call of what the product stands on: database, blobs, index, queue, api …",
    ["dependency", "operation", "outcome"],
    buckets=_FAST,
)
PAGE_SECONDS = Histogram(
    "vestibule_page_seconds",
    "Time to answer a request for a page.",
    ["method", "route", "status"],
    buckets=_FAST,
)
FACES = Counter("vestibule_faces_total", "Faces decided.", ["decision", "light"])
SCORES = Histogram(
    "vestibule_face_score",
    "Score of the best candidate of a compared face, whatever was decided.",
    ["decision", "light"],
    buckets=tuple(round(0.05 * step, 2) for step in range(4, 20)),
)
MARGINS = Histogram(
    "vestibule_face_margin",
    "By how much that score is over the threshold for a match, or under it.",
    ["light"],
    buckets=(-0.4, -0.3, -0.2, -0.15, -0.1, -0.05, 0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4),
)
ANSWERS = Counter("vestibule_answers_total", "What staff said of faces.", ["answer", "decision"])
WORKER_THREADS = Gauge("vestibule_worker_threads", "Jobs that this worker can do at once.")
WORKER_BUSY = Gauge("vestibule_worker_busy_threads", "Jobs that this worker does now.")
ROUND_SECONDS = Histogram(
    "vestibule_schedule_round_seconds", "Time of one round by the clock.", buckets=_FAST
)
ROUND_FAULTS = Counter(
    "vestibule_schedule_faults_total", "Rounds that an error cut short.", ["code"]
)
LEADING = Gauge("vestibule_schedule_leading", "1 where this process does what the clock asks for.")
WORKER_RESTARTS = Counter(
    "vestibule_worker_restarts_total",
    "Worker processes that were started anew, by why: crashed, or hung and killed.",
    ["reason"],
)
APART = Counter("vestibule_jobs_apart_total", "Jobs done in a process of their own.", ["ending"])
REQUEUED = Counter("vestibule_jobs_requeued_total", "Jobs whose message was sent again.")
RETAINED_REMOVED = Counter(
    "vestibule_retention_removed_total", "What went because its time was up.", ["kind"]
)
EXPECTED_WAIT_SECONDS = Gauge(
    "vestibule_expected_wait_seconds", "How long a photo uploaded last had to expect to wait."
)
BUILD = Gauge("vestibule_build_info", "Always 1.", ["version", "part", "mode"])


def observe_model_run(model: str, seconds: float) -> None:
    MODEL_RUN_SECONDS.labels(model).observe(seconds)


def _name_the_trace(
    _logger: object, _method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    event.update(tracing.log_fields())
    return event


def configure_logging(destination: Literal["file", "stderr"], folder: Path) -> None:
    """JSON lines, to ``folder/vestibule.log`` (rotated at 10 MB, five kept) or to stderr."""
    handler: logging.Handler = logging.StreamHandler()
    if destination == "file":
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        handler = logging.handlers.RotatingFileHandler(
            folder / "vestibule.log", maxBytes=10_000_000, backupCount=5, encoding="utf-8"
        )
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        _name_the_trace,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(),
            ],
            foreign_pre_chain=shared,
        )
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(handlers=[handler], level=logging.INFO, force=True)
    for noisy in ("httpx", "httpcore", "celery", "kombu", "amqp", "uvicorn.access", "alembic"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
