"""What can be seen and done of jobs that failed or wait."""

import dataclasses
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import delete, select

from services.worker.tasks import register_tasks
from vestibule.adapters.celery_queue import TASK, CeleryJobQueue, EmbeddedWorker, build_celery
from vestibule.domain.errors import ConflictError
from vestibule.domain.ids import JobId, new_uuid
from vestibule.domain.queues import QUEUES
from vestibule.records import failed_jobs, jobs, workers
from vestibule.records.audit_tables import AuditEntry
from vestibule.records.tables import Job
from vestibule.records.worker_tables import UnreadableMessage, Worker
from vestibule.workflows.handle_failed_job import retry_job
from vestibule.workflows.run_job import run_job
from vestibule.workflows.submit_photo import submit_photo


@pytest.fixture
def runtime(product):
    return product.installation.runtime


@pytest.fixture
def job(runtime):
    """A look through the gallery that nobody sent: it waits, far in the future."""
    with runtime.database.begin() as transaction:
        made = jobs.add(transaction, kind="GALLERY", subject_id=new_uuid(), queue="bulk", now=far())
        made.not_before = far()
    yield made
    with runtime.database.begin() as transaction:
        transaction.execute(delete(Job).where(Job.id == made.id))


def far() -> datetime:
    return datetime.now(UTC) + timedelta(days=1)


def fail(runtime, job: Job, code: str = "gave_up") -> None:
    with runtime.database.begin() as transaction:
        row = transaction.get_one(Job, job.id)
        row.state, row.error_code, row.error_detail = "FAILED", code, "why"
        row.finished_at, row.attempt, row.crashes = datetime.now(UTC), 6, 1


def listed(api, state: str) -> dict[str, dict]:
    page = api.get("/v1/jobs", params={"state": state, "limit": 100}).json()
    return {item["id"]: item for item in page["items"]}


def audited(runtime, job: Job) -> list[str]:
    query = select(AuditEntry.action).where(AuditEntry.subject == f"job:{job.id}")
    with runtime.database.begin() as transaction:
        return list(transaction.scalars(query))


def test_failed_job_says_what_when_how_often_and_why(runtime, api, job):
    fail(runtime, job)

    shown = listed(api, "failed")[str(job.id)]

    assert (shown["kind"], shown["queue"], shown["state"]) == ("gallery", "bulk", "failed")
    assert (shown["attempts"], shown["crashes"]) == (6, 1)
    assert shown["error"] == {"code": "gave_up", "detail": "why"}
    assert shown["can_retry"]


def test_dismissed_job_is_not_listed_and_that_is_on_record_once(runtime, api, job):
    fail(runtime, job)

    for _ in range(2):
        assert api.post(f"/v1/jobs/{job.id}/dismissal").status_code == 200

    assert str(job.id) not in listed(api, "failed")
    assert audited(runtime, job) == ["job.dismiss"]


def test_cancelled_job_is_not_done_whatever_message_comes(runtime, api, job):
    assert str(job.id) in listed(api, "queued")

    assert api.post(f"/v1/jobs/{job.id}/cancellation").json()["error"]["code"] == "cancelled"
    run_job(runtime, JobId(job.id))

    assert str(job.id) not in {**listed(api, "queued"), **listed(api, "failed")}
    assert audited(runtime, job) == ["job.cancel"]
    assert api.post(f"/v1/jobs/{job.id}/cancellation").status_code == 409


def test_job_that_a_worker_has_cannot_be_cancelled(runtime, api, job):
    with runtime.database.begin() as transaction:
        transaction.get_one(Job, job.id).not_before = None
        transaction.flush()
        assert jobs.claim(transaction, JobId(job.id), now=datetime.now(UTC))

    assert api.post(f"/v1/jobs/{job.id}/cancellation").status_code == 409
    assert str(job.id) in listed(api, "running")


def test_retried_job_has_all_its_attempts_again(runtime, api, job):
    fail(runtime, job)

    answer = api.post(f"/v1/jobs/{job.id}/retry")

    assert answer.status_code == 202
    assert (answer.json()["error"], answer.json()["crashes"]) == (None, 0)
    with runtime.database.begin() as transaction:
        row = transaction.get_one(Job, job.id)
        assert jobs.attempts_used(row) <= 1
        assert row.attempt >= 6, "the count that fences off former attempts goes on"
    assert audited(runtime, job) == ["job.retry"]
    assert api.post(f"/v1/jobs/{job.id}/dismissal").status_code == 409


def test_unknown_job_is_not_found(api):
    for verb in ("retry", "dismissal", "cancellation"):
        assert api.post(f"/v1/jobs/{uuid4()}/{verb}").status_code == 404


class SilentQueue:
    def enqueue(self, job_id, *, queue):
        """Nothing is to be done."""


