"""The processor cores that this process may use, and how to spend them on photos."""

import math
import os
from dataclasses import dataclass
from pathlib import Path

_CGROUP = Path("/sys/fs/cgroup")
_GPU_PROVIDERS = ("TensorrtExecutionProvider", "CUDAExecutionProvider")
_MOST_THREADS_A_RUN = 4
"""A photo of 1280 px gains little from more; other photos do (docs/benchmarks.md, threads)."""


@dataclass(frozen=True, slots=True)
class Threads:
    """``workers``: photos worked on at the same time. ``intra_op``: threads of one model run."""

    workers: int
    intra_op: int


def usable_cores(cgroup: Path = _CGROUP) -> int:
    """The fewest of: cores in the process' affinity, and what a container's quota allows."""
    here = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    quota = _quota(cgroup)
    return max(1, here or 1) if quota is None else max(1, min(here or 1, math.ceil(quota)))


def threads_for(cores: int) -> Threads:
    """About two threads a core: one photo alone gets speed, several keep all cores busy.

    Two workers at least, so that a photo is decoded and stored while another is in a model.
    """
    intra_op = min(cores, _MOST_THREADS_A_RUN)
    return Threads(workers=max(2, 2 * cores // intra_op), intra_op=intra_op)


def is_gpu(provider: str) -> bool:
    return provider in _GPU_PROVIDERS


def _quota(cgroup: Path) -> float | None:
    """Cores' worth of time, by the second or the first version of cgroups; None if unlimited."""
    try:
        quota, period = (cgroup / "cpu.max").read_text().split()
    except (OSError, ValueError):
        quota, period = _first_version(cgroup / "cpu")
    if quota.isdigit() and period.isdigit() and int(period):
        return int(quota) / int(period)
    return None


def _first_version(folder: Path) -> tuple[str, str]:
    try:
        quota = (folder / "cpu.cfs_quota_us").read_text().strip()
        return quota, (folder / "cpu.cfs_period_us").read_text().strip()
    except OSError:
        return "", ""
