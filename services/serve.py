"""The embedded mode as one process: API, web pages, worker and schedule behind one port."""

import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from services.api.main import create_api
from services.listening import leave_in_peace, left_word, listening
from services.observed_pages import observed_web_app
from services.observing import observing
from services.starting import answering
from services.worker.schedule import Schedule
from services.worker.tasks import register_tasks
from vestibule.domain.errors import ConflictError
from vestibule.domain.ids import JobId
from vestibule.records import gallery
from vestibule.reporting import Report
from vestibule.settings import Settings
from vestibule.wiring import EmbeddedInstallation, Reached, open_embedded
from vestibule.wiring_keys import former_key, secret_key
from vestibule.workflows.load_demo import request_demo
from vestibule.workflows.run_job import has_ended
from vestibule.workflows.sign_in import make_api_key, make_sign_in_link

API_PATHS = ("/v1", "/metrics", "/healthz", "/readyz")
STOP_PATIENCE_S = 3


@dataclass(frozen=True, slots=True)
class Product:
    """A running product: where it listens, and a key for the command line."""

    installation: EmbeddedInstallation
    url: str
    public_url: str
    api_key: str

    def sign_in_url(self) -> str:
        """A fresh one-time link."""
        settings, runtime = self.installation.settings, self.installation.runtime
        token = make_sign_in_link(
            runtime.database,
            runtime.clock,
            actor="owner",
            life=timedelta(minutes=settings.sign_in_link_minutes),
        )
        return f"{self.public_url.rstrip('/')}/sign-in/{token}"

    def customers_elsewhere(self) -> int:
        """Guests with a template in another embedding space only: no photo can find them."""
        runtime = self.installation.runtime.at_serving()
        with runtime.database.begin() as transaction:
            return gallery.customers_elsewhere(transaction, runtime.engine.space.id)

    def load_demo(self) -> None:
        """Load the demo guests and wait for them; nothing happens if they are here already."""
        runtime = self.installation.runtime
        try:
            job = request_demo(runtime, actor="owner")
        except ConflictError:
            return
        while not has_ended(runtime, JobId(job.id)):
            threading.Event().wait(0.2)


class OnePort:
    """The API's paths go to the API, everything else to the pages, which call it over HTTP."""

    def __init__(self, api: ASGIApp, web: ASGIApp) -> None:
        self._api = api
        self._web = web

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        is_api = any(path == prefix or path.startswith(f"{prefix}/") for prefix in API_PATHS)
        await (self._api if is_api else self._web)(scope, receive, send)


def serve(
    settings: Settings, *, announce: Callable[[Product], None], report: Report | None = None
) -> None:
    """Run until a signal asks to stop; then stop every part and return."""
    leave_in_peace()
    with ExitStack() as closing:
        listener = closing.enter_context(listening(settings.host, settings.port))
        with answering(listener) as starting:
            product, server = closing.enter_context(
                running(settings, listener, report=report, reached=starting.reached)
            )
        announced = threading.Thread(target=_when_up, args=(server, product, announce))
        announced.start()
        try:
            server.run(sockets=[listener])
        except KeyboardInterrupt:  # uvicorn has stopped and hands the signal on
            pass
        finally:
            _finish_in_peace()
            announced.join()


def _finish_in_peace() -> None:
    """A second Ctrl-C must not interrupt the closing that the first one asked for."""
    for asked in (signal.SIGINT, signal.SIGTERM):
        signal.signal(asked, signal.SIG_IGN)


def _when_up(server: uvicorn.Server, product: Product, announce: Callable[[Product], None]) -> None:
    while not server.started and not server.should_exit:
        threading.Event().wait(0.01)
    if server.started:
        announce(product)


@contextmanager
def running(
    settings: Settings,
    listener: socket.socket,
    *,
    report: Report | None = None,
    reached: Reached = lambda _: None,
) -> Iterator[tuple[Product, uvicorn.Server]]:
    """Everything but the HTTP loop, which the caller runs in the thread it likes."""
    with (
        observing(settings, "embedded"),
        open_embedded(settings, report=report, reached=reached) as installation,
    ):
        register_tasks(installation.celery, installation.runtime)
        installation.worker.start()
        schedule = Schedule(installation.runtime)
        schedule.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        product = Product(
            installation, url, settings.public_url or url, _command_line_key(installation)
        )
        try:
            with left_word(settings, url=product.url, api_key=product.api_key):
                yield product, _server(installation, url)
        finally:
            schedule.stop()


def _server(installation: EmbeddedInstallation, url: str) -> uvicorn.Server:
    settings = installation.settings
    web = observed_web_app(
        api_base_url=url,
        secret_key=secret_key(settings, "web"),
        former_secret_key=former_key(settings, "web"),
        secure_cookies=(settings.public_url or "").startswith("https://"),
        time_zone=settings.timezone,
        closes_at_hour=settings.closes_at_hour,
    )
    config = uvicorn.Config(
        OnePort(create_api(installation), web),
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=STOP_PATIENCE_S,
        # Longer than clients keep an idle connection (httpx: 5 s), or a request may meet its end.
        timeout_keep_alive=30,
    )
    return uvicorn.Server(config)


def _command_line_key(installation: EmbeddedInstallation) -> str:
    runtime = installation.runtime
    until = runtime.clock.now() + timedelta(days=30)
    return make_api_key(runtime.database, runtime.clock, name="command line", expires_at=until)
