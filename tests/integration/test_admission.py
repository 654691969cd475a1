"""A full queue refuses in words, with the time to come back, and keeps nothing."""

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sqlalchemy import delete

from services.started_here import started_here
from vestibule.domain.errors import TooBusyError
from vestibule.domain.ids import new_uuid
from vestibule.records import jobs
from vestibule.records.tables import Job
from vestibule.workflows.admit_photo import LONGEST_RETRY_S, Doorkeeper

NOW = datetime.now(UTC)
FAR = NOW + timedelta(days=1)


@pytest.fixture(scope="module")
def runtime(product):
    return product.installation.runtime


@pytest.fixture
def add_jobs(runtime):
    """Rows of a queue that no worker looks at: due tomorrow, held, or done."""
    made = []

    def add(count: int, *, queue: str, state: str, took_s: float = 0) -> None:
        with runtime.database.begin() as transaction:
            for _ in range(count):
                job = jobs.add(
                    transaction, kind="IDENTIFY", subject_id=new_uuid(), queue=queue, now=NOW
                )
                job.state, job.sent_at, job.not_before = state, FAR, FAR
                job.lease_expires_at = FAR if state == "RUNNING" else None
                if state == "DONE":
                    job.started_at, job.finished_at = NOW, NOW + timedelta(seconds=took_s)
                made.append(job.id)

    yield add
    with runtime.database.begin() as transaction:
        transaction.execute(delete(Job).where(Job.id.in_(made)))


def backlog(runtime, queue: str) -> jobs.Backlog:
    with runtime.database.look() as transaction:
        return jobs.backlog(transaction, queue)


def test_backlog_counts_its_own_queue_and_the_last_paces(runtime, add_jobs):
    add_jobs(3, queue="one", state="QUEUED")
    add_jobs(2, queue="one", state="RUNNING")
    add_jobs(30, queue="one", state="DONE", took_s=4)
    add_jobs(9, queue="other", state="QUEUED")

    assert backlog(runtime, "one") == jobs.Backlog(waiting=3, running=2, seconds_each=4.0)
    assert backlog(runtime, "other") == jobs.Backlog(waiting=9, running=0, seconds_each=None)
    assert backlog(runtime, "empty") == jobs.Backlog(waiting=0, running=0, seconds_each=None)


def test_room_is_there_until_the_wait_is_longer_than_the_limit(runtime, add_jobs):
    patient = dataclasses.replace(
        runtime, limits=dataclasses.replace(runtime.limits, max_queue_wait_s=1e6)
    )
    strict = dataclasses.replace(
        runtime, limits=dataclasses.replace(runtime.limits, max_queue_wait_s=0.1)
    )
    Doorkeeper().admit(strict)
    add_jobs(400, queue="identify", state="QUEUED")
    Doorkeeper().admit(patient)
    with pytest.raises(TooBusyError) as raised:
        Doorkeeper().admit(strict)

    assert raised.value.facts["photos_waiting"] >= 400
    assert 1 <= raised.value.facts["retry_after_s"] <= LONGEST_RETRY_S


def test_those_who_ask_in_one_moment_are_not_all_let_in(runtime):
    """Nobody's row is written yet: who was let in is counted all the same."""
    limits = dataclasses.replace(runtime.limits, max_queue_wait_s=2)
    door, strict = Doorkeeper(), dataclasses.replace(runtime, limits=limits)

    def ask(_: int) -> bool:
        try:
            door.admit(strict)
        except TooBusyError:
            return False
        return True

    with ThreadPoolExecutor(16) as threads:
        let_in = sum(threads.map(ask, range(64)))
    assert 0 < let_in < 64
    for _ in range(let_in):
        door.has_come()
    door.admit(strict)


def test_refused_ones_are_asked_back_one_after_the_other(runtime, add_jobs):
    limits = dataclasses.replace(runtime.limits, max_queue_wait_s=5)
    door, strict = Doorkeeper(), dataclasses.replace(runtime, limits=limits)
    add_jobs(40, queue="identify", state="QUEUED")
    add_jobs(20, queue="identify", state="DONE", took_s=4)
    told = []
    for _ in range(12):
        with pytest.raises(TooBusyError) as raised:
            door.admit(strict)
        told.append(raised.value.facts["retry_after_s"])

    assert told == sorted(told)
    assert len(set(told)) > 3 or told[0] == LONGEST_RETRY_S
    assert told[-1] <= LONGEST_RETRY_S


def test_refused_upload_says_when_to_come_back_and_nothing_is_stored(make_settings, empty_photo):
    """A product of its own, whose worker never gets to what is due tomorrow."""
    with started_here(make_settings(max_queue_wait_s=5)) as busy:
        runtime = busy.installation.runtime
        with runtime.database.begin() as transaction:
            for _ in range(100):
                job = jobs.add(
                    transaction, kind="IDENTIFY", subject_id=new_uuid(), queue="identify", now=NOW
                )
                job.not_before = job.sent_at = FAR
        headers = {"Authorization": f"Bearer {busy.api_key}"}
        with httpx.Client(base_url=busy.url, headers=headers, trust_env=False) as http:
            answer = http.post("/v1/photos", content=empty_photo)
            large = http.post("/v1/photos", content=b"\xff\xd8\xff" + bytes(15_000_000))
            listed = http.get("/v1/photos").json()["items"]

        assert (answer.status_code, answer.json()["code"]) == (429, "too_busy")
        assert answer.headers["content-type"] == "application/problem+json"
        assert int(answer.headers["retry-after"]) == answer.json()["facts"]["retry_after_s"] > 1
        assert large.status_code == 429
        assert listed == []
        assert runtime.blobs.keys("photos/") == []
