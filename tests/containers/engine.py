"""A Docker engine for tests: the one that is there, or one of our own that ends with the run.

Of our own only where that asks nobody anything: as root on a Debian, in CI or where dockerd is
installed already. It has its own socket, data and process id, publishes ports on 127.0.0.1 alone,
and keeps its data in the user's cache, so that images are built once.
"""

import atexit
import fcntl
import functools
import os
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

STATE = Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser() / "vestibule/engine"
PID_FILE = STATE / "dockerd.pid"
PACKAGES = ("docker.io", "iptables")
USUAL_SOCKET = "unix:///var/run/docker.sock"
START_PATIENCE_S = 60
LOCK_PATIENCE_S = 900


class NoEngineError(Exception):
    """There is none, and none can be started; the message says why."""


@dataclass(frozen=True, slots=True)
class Engine:
    """An engine that answers. ``words`` say to a person which one it is."""

    host: str
    program: str
    words: str

    @property
    def environment(self) -> dict[str, str]:
        """For programs that talk to it, testcontainers among them: it must not look elsewhere."""
        return {
            **os.environ,
            "DOCKER_HOST": self.host,
            "TESTCONTAINERS_CONNECTION_MODE": "docker_host",
            "TESTCONTAINERS_RYUK_DISABLED": "true",
        }

    def docker(
        self, *arguments: str, check: bool = True, timeout_s: float = 120
    ) -> subprocess.CompletedProcess[str]:
        """Run the client; its words are in the answer, and in the error where it fails."""
        done = subprocess.run(
            [self.program, *arguments],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            check=False,
            capture_output=True,
            text=True,
            timeout=timeout_s,
        )
        if check and done.returncode != 0:
            raise RuntimeError(f"docker {' '.join(arguments[:4])} …: {done.stderr[-2000:]}")
        return done


@functools.cache
def the_engine() -> Engine:
    """One for all tests of a run, ended when the run ends. Raises NoEngineError.

    What it needs to be found goes into this process' environment, where testcontainers reads it.
    """
    found = _running_engine()
    if found is None:
        with ExitStack() as closing:
            found = _start_own(closing)
            atexit.register(closing.pop_all().close)
    os.environ.update(found.environment)
    return found


def _running_engine() -> Engine | None:
    program = shutil.which("docker")
    host = os.environ.get("DOCKER_HOST", USUAL_SOCKET)
    if program is None:
        return None
    candidate = Engine(host, program, f"the engine at {host}")
    return candidate if _answers(candidate) else None


def _answers(candidate: Engine) -> bool:
    try:
        return candidate.docker("version", check=False, timeout_s=20).returncode == 0
    except subprocess.TimeoutExpired:
        return False


def _start_own(closing: ExitStack) -> Engine:
    if not sys.platform.startswith("linux") or os.geteuid() != 0:
        raise NoEngineError("no Docker engine answers, and only root on Linux can start one here")
    if shutil.which("dockerd") is None:
        _install()
    _lock(closing)
    runtime = Path(tempfile.mkdtemp(prefix="vestibule-engine-"))
    closing.callback(_remove, runtime)
    host = f"unix://{runtime}/docker.sock"
    log = runtime / "dockerd.log"
    daemon = subprocess.Popen(
        [
            # Told to end when this process ends, however it does: containers that nobody is left
            # to end go on taking the processors, the data's lock and the network of later runs.
            *("setpriv", "--pdeathsig", "TERM", "dockerd"),
            f"--data-root={STATE / 'data'}",
            f"--exec-root={runtime / 'exec'}",
            f"--pidfile={PID_FILE}",
            f"--host={host}",
            "--ip=127.0.0.1",
        ],
        stdin=subprocess.DEVNULL,
        stdout=log.open("wb"),
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    closing.callback(_stop, daemon)
    own = Engine(host, _client_program(), "a Docker engine of the tests' own")
    give_up_at = time.monotonic() + START_PATIENCE_S
    while not _answers(own):
        if daemon.poll() is not None or time.monotonic() > give_up_at:
            tail = " / ".join(log.read_text(errors="replace").splitlines()[-3:])
            raise NoEngineError(f"dockerd does not run here: {tail[-600:]}")
        time.sleep(0.2)
    _clear(own)
    return own


def _clear(own: Engine) -> None:
    """Of a run that was killed the containers start again with the engine, beside this run's."""
    if left := own.docker("ps", "--all", "--quiet").stdout.split():
        own.docker("rm", "--force", "--volumes", *left)
    for kind in ("network", "volume", "image"):  # the image's: those that lost their name
        own.docker(kind, "prune", "--force")


def _client_program() -> str:
    """Beside dockerd stands its own client, whose version fits."""
    beside = Path(shutil.which("dockerd") or "").parent.with_name("bin") / "docker"
    return str(beside) if beside.exists() else (shutil.which("docker") or "docker")


def _install() -> None:
    if os.environ.get("CI") != "true" or shutil.which("apt-get") is None:
        raise NoEngineError(
            "no Docker engine answers and dockerd is not installed; "
            f"on a Debian: apt-get install {' '.join(PACKAGES)}"
        )
    for command in (
        ["apt-get", "update", "-qq"],
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *PACKAGES],
    ):
        done = subprocess.run(
            command,
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
            stdin=subprocess.DEVNULL,
            check=False,
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            raise NoEngineError(f"{' '.join(command[:2])} failed: {done.stderr[-300:]}")


def _lock(closing: ExitStack) -> None:
    """One engine at a time on that data. Another run's is waited for, if it was killed as well."""
    STATE.mkdir(parents=True, exist_ok=True)
    lock: TextIO = closing.enter_context((STATE / "lock").open("w"))
    give_up_at = time.monotonic() + LOCK_PATIENCE_S
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is_ending():
                raise BlockingIOError
        except BlockingIOError:
            if time.monotonic() > give_up_at:
                raise NoEngineError("another run of the tests has kept its engine busy") from None
            time.sleep(1)
        else:
            return


def _is_ending() -> bool:
    """Whether the engine of a run that was killed still ends its containers."""
    try:
        of_pid = Path("/proc") / PID_FILE.read_text().strip() / "comm"
        return of_pid.read_text().strip() == "dockerd"
    except OSError:
        return False


def _remove(runtime: Path) -> None:
    """A network namespace stays mounted where the daemon was."""
    for mounted in runtime.glob("exec/netns/*"):
        subprocess.run(["umount", "--lazy", mounted], check=False, capture_output=True)
    shutil.rmtree(runtime, ignore_errors=True)


def _stop(daemon: subprocess.Popen[bytes]) -> None:
    """It ends its containers and its containerd on the way."""
    daemon.terminate()
    try:
        daemon.wait(60)
    except subprocess.TimeoutExpired:
        daemon.kill()
        daemon.wait(10)
