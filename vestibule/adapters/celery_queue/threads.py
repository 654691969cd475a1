"""Celery's pool of threads, whose threads know their application and whose end has a limit."""

import contextlib
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

from celery.concurrency.thread import TaskPool


class Threads(TaskPool):  # type: ignore[misc]  # celery has no types
    """Celery looks a task up in the thread's current application, else in the process' default."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.executor = ThreadPoolExecutor(
            self.limit, thread_name_prefix="job", initializer=self.app.set_current
        )


class PatientThreads(Threads):
    """At the end it waits for the running jobs no longer than ``app.conf.stop_patience_s``."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._running: set[Future[Any]] = set()

    @property
    def has_running(self) -> bool:
        return bool(self._running)

    def on_apply(self, *args: Any, **options: Any) -> Any:
        result = super().on_apply(*args, **options)
        self._running.add(result.f)
        result.f.add_done_callback(self._running.discard)
        return result

    def on_stop(self) -> None:
        self.executor.shutdown(wait=False, cancel_futures=True)
        patience_s: float = self.app.conf.stop_patience_s
        with contextlib.suppress(RuntimeError):  # one ended while the set was copied
            wait(set(self._running), timeout=patience_s)
