"""How commands that ask the product connect to it: as its settings say, logging where it logs."""

from collections.abc import Iterator
from contextlib import contextmanager

from services.client import ApiClient, api_client
from vestibule.settings import Settings
from vestibule.telemetry import configure_logging
from vestibule.wiring import Report


@contextmanager
def connected(report: Report | None = None) -> Iterator[ApiClient]:
    """``report`` is told of models that a product that starts here installs."""
    settings = Settings()
    configure_logging(settings.log, settings.data_dir / "logs")
    with api_client(settings, report=report) as client:
        yield client
