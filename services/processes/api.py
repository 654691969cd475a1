"""The API alone. Any number of copies may run; none of them loads a model."""

from datetime import timedelta

import uvicorn

from services.api.main import create_api
from services.leaving_server import LeavingServer
from services.listening import leave_in_peace, left_word, listening
from services.logged_settings import logged_settings
from services.observing import observing
from vestibule.settings import Settings
from vestibule.wiring_distributed import open_service
from vestibule.wiring_parts import Installation
from vestibule.workflows.sign_in import make_api_key

_STOP_PATIENCE_S = 20
"""How long a running request may take when the process is asked to stop."""


def api() -> None:
    """Run the API (distributed mode)."""
    run_api(logged_settings())


def run_api(settings: Settings) -> None:
    """Serve until a signal asks to stop."""
    leave_in_peace()
    with (
        observing(settings, "api"),
        listening(settings.host, settings.port) as listener,
        open_service(settings) as installation,
    ):
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with left_word(settings, url=url, api_key=_command_line_key(installation)):
            config = uvicorn.Config(
                create_api(installation),
                log_config=None,
                access_log=False,
                lifespan="off",
                server_header=False,
                timeout_graceful_shutdown=_STOP_PATIENCE_S,
                # Longer than clients and proxies keep an idle connection.
                timeout_keep_alive=75,
            )
            LeavingServer(config).run(sockets=[listener])


def _command_line_key(installation: Installation) -> str:
    """For `vestibule` commands that are run beside this process, in its container."""
    runtime = installation.runtime
    until = runtime.clock.now() + timedelta(days=30)
    return make_api_key(runtime.database, runtime.clock, name="command line", expires_at=until)
