"""The product, run by this process for as long as it is needed."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from services.listening import listening
from services.serve import Product, running
from vestibule.reporting import Report
from vestibule.settings import Settings


@contextmanager
def started_here(settings: Settings, *, report: Report | None = None) -> Iterator[Product]:
    """A product on a free port of 127.0.0.1, stopped at the end."""
    with (
        listening("127.0.0.1", 0) as listener,
        running(settings, listener, report=report) as (product, server),
    ):
        loop = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        loop.start()
        try:
            yield product
        finally:
            server.should_exit = True
            loop.join()
