"""Threads follow the cores that the process really has."""

import os
from pathlib import Path

import pytest

from vestibule.adapters.machine_cores import Threads, threads_for, usable_cores

HERE = len(os.sched_getaffinity(0))


@pytest.mark.parametrize(
    ("said", "cores"),
    [("100000 100000", 1), ("150000 100000", min(2, HERE)), ("50000 100000", 1)],
)
def test_quota_of_the_container_counts_whole_cores(tmp_path: Path, said: str, cores: int) -> None:
    (tmp_path / "cpu.max").write_text(said + "\n")
    assert usable_cores(tmp_path) == cores


def test_quota_in_the_old_place_counts_too(tmp_path: Path) -> None:
    (tmp_path / "cpu").mkdir()
    (tmp_path / "cpu" / "cpu.cfs_quota_us").write_text("100000\n")
    (tmp_path / "cpu" / "cpu.cfs_period_us").write_text("100000\n")
    assert usable_cores(tmp_path) == 1


@pytest.mark.parametrize("said", ["max 100000", "", "nonsense", "100000 0", "9900000 100000"])
def test_without_a_limit_the_affinity_counts(tmp_path: Path, said: str) -> None:
    (tmp_path / "cpu.max").write_text(said)
    assert usable_cores(tmp_path) == HERE


def test_old_place_without_a_limit_says_minus_one(tmp_path: Path) -> None:
    (tmp_path / "cpu").mkdir()
    (tmp_path / "cpu" / "cpu.cfs_quota_us").write_text("-1\n")
    (tmp_path / "cpu" / "cpu.cfs_period_us").write_text("100000\n")
    assert usable_cores(tmp_path) == HERE


@pytest.mark.parametrize(
    ("cores", "threads"),
    [(1, Threads(2, 1)), (2, Threads(2, 2)), (4, Threads(2, 4)), (16, Threads(8, 4))],
)
def test_threads_for_machines_of_several_sizes(cores: int, threads: Threads) -> None:
    assert threads_for(cores) == threads
