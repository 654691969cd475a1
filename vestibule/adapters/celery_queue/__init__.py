"""Celery: jobs travel by id, on ``memory://`` within a process or on ``redis://`` between many."""

from vestibule.adapters.celery_queue.application import TASK, build_celery
from vestibule.adapters.celery_queue.embedded_worker import EmbeddedWorker
from vestibule.adapters.celery_queue.publishing import CeleryJobQueue
from vestibule.adapters.celery_queue.redis_worker import RedisWorker, run_worker
from vestibule.domain.queues import QUEUES

__all__ = [
    "QUEUES",
    "TASK",
    "CeleryJobQueue",
    "EmbeddedWorker",
    "RedisWorker",
    "build_celery",
    "run_worker",
]
