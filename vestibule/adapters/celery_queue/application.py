"""The Celery application without its tasks: what both brokers share, and what each needs."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import structlog
from celery import Celery
from kombu.entity import Exchange, Queue

from vestibule.adapters import memory_broker, redis_broker
from vestibule.domain.queues import BACKGROUND, QUEUES

log = structlog.get_logger(__name__)

TASK = "vestibule.run_job"
PUBLISH_WITHIN_S = 1.0
"""How long a request waits for a broker that is away: its job is sent again by the scheduler."""

VISIBILITY_TIMEOUT_S = 600
"""When Redis gives a message that nobody acknowledged to another worker.

Only a late broom: what decides is the lease of the job's row (60 s, renewed as the job goes on),
after which the scheduler sends the job again. A message that comes back while its job runs, or has
ended, finds the row taken and does nothing, so any value is safe; a short one is only idle work.
"""


def build_celery(broker_url: str) -> Celery:
    """``memory://`` stays within this process; ``redis://`` and ``rediss://`` do not."""
    app = _Application("vestibule", fixups=[])
    app.conf.update(
        task_queues=_queues(),
        task_default_queue="bulk",
        task_create_missing_queues=False,
        task_serializer="json",
        accept_content=["json"],
        task_ignore_result=True,
        result_backend=None,
        # A job delivered twice does its work once; one acknowledged early may be lost.
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        worker_enable_remote_control=False,
        worker_send_task_events=False,
        timezone="UTC",
        # One number for every application of a process: kombu keeps one pool for all of them and
        # does not shrink it while it is in use.
        broker_pool_limit=20,
        **(_in_memory() if broker_url == "memory://" else _on_redis(broker_url, app)),
    )
    return app


Unreadable = Callable[[str, str, int], None]
"""Told of a message that is none of ours: its queue, why, its size in bytes."""


class _Application(Celery):  # type: ignore[misc]  # celery has no types
    """Keeps its tasks to itself.

    Celery gives a task of one application to every other one that is made in the process, where
    the first of a name wins: a second installation would work on the first one's data.
    """

    on_unreadable: Unreadable | None = None

    def tell_unreadable(self, queue: str, why: str, size_bytes: int) -> None:
        """``why``: not_a_message, unknown_task or damaged."""
        log.error("queue.unreadable", queue=queue, why=why, size_bytes=size_bytes)
        if self.on_unreadable is not None:
            self.on_unreadable(queue, why, size_bytes)

    def task(self, *args: Any, **options: Any) -> Any:
        return super().task(*args, **{"shared": False, **options})


def _queues() -> list[Queue]:
    # kombu says that it is typed and leaves these out.
    exchange = Exchange("vestibule", type="direct")  # type: ignore[no-untyped-call]
    return [Queue(name, exchange, routing_key=name) for name in QUEUES]  # type: ignore[no-untyped-call]


def _in_memory() -> dict[str, Any]:
    memory_broker.register()
    return {
        "broker_url": f"{memory_broker.SCHEME}://localhost",
        "broker_connection_retry_on_startup": True,
        "broker_transport_options": {
            "broker": memory_broker.Broker(urgent_first=QUEUES, background=BACKGROUND)
        },
    }


def _on_redis(broker_url: str, app: "_Application") -> dict[str, Any]:
    redis_broker.register()
    return {
        "broker_url": _checking_certificates(broker_url),
        # Whoever works waits for the broker as long as it takes; whoever publishes does not.
        "broker_connection_retry": True,
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
        "broker_connection_timeout": PUBLISH_WITHIN_S,
        # A job goes on without the broker: its row is what counts.
        "worker_cancel_long_running_tasks_on_connection_loss": False,
        "worker_enable_prefetch_count_reduction": False,
        "broker_transport_options": {
            "urgent_first": QUEUES,
            "background": BACKGROUND,
            "on_unreadable": app.tell_unreadable,
            "visibility_timeout": VISIBILITY_TIMEOUT_S,
            "socket_connect_timeout": PUBLISH_WITHIN_S,
            "socket_timeout": PUBLISH_WITHIN_S,
            "socket_keepalive": True,
            "health_check_interval": 10,
            "max_retries": 0,
        },
    }


def _checking_certificates(broker_url: str) -> str:
    """kombu takes any certificate unless the address says otherwise, not by an empty word."""
    parts = urlsplit(broker_url)
    options = parse_qs(parts.query)
    if parts.scheme != "rediss" or "ssl_cert_reqs" in options:
        return broker_url
    checked = urlencode({**options, "ssl_cert_reqs": "required"}, doseq=True)
    return parts._replace(query=checked).geturl()
