"""Whether a folder lies in memory, and how much more may be put there."""

import os
import re
from pathlib import Path

_IN_MEMORY = {"tmpfs", "ramfs"}


def is_in_memory(folder: Path, *, mounts: Path = Path("/proc/self/mountinfo")) -> bool:
    """By the kernel's list of mounts. False where there is no such list, as on macOS."""
    try:
        here = folder.stat().st_dev
        lines = mounts.read_text().splitlines()
    except OSError:
        return False
    device = f"{os.major(here)}:{os.minor(here)}"
    return any(_kind(line) in _IN_MEMORY for line in lines if line.split()[2] == device)


def free_memory_bytes(folder: Path) -> int:
    """The least of what its file system, the machine and the process' control group leave."""
    found = os.statvfs(folder)
    limits = [_of_machine(), *_of_control_group()]
    if found.f_blocks:  # a ramfs and a tmpfs without a limit have none
        limits.append(found.f_bavail * found.f_frsize)
    return min(limits)


def _kind(line: str) -> str:
    _, _, after = line.partition(" - ")
    return after.split()[0]


def _of_machine() -> int:
    found = re.search(r"^MemAvailable:\s+(\d+) kB", Path("/proc/meminfo").read_text(), re.MULTILINE)
    return int(found[1]) * 1024 if found else 0


def _of_control_group(root: Path = Path("/sys/fs/cgroup")) -> list[int]:
    """Of this process' group and those above it, by version 2, which containers and systemd use."""
    try:
        own = Path("/proc/self/cgroup").read_text().partition("0::/")[2].split("\n")[0]
    except OSError:
        return []
    group = root / own
    left = []
    for folder in (group, *group.parents):
        if folder != root and root not in folder.parents:
            break
        try:
            most = (folder / "memory.max").read_text().strip()
            used = int((folder / "memory.current").read_text())
        except (OSError, ValueError):
            continue
        if most != "max":
            left.append(max(int(most) - used, 0))
    return left
