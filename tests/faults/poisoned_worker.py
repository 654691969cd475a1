"""``vestibule worker`` whose handling of photos crashes or hangs over some: those that end so.

Run as a program: without an argument it watches, as ``child`` it takes jobs, as ``apart`` does one.
"""

import os
import signal
import sys
import time
from uuid import UUID

from services.logged_settings import logged_settings
from services.processes import worker, worker_child
from vestibule.records.tables import Job
from vestibule.workflows import run_job
from vestibule.workflows.runtime import Runtime

CRASHING, HANGING, SLOW = b"crash-over-this", b"hang-over-this", b"take-your-time"
_ROLE = (sys.executable, "-m", "tests.faults.poisoned_worker")


def _handle(runtime: Runtime, job: Job) -> None:
    content = runtime.blobs.get(f"photos/{job.subject_id}/original")
    if content.endswith(SLOW):
        time.sleep(3)
    if content.endswith(CRASHING):
        time.sleep(1)
        os.kill(os.getpid(), signal.SIGSEGV)
    if content.endswith(HANGING):
        time.sleep(600)
    _IDENTIFY(runtime, job)


_IDENTIFY = run_job.HANDLERS["IDENTIFY"]


def main() -> None:
    settings = logged_settings()
    run_job.HANDLERS["IDENTIFY"] = _handle
    match sys.argv[1:]:
        case []:
            raise SystemExit(worker.run_worker_process(settings, child=(*_ROLE, "child")))
        case ["child"]:
            worker_child.run_child(settings, apart=(*_ROLE, "apart"))
        case ["apart", job, attempt]:
            worker_child.run_apart(settings, UUID(job), int(attempt))


if __name__ == "__main__":
    main()
