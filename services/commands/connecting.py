"""How commands that ask the product connect to it: as its settings say, logging where it logs."""

from collections.abc import Iterator
from contextlib import contextmanager

from services.client import ApiClient, api_client
from services.logged_settings import logged_settings
from vestibule.reporting import Report


@contextmanager
def connected(report: Report | None = None) -> Iterator[ApiClient]:
    """``report`` is told of models that a product that starts here installs."""
    with api_client(logged_settings(), report=report) as client:
        yield client
