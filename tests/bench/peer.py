"""The library that a user would otherwise pick, on the same photos and the same cores."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.bench.machine import ROOT, usable_cores

PEER_FOLDER = ROOT / "build" / "peer"
START_UP_LIMIT_S = 120


def measure_peer(folder: Path, *, seconds: float) -> dict[str, Any]:
    """Photos a second of `face_recognition` over the photos in ``folder``, all cores at work.

    Where it is not installed (`make bench` does that), figures are None and ``skipped`` says why.
    """
    if not (PEER_FOLDER / "face_recognition").is_dir():
        return _nothing("face_recognition is not installed in build/peer; make bench installs it")
    command = [
        sys.executable,
        str(Path(__file__).with_name("peer_process.py")),
        str(folder),
        str(usable_cores()),
        str(seconds),
    ]
    environment = os.environ | {"PYTHONPATH": str(PEER_FOLDER), "OMP_NUM_THREADS": "1"}
    finished = subprocess.run(
        command,
        env=environment,
        capture_output=True,
        text=True,
        timeout=START_UP_LIMIT_S + seconds * 4,
        check=False,
    )
    if finished.returncode != 0:
        return _nothing(f"face_recognition failed: {finished.stderr.strip()[-300:]}")
    measured = json.loads(finished.stdout.splitlines()[-1])
    return {
        **measured,
        "photos_per_second": round(measured["photos"] / measured["seconds"], 3),
        "skipped": None,
    }


def _nothing(reason: str) -> dict[str, Any]:
    names = ("photos", "faces", "seconds", "workers", "cpu_s_a_photo", "photos_per_second")
    return {**dict.fromkeys(names), "skipped": reason}
