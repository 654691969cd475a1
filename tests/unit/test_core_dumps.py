"""A crash leaves no memory behind: processes refuse it, and their children with them."""

import resource
import subprocess
import sys
from pathlib import Path

import pytest

CRASH = """
import os, resource, sys
from services.no_core_dumps import refuse_core_dumps
_, most = resource.getrlimit(resource.RLIMIT_CORE)
resource.setrlimit(resource.RLIMIT_CORE, (most, most))
if sys.argv[1] == "refusing":
    refuse_core_dumps()
os.abort()
"""
COMMAND = """
import resource, subprocess, sys
import services.cli
ask = "import resource; print(*resource.getrlimit(resource.RLIMIT_CORE))"
services.cli.app = lambda: subprocess.run([sys.executable, "-S", "-c", ask])
services.cli.main()
"""


def run(source: str, *words: str, **options) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", source, *words],
        capture_output=True,
        text=True,
        check=False,
        **{"cwd": None, **options},
    )


@pytest.mark.duty("GDPR 32")
def test_art_32_every_command_and_its_children_refuse_core_dumps():
    soft, hard = run(COMMAND).stdout.split()
    assert int(soft) <= 1 and int(hard) <= 1


def test_where_none_are_allowed_already_it_stays_so():
    source = "import resource; resource.setrlimit(resource.RLIMIT_CORE, (0, 0))\n" + COMMAND
    assert run(source).stdout.split() == ["0", "0"]


def test_process_that_crashes_leaves_no_file(tmp_path: Path):
    pattern = Path("/proc/sys/kernel/core_pattern")
    if not pattern.exists() or pattern.read_text().startswith(("|", "/")):
        pytest.skip("cores go elsewhere than beside the process on this machine")
    if resource.getrlimit(resource.RLIMIT_CORE)[1] == 0:
        pytest.skip("no process here may leave a core")
    environment = {"PYTHONPATH": str(Path.cwd())}
    for words, leaves_one in (("as it was", True), ("refusing", False)):
        folder = tmp_path / words
        folder.mkdir()
        assert run(CRASH, words, cwd=folder, env=environment).returncode == -6
        assert bool(list(folder.glob("core*"))) == leaves_one
