"""What is broken, how it is mended, and what that may cost."""

import os
import shutil
import subprocess
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from tests.faults.distributed.site import Site

Act = Callable[[Site], object]
PRODUCT = ("worker-1", "worker-2", "api-1", "scheduler")
SERVER_WORDS = {
    "redis": "the broker's Redis",
    "volatile": "the Redis of rejected faces",
    "postgres": "Postgres",
    "objects": "the S3 store",
    "index": "the index",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """``needs`` says why it cannot be done here, if so. ``may_fail``: codes with which photos may
    end under it; elsewhere every accepted photo must be done."""

    name: str
    words: str
    begin: Act
    end: Act
    lasts_s: float = 3
    is_quick: bool = False
    may_fail: frozenset[str] = field(default_factory=frozenset)
    needs: Callable[[Site], str | None] = lambda _: None

    def __str__(self) -> str:
        return self.name


def _killing(*names: str, quick: bool = False) -> Fault:
    words = " and ".join(SERVER_WORDS.get(name, name) for name in names)

    def kill(site: Site) -> None:
        if "worker-1" in names:
            site.wait_until_busy("worker-1")
        site.kill(*names)

    return Fault(
        f"{'+'.join(names)} killed",
        f"{words} killed",
        kill,
        lambda site: site.start(*names),
        is_quick=quick,
    )


def _away(name: str, lasts_s: float) -> Fault:
    """So long that jobs are given up, which their senders are told."""
    return Fault(
        f"{name} away for {lasts_s:.0f} s",
        f"{SERVER_WORDS[name]} away",
        lambda site: site.kill(name),
        lambda site: site.start(name),
        lasts_s=lasts_s,
        may_fail=frozenset({"gave_up"}),
    )


def _slow(name: str, latency_s: float) -> Fault:
    return Fault(
        f"{name} slow",
        f"{latency_s * 1000:.0f} ms each way to {SERVER_WORDS[name]}",
        lambda site: site.stack.links[name].slow(latency_s),
        lambda site: site.stack.links[name].heal(),
        lasts_s=8,
    )


def _losing(name: str, share: float) -> Fault:
    return Fault(
        f"{name} losing connections",
        f"{share:.0%} of what is sent to or from {SERVER_WORDS[name]} ends its connection",
        lambda site: site.stack.links[name].lose(share),
        lambda site: site.stack.links[name].heal(),
        lasts_s=8,
    )


def _stalled(name: str, lasts_s: float, *, quick: bool = False) -> Fault:
    return Fault(
        f"{name} silent for {lasts_s:.0f} s",
        f"{SERVER_WORDS[name]} takes connections and answers nothing for {lasts_s:.0f} s",
        lambda site: site.stack.links[name].stall(),
        lambda site: site.stack.links[name].heal(),
        lasts_s=lasts_s,
        is_quick=quick,
    )


def _everything_slow() -> Fault:
    def each(site: Site, latency_s: float) -> None:
        for link in site.stack.links.values():
            link.slow(latency_s)

    return Fault(
        "everything slow",
        "50 ms each way to every server",
        lambda site: each(site, 0.05),
        lambda site: each(site, 0.0),
        lasts_s=8,
    )


# ── a child of a worker ─────────────────────────────────────────────────────────────────────
def _kill_child(site: Site) -> None:
    """While it works on a photo."""
    site.wait_until_busy("worker-1")
    for child in psutil.Process(site.stack["worker-1"].pid).children():
        child.kill()


# ── a full disk ─────────────────────────────────────────────────────────────────────────────
def _fill(site: Site) -> None:
    assert site.disk is not None
    with (site.disk / "ballast").open("wb") as ballast, suppress(OSError):
        while True:
            ballast.write(bytes(2**20))
            ballast.flush()


def _make_room(site: Site) -> None:
    assert site.disk is not None
    (site.disk / "ballast").unlink()


def _disk(site: Site) -> str | None:
    return None if site.disk else "this account may not mount a small disk for the S3 store"


# ── a clock that jumps ──────────────────────────────────────────────────────────────────────
_SOURCE = Path(__file__).with_name("wrong_clock.c")


def _jump(by_s: int) -> Act:
    """The worker is started with a clock that is right, and then it is not."""

    def begin(site: Site) -> None:
        library, offset = site.stack.folder / "wrong_clock.so", site.stack.folder / "wrong_clock"
        compiling = ["cc", "-shared", "-fPIC", "-O2", "-o", str(library), str(_SOURCE)]
        subprocess.run(compiling, check=True)
        offset.write_text("0")
        site.restart("worker-1", LD_PRELOAD=str(library), WRONG_CLOCK_FILE=str(offset))
        offset.write_text(str(by_s))

    return begin


def _set_right(site: Site) -> None:
    (site.stack.folder / "wrong_clock").write_text("0")


def _compiler(_: Site) -> str | None:
    return None if shutil.which("cc") else "no C compiler is here to make a wrong clock with"


def _clock(by_s: int, words: str) -> Fault:
    return Fault(
        f"clock {by_s / 3600:+.0f} h",
        f"the wall clock of one worker {words}",
        _jump(by_s),
        _set_right,
        lasts_s=10,
        needs=_compiler,
    )


FAULTS = (
    Fault(
        "nothing",
        "nothing is broken",
        lambda _: None,
        lambda _: None,
        is_quick=True,
    ),
    Fault(
        "worker child killed",
        "the process in a worker that does the work killed",
        _kill_child,
        lambda _: None,
        is_quick=True,
    ),
    _killing("api-1", quick=True),
    _killing("scheduler"),
    _killing("redis", quick=True),
    _killing("volatile", quick=True),
    _killing("postgres", quick=True),
    _killing("objects", quick=True),
    _killing("index", quick=True),
    _killing("worker-1"),
    _killing("worker-1", "worker-2"),
    _killing("worker-1", "redis"),
    _killing("postgres", "api-1", quick=True),
    _killing("objects", "worker-1"),
    _killing(*PRODUCT),
    Fault(
        "disk full",
        "no room left on the disk of the S3 store",
        _fill,
        _make_room,
        lasts_s=5,
        needs=_disk,
    ),
    _everything_slow(),
    *(_slow(name, 0.3) for name in SERVER_WORDS),
    *(_losing(name, 0.05) for name in SERVER_WORDS),
    _stalled("redis", 15),
    _stalled("volatile", 15),
    _stalled("postgres", 15),
    _stalled("objects", 15),
    _stalled("index", 15),
    _stalled("postgres", 60),
    _stalled("objects", 60),
    _away("index", 60),
    _clock(7200, "jumps two hours ahead"),
    _clock(-7200, "jumps two hours back"),
)


def chosen() -> list[Fault]:
    """The quick ones; ``FAULTS=all`` all; ``FAULTS=disk,clock`` those whose names hold one."""
    wanted = os.environ.get("FAULTS", "")
    if wanted == "all":
        return list(FAULTS)
    if wanted:
        words = wanted.split(",")
        return [fault for fault in FAULTS if any(word in fault.name for word in words)]
    return [fault for fault in FAULTS if fault.is_quick]
