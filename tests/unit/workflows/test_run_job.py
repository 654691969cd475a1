"""A worker that waits for the database is not taken for one that is stuck."""

import pytest

from vestibule import running_jobs
from vestibule.domain.errors import DatabaseUnavailableError
from vestibule.domain.ids import JobId, new_uuid
from vestibule.workflows import run_job


def test_waiting_for_the_database_counts_as_coming_further(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_job.time, "sleep", lambda _: None)
    job_id, tries = JobId(new_uuid()), 0

    def attempt() -> str:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise DatabaseUnavailableError()
        return "there"

    with running_jobs.HERE.working_on(job_id):
        (before,) = running_jobs.HERE.all()
        assert run_job._patiently(attempt, job_id) == "there"
        (after,) = running_jobs.HERE.all()
    assert after.progressed_s > before.progressed_s
