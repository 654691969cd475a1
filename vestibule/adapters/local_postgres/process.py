"""One postmaster: how it is spawned, whether it is ours, whether it is ready, how it stops."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from vestibule.adapters.local_postgres import exec_as
from vestibule.adapters.local_postgres.account import Account

_PORT_LINE = 3
_STATUS_LINE = 7  # of postmaster.pid, from 0: src/include/utils/pidfile.h, LOCK_FILE_LINE_PM_STATUS


def spawn(
    command: Sequence[str], *, account: Account | None, output: IO[bytes] | int
) -> "subprocess.Popen[bytes]":
    """Start ``command`` as the account, out of reach of the terminal's Ctrl-C.

    On Linux it gets SIGQUIT when the *thread* that called this ends, so that thread must live as
    long as the command should.
    """
    uid, gid = (account.uid, account.gid) if account else (-1, -1)
    shim = [sys.executable, "-I", "-S", exec_as.__file__, str(os.getpid()), str(uid), str(gid)]
    return subprocess.Popen(  # noqa: S603 - our own programs with our own arguments
        [*shim, *command],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
        start_new_session=True,
    )


def is_ready(cluster: Path, pid: int) -> bool:
    """Whether that postmaster says in its pid file that it takes connections."""
    lines = _pid_file_lines(cluster)
    return (
        len(lines) > _STATUS_LINE
        and lines[0] == str(pid)
        and lines[_STATUS_LINE].strip() == "ready"
    )


def recorded_postmaster(cluster: Path) -> int | None:
    """The pid in the cluster's pid file, or None without one."""
    lines = _pid_file_lines(cluster)
    return int(lines[0]) if lines and lines[0].isdigit() else None


def recorded_port(cluster: Path) -> int | None:
    """Where the postmaster of the pid file listens."""
    lines = _pid_file_lines(cluster)
    return int(lines[_PORT_LINE]) if len(lines) > _PORT_LINE else None


def processes_of(cluster: Path) -> list[int]:
    """Live Postgres processes of this cluster: postmaster, workers and orphaned backends.

    All of them work in the data folder, which tells them from a stranger that was given an old
    pid. Without ``/proc`` only the recorded postmaster is looked at, by its command line.
    """
    if not Path("/proc/self/cwd").exists():
        pid = recorded_postmaster(cluster)
        return [pid] if pid is not None and str(cluster) in _command_line(pid) else []
    found = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):  # not ours to look at, or gone meanwhile
            if (
                entry.name.isdigit()
                and (entry / "cwd").readlink() == cluster
                and (entry / "exe").readlink().name.startswith("postgres")
            ):
                found.append(int(entry.name))
    return found


def stop_remains(cluster: Path, *, patience_s: float) -> bool:
    """End what a dead owner left of this cluster; whether nothing is left.

    Asks for an immediate shutdown first: nobody is connected any more whose work could be saved,
    and the log recovers what was committed. Removes the pid file when its process is gone.
    """
    deadline = time.monotonic() + patience_s
    how = signal.SIGQUIT
    while remains := processes_of(cluster):
        if time.monotonic() > deadline:
            return False
        if time.monotonic() > deadline - patience_s / 2:
            how = signal.SIGKILL
        for pid in remains:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, how)
        time.sleep(0.02)
    (cluster / "postmaster.pid").unlink(missing_ok=True)
    return True


def stop(process: "subprocess.Popen[bytes]", *, patience_s: float) -> None:
    """Fast shutdown: open transactions are rolled back, everything is written. Then by force."""
    for how, wait_s in ((signal.SIGINT, patience_s), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0)):
        process.send_signal(how)
        try:
            process.wait(wait_s)
        except subprocess.TimeoutExpired:
            continue
        return


def _pid_file_lines(cluster: Path) -> list[str]:
    try:
        return (cluster / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return []


def _command_line(pid: int) -> str:
    ps = ["/bin/ps", "-o", "command=", "-p", str(pid)]
    return subprocess.run(ps, capture_output=True, text=True, check=False).stdout  # noqa: S603 - fixed command
