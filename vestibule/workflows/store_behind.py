"""What a step leaves to be stored is stored while the models run for the next one."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager


class Behind:
    """One step at a time, in their order: a step is stored before the next one's storing begins."""

    def __init__(self, thread: ThreadPoolExecutor) -> None:
        self._thread = thread
        self._left: Future[None] | None = None

    def store(self, left: Callable[[], None] | None) -> None:
        """Begin, once the step before is stored. Raises what that one raised."""
        self.wait()
        if left is not None:
            self._left = self._thread.submit(left)

    def wait(self) -> None:
        """Until all is stored. Raises what went wrong with it."""
        left, self._left = self._left, None
        if left is not None:
            left.result()


@contextmanager
def behind() -> Iterator[Behind]:
    """At its end nothing goes on any more, also after an error."""
    with ThreadPoolExecutor(1, thread_name_prefix="behind") as thread:
        yield Behind(thread)
