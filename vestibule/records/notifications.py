"""Waking those who watch a job or alerts, through Postgres' LISTEN and NOTIFY, in every mode."""

import threading
from collections.abc import Callable
from uuid import UUID

import psycopg

from vestibule.records import alerts
from vestibule.records.bounded_connection import KEEPALIVE
from vestibule.records.jobs import CHANNEL

Wake = Callable[[], None]


class JobNotifications:
    """One listening connection per process. A lost notification only delays: watchers also poll."""

    def __init__(self, conninfo: str) -> None:
        self._conninfo = conninfo
        self._watchers: dict[UUID, set[Wake]] = {}
        self._alert_watchers: set[Wake] = set()
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="job-notifications", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(timeout=5)

    def watch(self, job_id: UUID, wake: Wake) -> None:
        """Call ``wake`` (from another thread) whenever the job changes."""
        with self._lock:
            self._watchers.setdefault(job_id, set()).add(wake)

    def unwatch(self, job_id: UUID, wake: Wake) -> None:
        with self._lock:
            wakes = self._watchers.get(job_id, set())
            wakes.discard(wake)
            if not wakes:
                self._watchers.pop(job_id, None)

    def watch_alerts(self, wake: Wake) -> None:
        """Call ``wake`` (from another thread) whenever there is something to tell of an alert."""
        with self._lock:
            self._alert_watchers.add(wake)

    def unwatch_alerts(self, wake: Wake) -> None:
        with self._lock:
            self._alert_watchers.discard(wake)

    def _listen(self) -> None:
        while not self._stopping.is_set():
            try:
                with psycopg.connect(
                    self._conninfo, autocommit=True, connect_timeout=5, **KEEPALIVE
                ) as link:
                    link.execute(f"LISTEN {CHANNEL}")
                    link.execute(f"LISTEN {alerts.CHANNEL}")
                    self._forward(link)
            except psycopg.OperationalError:
                self._stopping.wait(0.5)

    def _forward(self, link: "psycopg.Connection[tuple[object, ...]]") -> None:
        while not self._stopping.is_set():
            for notification in link.notifies(timeout=0.5):
                with self._lock:
                    wakes = self._woken(notification)
                for wake in wakes:
                    wake()

    def _woken(self, notification: psycopg.Notify) -> list[Wake]:
        if notification.channel == alerts.CHANNEL:
            return list(self._alert_watchers)
        return list(self._watchers.get(UUID(notification.payload), ()))
