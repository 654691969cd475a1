"""The one-shot that gets weights, with nothing there yet, and with no way to other machines."""

import json
from collections.abc import Iterator
from secrets import token_hex

import pytest

from tests.compose.stack import Stack
from tests.containers.fixtures import engine_or_skip
from tests.containers.images import models_image

pytestmark = pytest.mark.timeout(900)


@pytest.fixture
def fresh() -> Iterator[Stack]:
    """Another installation whose models lie in its own volume, as they do if nothing is set."""
    made = Stack(engine_or_skip(), f"vestibule-test-{token_hex(4)}", VESTIBULE_MODELS="models")
    yield made
    made.remove()


def test_first_start_gets_the_pack_and_the_demos_photos(fresh: Stack) -> None:
    # npm trusts its own list, unless it is told of an authority between here and the registry.
    trusting = "--env=NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt"
    done = fresh.compose("run", "--rm", "--no-TTY", trusting, "models", timeout_s=300)
    assert "open is installed." in done.stdout
    assert "photos of the demo are here." in done.stdout
    run = ("run", "--rm", "--no-TTY", "--no-deps", "worker")
    listed = json.loads(fresh.compose(*run, "models", "list", "--json").stdout)
    assert [pack["name"] for pack in listed if pack["installed"]] == ["open"]
    again = ("run", "--rm", "--no-TTY", "models", "models", "verify")
    assert fresh.compose(*again, check=False).returncode == 0


def test_without_a_way_out_and_without_a_folder_it_ends_and_says_so() -> None:
    engine = engine_or_skip()
    options = ("--rm", "--network=none", "--read-only", "--tmpfs=/tmp", "--volume=/models")
    done = engine.docker(
        "run", *options, models_image(engine), *("models", "install", "open"), check=False
    )
    assert done.returncode == 1
    assert done.stderr.strip()
    assert "Traceback" not in done.stderr
