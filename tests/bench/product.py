"""The product as a user starts it: a process, a data folder of its own, HTTP."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import psutil

START_LIMIT_S = 180.0
STOP_LIMIT_S = 30.0
SIGN_IN_LINK = re.compile(r"https?://\S+")


class ProductFailedError(RuntimeError):
    """It ended, or did not get ready; the message holds the last lines of what it said."""


@dataclass(frozen=True, slots=True)
class Product:
    process: subprocess.Popen[str]
    base_url: str
    token: str
    ready_after_s: float

    def client(self) -> httpx.Client:
        """A client that is signed in. The caller closes it."""
        return httpx.Client(
            base_url=self.base_url, headers={"Authorization": f"Bearer {self.token}"}, timeout=60
        )

    def model_run_seconds(self) -> dict[str, float]:
        """Seconds spent inside model runs since the start, by model."""
        return model_run_seconds(httpx.get(f"{self.base_url}/metrics", timeout=30).text)

    def cpu_seconds(self) -> float:
        """Processor time of the product and its children since they started, all cores together.

        What a neighbour's load makes slower to wait for, it changes little here.
        """
        times = [member.cpu_times() for member in self._family()]
        return float(sum(spent.user + spent.system for spent in times))

    def memory_mib(self) -> dict[str, float | None]:
        """Resident memory of the process; Postgres' processes by their proportional share."""
        family = self._family()
        postgres = [child for child in family if "postgres" in child.name()]
        others = [child for child in family if child not in postgres]
        return {
            "product_rss_mib": _mib(sum(child.memory_info().rss for child in others)),
            "postgres_pss_mib": _mib(sum(_proportional_bytes(child) for child in postgres)),
        }

    def _family(self) -> list[psutil.Process]:
        own = psutil.Process(self.process.pid)
        return [own, *own.children(recursive=True)]


@contextmanager
def running_product(data_dir: Path, **settings: str) -> Iterator[Product]:
    """Start `vestibule serve` on a free port, wait until it is ready, stop it and its children.

    ``settings`` go into its environment, by their full names. Raises ProductFailedError.
    """
    port = _free_port()
    environment = os.environ | settings
    environment |= {"VESTIBULE_DATA_DIR": str(data_dir), "VESTIBULE_PORT": str(port)}
    output_path = data_dir.with_name(f"{data_dir.name}-{port}.out")
    started = time.perf_counter()
    with output_path.open("w") as output:
        process = subprocess.Popen(
            [str(Path(sys.executable).with_name("vestibule")), "serve"],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
    try:
        base_url = f"http://127.0.0.1:{port}"
        link = _wait_until_ready(process, base_url, output_path)
        ready_after_s = time.perf_counter() - started
        yield Product(process, base_url, _sign_in(base_url, link), round(ready_after_s, 3))
    finally:
        _stop(process)


def model_run_seconds(metrics: str) -> dict[str, float]:
    """Read ``vestibule_model_run_seconds_sum`` from a Prometheus page."""
    pattern = r'(?m)^vestibule_model_run_seconds_sum\{[^}]*model="([^"]+)"[^}]*\} (\S+)$'
    totals: dict[str, float] = {}
    for model, value in re.findall(pattern, metrics):
        totals[model] = totals.get(model, 0.0) + float(value)
    return totals


def sign_in_token(line: str) -> str:
    """The one-time token in the printed link: its ``token`` field, or its last path segment."""
    parts = urlsplit(line.strip())
    for field in (parts.query, parts.fragment):
        if tokens := parse_qs(field).get("token"):
            return tokens[0]
    return parts.fragment or parts.path.rstrip("/").rsplit("/", 1)[-1]


def _wait_until_ready(process: subprocess.Popen[str], base_url: str, output: Path) -> str:
    """The printed sign-in link, once /readyz agrees."""
    deadline = time.monotonic() + START_LIMIT_S
    while time.monotonic() < deadline and process.poll() is None:
        found = SIGN_IN_LINK.search(output.read_text())
        if found and _is_ready(base_url):
            return found.group()
        time.sleep(0.05)
    said = "\n".join(output.read_text().splitlines()[-20:])
    raise ProductFailedError(f"not ready (exit status {process.poll()}):\n{said}")


def _is_ready(base_url: str) -> bool:
    try:
        return httpx.get(f"{base_url}/readyz", timeout=5).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


def _sign_in(base_url: str, link: str) -> str:
    answer = httpx.post(f"{base_url}/v1/session", json={"token": sign_in_token(link)}, timeout=30)
    answer.raise_for_status()
    return str(answer.json()["access_token"])


def _stop(process: subprocess.Popen[str]) -> None:
    """Ask as Ctrl-C does; what has not ended after the limit is killed with its children."""
    children = _children(process.pid)
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    for child in psutil.wait_procs(children, timeout=5)[1]:
        child.kill()


def _children(pid: int) -> list[psutil.Process]:
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _proportional_bytes(process: psutil.Process) -> int:
    """Memory shared with siblings counts by its share, where the system tells; else all of it."""
    try:
        memory = process.memory_full_info()
    except psutil.AccessDenied:
        return int(process.memory_info().rss)
    return int(getattr(memory, "pss", 0) or memory.rss)


def _mib(size_bytes: int) -> float:
    return round(size_bytes / 2**20, 1)
