import pytest

from tests.containers import images
from tests.containers.engine import Engine
from tests.containers.fixtures import engine_or_skip, tell


@pytest.fixture(scope="session")
def engine() -> Engine:
    return engine_or_skip()


@pytest.fixture(scope="session")
def product_image(engine: Engine) -> str:
    return images.product_image(engine)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    tell(terminalreporter, "tests/containers")
