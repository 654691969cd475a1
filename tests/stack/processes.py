"""One process of the distributed product, which a test may kill and start again."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import httpx


class ProductProcess:
    """``vestibule <command>`` with an environment; its output goes to ``folder/<name>.log``."""

    def __init__(
        self,
        name: str,
        command: str,
        *,
        folder: Path,
        environment: Mapping[str, str],
        is_ready: Callable[[], bool],
    ) -> None:
        self.name = name
        self._command = command
        self._folder = folder
        self.environment = {**environment, "VESTIBULE_DATA_DIR": str(folder / name)}
        self._is_ready = is_ready
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None, f"{self.name} was never started"
        return self._process.pid

    @property
    def log(self) -> str:
        return (self._folder / f"{self.name}.log").read_text(errors="replace")

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self, *, patience_s: float = 90) -> None:
        """Returns when it is ready."""
        self.launch()
        self.wait_until_ready(patience_s=patience_s)

    def launch(self) -> None:
        """Start it and do not wait."""
        with (self._folder / f"{self.name}.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "services.cli", self._command],
                env={**os.environ, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait_until_ready(self, *, patience_s: float = 90) -> None:
        give_up_at = time.monotonic() + patience_s
        while not self._is_ready():
            if not self.is_running or time.monotonic() > give_up_at:
                raise RuntimeError(f"{self.name} did not become ready:\n{self.log[-3000:]}")
            time.sleep(0.1)

    def kill(self) -> None:
        """-9, with every process that it started: as when its container is gone."""
        self._end(signal.SIGKILL, patience_s=30)

    def stop(self, *, patience_s: float = 40) -> int:
        """Ask it to stop and wait; its exit status."""
        if self._process is None:
            return 0
        if self.is_running:
            self._process.send_signal(signal.SIGTERM)
            try:
                return self._process.wait(patience_s)
            except subprocess.TimeoutExpired:
                self._end(signal.SIGKILL, patience_s=30)
        return self._process.wait(30)

    def _end(self, how: signal.Signals, *, patience_s: float) -> None:
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, how)
        self._process.wait(patience_s)


def answers(url: str, *, status: int = 200) -> bool:
    """Whether a GET of ``url`` gives that status now."""
    try:
        return httpx.get(url, timeout=5, trust_env=False).status_code == status
    except httpx.TransportError:
        return False
