"""The pages alone. They know the API's address and the key of their cookies."""

import uvicorn

from services.leaving_server import LeavingServer
from services.listening import leave_in_peace, listening
from services.logged_settings import logged_settings
from services.observed_pages import observed_web_app
from services.observing import observing
from vestibule.domain.errors import StartUpError
from vestibule.settings import Settings
from vestibule.wiring_keys import former_key, secret_key


def web() -> None:
    """Run the pages; they need VESTIBULE_API_URL (distributed mode)."""
    run_web(logged_settings())


def run_web(settings: Settings) -> None:
    """Serve until a signal asks to stop. Raises StartUpError without the API's address."""
    if settings.api_url is None:
        raise StartUpError("VESTIBULE_API_URL is missing.", reason="settings_missing")
    leave_in_peace()
    pages = observed_web_app(
        api_base_url=settings.api_url,
        secret_key=secret_key(settings, "web"),
        former_secret_key=former_key(settings, "web"),
        secure_cookies=(settings.public_url or "").startswith("https://"),
        time_zone=settings.timezone,
        closes_at_hour=settings.closes_at_hour,
    )
    with observing(settings, "web"), listening(settings.host, settings.port) as listener:
        config = uvicorn.Config(
            pages,
            log_config=None,
            access_log=False,
            lifespan="off",
            server_header=False,
            timeout_graceful_shutdown=3,
            timeout_keep_alive=75,
        )
        LeavingServer(config).run(sockets=[listener])
