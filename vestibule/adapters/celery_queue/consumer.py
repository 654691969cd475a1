"""Celery's consumer, which looks for a broker that is away more often than every half a minute."""

from typing import Any

import structlog
from celery.worker import state
from celery.worker.consumer import Consumer

LONGEST_PAUSE_S = 3.0
log = structlog.get_logger(__name__)


class PatientConsumer(Consumer):  # type: ignore[misc]  # celery has no types
    """Tries for ever, with pauses that grow to ``LONGEST_PAUSE_S``, until it is asked to stop."""

    def ensure_connected(self, connection: Any) -> Any:
        def tell(error: Exception, pause_s: float) -> None:
            log.warning("broker.away", reason=type(error).__name__, again_in_s=round(pause_s, 1))

        connected = connection.ensure_connection(
            tell,
            None,
            interval_start=0.2,
            interval_step=0.4,
            interval_max=LONGEST_PAUSE_S,
            callback=state.maybe_shutdown,
        )
        self.first_connection_attempt = False
        return connected

    # Celery's own log what the message says, and nobody knows what that is.
    def on_decode_error(self, message: Any, _: Exception) -> None:
        self._tell(message, "damaged")
        message.ack()

    def on_unknown_message(self, _body: Any, message: Any) -> None:
        self._refuse(message, "damaged")

    def on_unknown_task(self, _body: Any, message: Any, _: Exception) -> None:
        self._refuse(message, "unknown_task")

    def on_invalid_task(self, _body: Any, message: Any, _: Exception) -> None:
        self._refuse(message, "damaged")

    def _refuse(self, message: Any, why: str) -> None:
        self._tell(message, why)
        message.reject()

    def _tell(self, message: Any, why: str) -> None:
        queue = (message.delivery_info or {}).get("routing_key", "")
        self.app.tell_unreadable(queue, why, len(message.body or ""))