def test_photo_whose_upload_is_gone_cannot_be_tried_again(open_stage, empty_photo):
    runtime = dataclasses.replace(open_stage.runtime, queue=SilentQueue())
    photo = submit_photo(runtime, empty_photo, actor="test")
    with runtime.database.begin() as transaction:
        row = transaction.get_one(Job, photo.job_id)
        row.state, row.finished_at = "FAILED", datetime.now(UTC)
        assert failed_jobs.has_its_upload(transaction, row)
    assert retry_job(runtime, photo.job_id, actor="test").state == "QUEUED"
    with runtime.database.begin() as transaction:
        row = transaction.get_one(Job, photo.job_id)
        row.state, row.finished_at = "FAILED", datetime.now(UTC)
        transaction.merge(photo).upload_key = None

    with pytest.raises(ConflictError, match="gone"):
        retry_job(runtime, photo.job_id, actor="test")


def test_queued_photo_that_is_deleted_is_not_worked_on(open_stage, empty_photo):
    from vestibule.workflows.expire import remove_photo

    runtime = dataclasses.replace(open_stage.runtime, queue=SilentQueue())
    photo = submit_photo(runtime, empty_photo, actor="test")
    remove_photo(runtime, photo, actor="test", action="photo.delete")

    run_job(runtime, JobId(photo.job_id))

    with runtime.database.begin() as transaction:
        assert jobs.find(transaction, photo.job_id) is None
    assert runtime.blobs.keys(f"photos/{photo.id}/") == []


# ── queues, workers, messages ───────────────────────────────────────────────────────────────
def test_queues_are_counted_the_most_urgent_first(runtime, api, job):
    before = api.get("/v1/jobs/overview").json()
    fail(runtime, job)
    after = api.get("/v1/jobs/overview").json()

    assert [queue["name"] for queue in after["queues"]] == list(QUEUES)
    bulk, bulk_after = (o["queues"][QUEUES.index("bulk")] for o in (before, after))
    assert bulk["waiting"] == bulk_after["waiting"] + 1
    assert bulk["failed"] + 1 == bulk_after["failed"]
    assert bulk["oldest_waiting_at"] is not None


def test_workers_are_those_that_were_heard_of_lately(runtime, api):
    now = datetime.now(UTC)
    here, gone = new_uuid(), new_uuid()
    with runtime.database.begin() as transaction:
        for worker_id, seen_at in ((here, now), (gone, now - timedelta(minutes=2))):
            for _ in range(2):
                workers.say(transaction, a_worker(worker_id, seen_at))
        assert workers.are_taking(transaction, now=now) == 1

    shown = api.get("/v1/jobs/overview").json()["workers"]

    assert [(w["id"], w["host"], w["hangs"]) for w in shown] == [(str(here), "host", 2)]
    with runtime.database.begin() as transaction:
        workers.leave(transaction, here)
        workers.leave(transaction, gone)


def a_worker(worker_id, seen_at) -> Worker:
    return Worker(
        id=worker_id,
        host="host",
        queues=["identify"],
        running=1,
        is_taking=True,
        crashes=1,
        stuck=2,
        started_at=seen_at,
        seen_at=seen_at,
    )


@pytest.fixture
def noting(open_stage):
    """An application whose worker notes in Postgres what it cannot read."""
    app = build_celery("memory://")
    register_tasks(app, open_stage.runtime)
    worker = EmbeddedWorker(app, concurrency=1)
    worker.start()
    yield app
    worker.stop()


def test_message_whose_job_is_no_id_is_noted_and_does_nothing_else(open_stage, noting):
    runtime = open_stage.runtime
    for said in (["no id"], [], ["one", "two"]):
        noting.send_task(TASK, args=said, queue="bulk", ignore_result=True)
    CeleryJobQueue(noting).enqueue(JobId(uuid4()), queue="bulk")

    def count() -> int:
        with runtime.database.begin() as transaction:
            return len(failed_jobs.unreadable(transaction))

    deadline = datetime.now(UTC) + timedelta(seconds=10)
    while count() < 3 and datetime.now(UTC) < deadline:
        pass
    assert count() == 3
    with runtime.database.begin() as transaction:
        assert {row.why for row in failed_jobs.unreadable(transaction)} == {"damaged"}
        assert failed_jobs.forget_unreadable(transaction) == 3


def test_only_the_latest_unreadable_messages_are_kept(runtime, api):
    start = datetime.now(UTC)
    with runtime.database.begin() as transaction:
        for second in range(failed_jobs.UNREADABLE_KEPT + 5):
            failed_jobs.note_unreadable(
                transaction,
                queue="bulk",
                why="not_a_message",
                size_bytes=second,
                now=start + timedelta(seconds=second),
            )
        kept = [row.size_bytes for row in failed_jobs.unreadable(transaction)]
    assert (len(kept), kept[0]) == (failed_jobs.UNREADABLE_KEPT, failed_jobs.UNREADABLE_KEPT + 4)

    assert api.delete("/v1/jobs/unreadable").status_code == 204
    with runtime.database.begin() as transaction:
        assert transaction.scalar(select(UnreadableMessage.id).limit(1)) is None
