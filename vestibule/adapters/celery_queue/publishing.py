"""Putting a job's id on the queue."""

from collections.abc import Sequence

from celery import Celery, group
from kombu.exceptions import LimitExceeded, OperationalError
from redis.exceptions import RedisError

from vestibule.adapters.celery_queue.application import TASK
from vestibule.domain.errors import BrokerUnavailableError
from vestibule.domain.ids import JobId
from vestibule.domain.queues import QUEUES

POOL_PATIENCE_S = 2.0


class CeleryJobQueue:
    """Safe to call from several threads.

    A message is sent when Redis has answered that it holds it. Nothing tells that it survives
    Redis: a job whose message is lost is sent again from its row.
    """

    def __init__(self, app: Celery) -> None:
        self._app = app

    def enqueue(self, job_id: JobId, *, queue: str) -> None:
        """Raises BrokerUnavailableError soon, and ValueError for a queue without a worker."""
        if queue not in QUEUES:
            raise ValueError(f"no such queue: {queue}")
        try:
            self._app.send_task(
                TASK, args=[str(job_id)], queue=queue, ignore_result=True, retry=False
            )
        except OperationalError as error:
            raise BrokerUnavailableError() from error

    def enqueue_many(self, job_ids: Sequence[JobId], *, queue: str) -> None:
        """As a group, over one connection. Raises as ``enqueue`` does."""
        if queue not in QUEUES:
            raise ValueError(f"no such queue: {queue}")
        messages = [self._app.signature(TASK, args=[str(job_id)]) for job_id in job_ids]
        try:
            group(messages, app=self._app).apply_async(queue=queue, ignore_result=True, retry=False)
        except OperationalError as error:
            raise BrokerUnavailableError() from error

    def waiting(self, queue: str) -> int:
        """Raises BrokerUnavailableError soon, and ValueError for a queue without a worker."""
        if queue not in QUEUES:
            raise ValueError(f"no such queue: {queue}")
        try:
            with self._app.pool.acquire(block=True, timeout=POOL_PATIENCE_S) as connection:
                size: int = connection.default_channel._size(queue)
        except (OperationalError, LimitExceeded, OSError, RedisError) as error:
            raise BrokerUnavailableError() from error
        return size
