"""What every process shows of itself: its traces, its metrics, and which build it is."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Literal

import structlog
from prometheus_client import start_http_server

from vestibule import __version__, tracing
from vestibule.settings import Settings
from vestibule.telemetry import BUILD

Part = Literal["embedded", "api", "worker", "scheduler", "web"]
_TRY_AGAIN_S = 1.0
log = structlog.get_logger(__name__)


@contextmanager
def observing(settings: Settings, part: Part) -> Iterator[None]:
    """For as long as the process does its work. Nothing that goes wrong here stops that work."""
    BUILD.labels(__version__, part, settings.mode).set(1)
    with ExitStack() as stopping:
        if settings.traces_endpoint is not None:
            stopping.callback(
                tracing.start(part, endpoint=settings.traces_endpoint, share=settings.traces_share)
            )
        if settings.metrics_port is not None:
            port = MetricsPort(settings.metrics_host, settings.metrics_port)
            port.start()
            stopping.callback(port.stop)
        yield


class MetricsPort:
    """Prometheus' text format on a port of its own, for processes that serve nothing else.

    A port that is still held, by the process that this one replaces, is waited for.
    """

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="metrics", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(timeout=5)

    def _serve(self) -> None:
        has_complained = False
        while not self._stopping.is_set():
            try:
                server, thread = start_http_server(self._port, addr=self._host)
            except OSError as error:
                if not has_complained:
                    log.warning("metrics.port_in_use", port=self._port, reason=error.strerror)
                has_complained = True
                self._stopping.wait(_TRY_AGAIN_S)
                continue
            self._stopping.wait()
            server.shutdown()
            server.server_close()
            thread.join(timeout=5)
