"""A kombu transport between threads of one process that wakes its consumer instead of polling.

kombu's own ``memory://`` sleeps between looks: a job waits half the interval for nothing, and an
idle worker looks all the time. Here a condition variable tells the consumer of a message, a free
slot, or the end.

kombu says that it is typed and leaves out most of it, hence the ignored calls.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from queue import Empty
from typing import Any

import kombu.transport
from celery.exceptions import WorkerShutdown
from kombu.transport import virtual

SCHEME = "vestibule-memory"
_Message = dict[str, Any]
_Deliver = Callable[[_Message, str], None]


class Broker:
    """The queues of one application. Safe to use from several threads.

    ``urgent_first`` orders the queues; those in ``background`` leave one worker thread to the
    others, so that nobody waits for a long job of theirs to end.
    """

    def __init__(self, *, urgent_first: Sequence[str], background: Sequence[str]) -> None:
        self.urgent_first = tuple(urgent_first)
        self.background = frozenset(background)
        self.state = virtual.BrokerState()  # type: ignore[no-untyped-call]
        self._queues: dict[str, deque[_Message]] = {}
        self._changed = threading.Condition()
        self._changes = 0
        self._is_open = True

    def open(self) -> None:
        with self._changed:
            self._is_open = True

    def close(self) -> None:
        """Make the consumer raise WorkerShutdown, now if it waits. Messages stay."""
        with self._changed:
            self._is_open = False
        self.announce()

    def announce(self) -> None:
        """Have the consumer look again."""
        with self._changed:
            self._changes += 1
            self._changed.notify_all()

    def seen(self) -> int:
        """What to pass to ``wait``. Raises WorkerShutdown when the broker is closed."""
        with self._changed:
            if not self._is_open:
                raise WorkerShutdown(0)
            return self._changes

    def wait(self, seen: int, *, timeout_s: float | None) -> None:
        """Until something changed since ``seen``. Raises TimeoutError."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._changes != seen, timeout_s):
                raise TimeoutError

    def put(self, queue: str, message: _Message) -> None:
        with self._changed:
            self._queues.setdefault(queue, deque()).append(message)
        self.announce()

    def take(self, queue: str) -> _Message | None:
        with self._changed:
            waiting = self._queues.get(queue)
            return waiting.popleft() if waiting else None

    def size(self, queue: str) -> int:
        with self._changed:
            return len(self._queues.get(queue, ()))

    def remove(self, queue: str) -> int:
        with self._changed:
            return len(self._queues.pop(queue, ()))


class _Channel(virtual.Channel):
    """Takes the most urgent message first. kombu calls the underscored methods."""

    do_restore = False  # the job rows are the durable copy; at the end messages just go

    def __init__(self, connection: Any, **options: Any) -> None:
        super().__init__(connection, **options)  # type: ignore[no-untyped-call]
        self._broker: Broker = connection.client.transport_options["broker"]
        self._background_tags: set[str] = set()

    def drain_events(
        self,
        timeout: float | None = None,  # noqa: ARG002 - kombu passes it; the transport waits
        callback: _Deliver | None = None,
    ) -> None:
        deliver = callback or self.connection._deliver
        if self._consumers and self.qos.can_consume():
            for queue in sorted(self._active_queues, key=self._broker.urgent_first.index):
                message = self._take(queue)
                if message is not None:
                    deliver(message, queue)
                    return
        raise Empty

    def basic_ack(self, delivery_tag: str, multiple: bool = False) -> None:
        super().basic_ack(delivery_tag, multiple)  # type: ignore[no-untyped-call]
        self._let_go(delivery_tag)

    def basic_reject(self, delivery_tag: str, requeue: bool = False) -> None:
        super().basic_reject(delivery_tag, requeue)  # type: ignore[no-untyped-call]
        self._let_go(delivery_tag)

    def _take(self, queue: str) -> _Message | None:
        is_background = queue in self._broker.background
        if is_background and len(self._background_tags) >= max(1, self.qos.prefetch_count - 1):
            return None
        message = self._broker.take(queue)
        if is_background and message is not None:
            self._background_tags.add(message["properties"]["delivery_tag"])
        return message

    def _let_go(self, delivery_tag: str) -> None:
        self._background_tags.discard(delivery_tag)
        self._broker.announce()

    def _get(self, queue: str, timeout: float | None = None) -> _Message:  # noqa: ARG002 - as above
        message = self._broker.take(queue)
        if message is None:
            raise Empty
        return message

    def _put(self, queue: str, message: _Message, **_: Any) -> None:
        self._broker.put(queue, message)

    def _size(self, queue: str) -> int:
        return self._broker.size(queue)

    def _delete(self, queue: str, *_: Any, **__: Any) -> None:
        self._broker.remove(queue)

    def _purge(self, queue: str) -> int:
        return self._broker.remove(queue)


class Transport(virtual.Transport):
    """Reached by ``vestibule-memory://`` with a ``Broker`` in the transport options."""

    Channel = _Channel
    driver_type = "memory"
    driver_name = SCHEME

    def __init__(self, client: Any, **options: Any) -> None:
        super().__init__(client, **options)  # type: ignore[no-untyped-call]
        self._broker: Broker = client.transport_options["broker"]
        self.state = self._broker.state
        # One look at each channel of this connection in turn; set by kombu's own constructor.
        self._cycle: Any = self.cycle

    def drain_events(
        self,
        connection: Any,  # noqa: ARG002 - kombu passes the transport itself
        timeout: float | None = None,
        **_: Any,
    ) -> None:
        """Deliver one message. Raises TimeoutError, or WorkerShutdown at the end."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while True:
            seen = self._broker.seen()
            try:
                self._cycle.get(self._deliver)
            except Empty:
                left_s = None if deadline is None else max(0.0, deadline - time.monotonic())
                self._broker.wait(seen, timeout_s=left_s)
            else:
                return

    def driver_version(self) -> str:
        return "1"


def register() -> None:
    """Make kombu know the scheme. Safe to run twice."""
    kombu.transport.TRANSPORT_ALIASES[SCHEME] = f"{__name__}:Transport"
