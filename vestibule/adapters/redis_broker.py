"""kombu's Redis transport, which takes the most urgent message and leaves a thread to the urgent.

kombu asks Redis for the next message of several queues with one BRPOP, which answers from the first
key that holds one: the order of the keys is the order of the queues. One BRPOP is under way at a
time. Where it had to leave queues out and a thread becomes free for them, a message to its own wake
key ends it, so that the next one asks for all.

kombu says that it is typed and leaves out most of it, hence the ignored calls.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import Empty
from time import monotonic
from typing import Any
from uuid import uuid4

import kombu.transport
from kombu.transport import redis as kombu_redis
from kombu.utils.json import loads

_WAKE_KEY_LIFE_S = 10
SCHEMES = ("redis", "rediss")


class _QoS(kombu_redis.QoS):
    """Has the worker connect anew when it could not say that a message is done.

    kombu only logs that, and the message goes on counting as under way. Once one for each thread
    does, no next message is asked for, and so nobody finds out that Redis is back.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)  # type: ignore[no-untyped-call]
        self._unsaid: Exception | None = None

    def ack(self, delivery_tag: str) -> None:
        with self._noting_failure():
            super().ack(delivery_tag)  # type: ignore[no-untyped-call]

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:
        with self._noting_failure():
            super().reject(delivery_tag, requeue)  # type: ignore[no-untyped-call]

    def can_consume(self) -> bool:
        """Asked by the loop that connects anew on such an error, before each wait."""
        if self._unsaid is not None:
            raise self._unsaid
        return bool(super().can_consume())  # type: ignore[no-untyped-call]

    @contextmanager
    def _noting_failure(self) -> Iterator[None]:
        try:
            yield
        except self.channel.connection_errors as error:
            self._unsaid = error
            raise


class _Channel(kombu_redis.Channel):
    """kombu calls the underscored methods."""

    QoS = _QoS

    urgent_first: tuple[str, ...] = ()
    background: tuple[str, ...] = ()
    on_unreadable: Callable[[str, str, int], None] | None = None
    from_transport_options: Any = (
        *kombu_redis.Channel.from_transport_options,
        "urgent_first",
        "background",
        "on_unreadable",
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)  # type: ignore[no-untyped-call]
        self._background_tags: set[str] = set()
        self._leaves_out = False
        self._wake_key = f"vestibule.wake.{uuid4()}"

    def basic_ack(self, delivery_tag: str, multiple: bool = False) -> None:
        super().basic_ack(delivery_tag, multiple)  # type: ignore[no-untyped-call]
        self._let_go(delivery_tag)

    def basic_reject(self, delivery_tag: str, requeue: bool = False) -> None:
        super().basic_reject(delivery_tag, requeue)  # type: ignore[no-untyped-call]
        self._let_go(delivery_tag)

    def _let_go(self, delivery_tag: str) -> None:
        if delivery_tag not in self._background_tags:
            return
        self._background_tags.discard(delivery_tag)
        if self._in_poll and self._leaves_out:
            with self.conn_or_acquire() as client, client.pipeline() as pipe:
                pipe.lpush(self._wake_key, "1").expire(self._wake_key, _WAKE_KEY_LIFE_S).execute()

    def _brpop_start(self, timeout: float | None = None) -> None:
        queues = self._wanted()
        if not queues:
            return
        self._leaves_out = len(queues) < len(self.active_queues)
        if self._leaves_out:
            queues.append(self._wake_key)
        self._in_poll: Any = self.client.connection
        self._brpop_sent_at: Any = monotonic()
        self.client.connection.send_command("BRPOP", *queues, timeout or self.brpop_timeout)

    def _wanted(self) -> list[str]:
        """The queues to take from now, most urgent first."""
        order = {name: place for place, name in enumerate(self.urgent_first)}
        queues = sorted(self.active_queues, key=lambda name: order.get(name, len(order)))
        urgent = [name for name in queues if name not in self.background]
        room_for_background = max(1, self.qos.prefetch_count - 1)
        if urgent and len(self._background_tags) >= room_for_background:
            return urgent
        return queues

    def _brpop_read(self, **options: Any) -> bool:
        try:
            found = self.client.parse_response(self.client.connection, "BRPOP", **options)
        except self.connection_errors:
            self.client.connection.disconnect()
            raise
        finally:
            self._in_poll = None
        if not found:
            raise Empty
        queue, item = found[0].decode(), found[1]
        if queue == self._wake_key:
            raise Empty
        try:
            message = loads(item.decode())  # type: ignore[no-untyped-call]
            tag = message["properties"]["delivery_tag"]
        except (ValueError, KeyError, TypeError):
            # Not one of ours: it would end the worker, come back and end the next one.
            if self.on_unreadable is not None:
                self.on_unreadable(queue, "not_a_message", len(item))
            return True
        if queue in self.background:
            self._background_tags.add(tag)
        self.connection._deliver(message, queue)
        return True


class Transport(kombu_redis.Transport):
    """Takes kombu's place for ``redis://`` and ``rediss://`` in this process."""

    Channel = _Channel


def register() -> None:
    """Make kombu use it. Safe to run twice."""
    for scheme in SCHEMES:
        kombu.transport.TRANSPORT_ALIASES[scheme] = f"{__name__}:Transport"
