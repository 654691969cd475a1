"""A sign of life as a file, for container health checks of processes that no port belongs to."""

import time
from pathlib import Path

from vestibule.settings import Settings

WITHIN_S = 30.0
"""How old the sign may be. Whoever gives it does so every few seconds."""


def beat(settings: Settings, name: str) -> None:
    """Say that ``name`` does its work."""
    path = _path(settings, name)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.touch()


def forget(settings: Settings, name: str) -> None:
    """Say that ``name`` does no work at the moment."""
    _path(settings, name).unlink(missing_ok=True)


def is_alive(settings: Settings, name: str, *, within_s: float = WITHIN_S) -> bool:
    """Whether ``name`` said so on this machine lately."""
    try:
        return time.time() - _path(settings, name).stat().st_mtime <= within_s
    except FileNotFoundError:
        return False


def _path(settings: Settings, name: str) -> Path:
    return settings.data_dir / "run" / f"{name}.alive"
