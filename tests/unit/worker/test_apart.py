"""A job in a process of its own: what its end says of the job."""

import sys
import time
from uuid import uuid4

import pytest

from services.worker.apart import BEGUN, ProcessApart
from vestibule.domain.ids import JobId
from vestibule.ports import Ending

BEGIN = f"print({BEGUN!r}, flush=True);"


def do(script: str, *, keep=lambda: None, **limits: float) -> Ending:
    command = [sys.executable, "-c", f"import os, signal, sys, time\n{script}"]
    options = {"limit_s": 10, "opening_limit_s": 10, **limits}
    return ProcessApart(command, **options).do(JobId(uuid4()), attempt=2, keep=keep)


@pytest.mark.parametrize(
    ("script", "ending"),
    [
        (f"{BEGIN} sys.exit(0)", Ending.OVER),
        ("sys.exit(0)", Ending.OVER),
        (f"{BEGIN} os.kill(os.getpid(), signal.SIGSEGV)", Ending.CRASHED),
        (f"{BEGIN} os.abort()", Ending.CRASHED),
        (f"{BEGIN} os.kill(os.getpid(), signal.SIGKILL)", Ending.CRASHED),
        (f"{BEGIN} sys.exit(1)", Ending.NOT_BEGUN),
        ("sys.exit(1)", Ending.NOT_BEGUN),
        ("os.kill(os.getpid(), signal.SIGSEGV)", Ending.NOT_BEGUN),
        (f"{BEGIN} os.kill(os.getpid(), signal.SIGTERM)", Ending.NOT_BEGUN),
    ],
)
def test_ending(script, ending):
    assert do(script) is ending


def test_work_that_takes_too_long_is_ended():
    began = time.monotonic()
    assert do(f"{BEGIN} time.sleep(60)", limit_s=0.5) is Ending.HUNG
    assert time.monotonic() - began < 10


def test_process_that_does_not_open_says_nothing_of_the_job():
    assert do("time.sleep(60)", opening_limit_s=0.5) is Ending.NOT_BEGUN


def test_job_and_attempt_are_told_and_the_job_is_kept_meanwhile():
    kept: list[float] = []
    script = f"{BEGIN} time.sleep(0.6); sys.exit(0 if sys.argv[2] == '2' else 1)"
    ending = do(script, keep=lambda: kept.append(time.monotonic()), keep_every_s=0.1)
    assert ending is Ending.OVER
    assert len(kept) >= 3
