"""``vestibule serve`` in a process of its own, so that it can be killed."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

START_PATIENCE_S = 60


@dataclass
class ServedProduct:
    """``vestibule serve`` on its own data folder, started and stopped by the test."""

    data_dir: Path
    process: subprocess.Popen[str]
    first_line: str

    def client(self) -> httpx.Client:
        word = json.loads((self.data_dir / "run" / "product.json").read_text())
        return httpx.Client(
            base_url=word["url"],
            headers={"Authorization": f"Bearer {word['api_key']}"},
            timeout=60,
            trust_env=False,
        )

    def children(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def postmaster(self) -> psutil.Process:
        return next(
            c for c in self.children() if "postgres" in c.name() and c.ppid() == self.process.pid
        )

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(30)

    def interrupt(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(30)


Start = Callable[..., ServedProduct]


def environment(data_dir: Path, **values: str) -> dict[str, str]:
    return {
        **os.environ,
        "VESTIBULE_DATA_DIR": str(data_dir),
        "VESTIBULE_PORT": "0",
        "VESTIBULE_MIN_FREE_BYTES": "0",
        **values,
    }


def serve(data_dir: Path, **values: str) -> ServedProduct:
    """Start ``vestibule serve`` and wait for its one line."""
    process = subprocess.Popen(
        [sys.executable, "-m", "services.cli", "serve"],
        env=environment(data_dir, **values),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    return ServedProduct(data_dir, process, process.stdout.readline())


def wait_until(condition: Callable[[], bool], *, patience_s: float = START_PATIENCE_S) -> None:
    """Raises AssertionError when the condition never comes true."""
    give_up_at = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < give_up_at, "it never came true"
        time.sleep(0.05)
