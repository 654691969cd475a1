"""A batch: whole and once, stopped and taken up again, killed at any step."""

import dataclasses

import pytest

from tests.integration.generations import (
    open_jobs,
    work_off,
)
from vestibule.domain.errors import TransientError
from vestibule.records import batches, jobs
from vestibule.records.tables import Job
from vestibule.workflows import run_batch, work_on_chunk
from vestibule.workflows.fill_generation import request_rebuild
from vestibule.workflows.run_batch import (
    cancel_batch,
    pause_batch,
    resume_batch,
    send_window,
    tend_batches,
)
from vestibule.workflows.run_job import run_job
from vestibule.workflows.switch_generation import (
    clear_templates,
)


@pytest.fixture(autouse=True)
def nobody_is_waited_for_long(monkeypatch):
    """Photos that other tests left waiting in the same database would hold up every step."""
    monkeypatch.setattr("vestibule.workflows.work_on_chunk.DOOR_PATIENCE_S", 0.05)


def test_chunk_that_is_delivered_twice_does_its_work_once(gallery_here):
    here = gallery_here
    here.guest(0, faces=3)
    batch = here.reembed()
    (job_id,) = open_jobs(here.runtime)

    run_job(here.runtime, job_id)
    run_job(here.runtime, job_id)
    work_off(here.runtime)

    assert here.progress(batch) == batches.Progress(3, 3, 0)
    assert here.in_other_space() == 3


class Killed(BaseException):
    """As a kill: nothing catches it, nothing is told."""


@pytest.mark.parametrize("step", range(1, 5))
@pytest.mark.parametrize("place", ["embed_crops", "store_carried", "fill_generation"])
def test_killed_at_any_step_it_goes_on_where_it_was(gallery_here, monkeypatch, place, step):
    here = gallery_here
    for axis in range(4):
        here.guest(axis, faces=2)
    batch = here.reembed()
    module = "vestibule.workflows.reembed_templates"
    real = getattr(__import__(module, fromlist=[place]), place)
    calls = []

    def dies(*arguments, **options):
        calls.append(1)
        if len(calls) == step:
            raise Killed
        return real(*arguments, **options)

    monkeypatch.setattr(f"{module}.{place}", dies)
    while ids := open_jobs(here.runtime):
        try:
            for job_id in ids:
                run_job(here.runtime, job_id)
        except Killed:  # its lease runs out, and another worker takes it
            here.runtime.clock.moment += work_on_chunk.jobs.LEASE * 2

    assert here.batch(batch).state == "DONE"
    assert here.progress(batch) == batches.Progress(8, 8, 0)
    assert here.in_other_space() == 8 == len(here.indexed(batch))


def test_every_chunk_is_sent_though_the_sender_was_killed_before_it_sent(gallery_here, monkeypatch):
    here = gallery_here
    for axis in range(5):
        here.guest(axis, faces=2)
    batch = here.reembed(at_once=1)
    monkeypatch.setattr(work_on_chunk, "send_window", lambda *_: 0)
    work_off(here.runtime)
    assert here.batch(batch).state == "RUNNING"

    while tend_batches(here.runtime):
        work_off(here.runtime)

    assert here.batch(batch).state == "DONE"
    assert here.in_other_space() == 10


def test_no_more_chunks_are_under_way_than_asked_for(gallery_here):
    here = gallery_here
    for axis in range(8):
        here.guest(axis, faces=2)
    batch = here.reembed(at_once=2)

    assert len(open_jobs(here.runtime)) == 2
    assert send_window(here.runtime, batch.id) == 0
    run_job(here.runtime, open_jobs(here.runtime)[0])
    assert len(open_jobs(here.runtime)) == 2


def test_paused_batch_stops_after_the_step_and_resumes_there(gallery_here, monkeypatch):
    here = gallery_here
    here.guest(0, faces=4)
    batch = here.reembed()
    real = work_on_chunk.store_anew

    def pause_after_a_step(*arguments, **options):
        real(*arguments, **options)
        pause_batch(here.runtime, batch.id, actor="test")

    monkeypatch.setattr(work_on_chunk, "store_anew", pause_after_a_step)
    work_off(here.runtime)
    assert here.batch(batch).state == "PAUSED"
    assert here.progress(batch).settled == 2
    assert tend_batches(here.runtime) == 0

    monkeypatch.setattr(work_on_chunk, "store_anew", real)
    resume_batch(here.runtime, batch.id, actor="test")
    work_off(here.runtime)
    assert here.batch(batch).state == "DONE"
    assert here.in_other_space() == 4


def test_cancelled_batch_leaves_nothing_behind(gallery_here, monkeypatch):
    here = gallery_here
    here.guest(0, faces=4)
    batch = here.reembed()
    real = work_on_chunk.store_anew

    def cancel_after_a_step(*arguments, **options):
        real(*arguments, **options)
        cancel_batch(here.runtime, batch.id, actor="test")

    monkeypatch.setattr(work_on_chunk, "store_anew", cancel_after_a_step)
    work_off(here.runtime)
    while clear_templates(here.runtime):
        pass

    assert here.batch(batch).state == "CANCELLED"
    assert here.state_of(batch.generation) == "DROPPED"
    assert here.in_other_space() == 0
    assert here.indexed(batch) == set()
    assert len(here.runtime.index.template_ids(here.runtime.generation)) == 4
    kept = here.runtime.blobs.keys("customers/")
    assert len([key for key in kept if str(here.stage.guests[-1]) in key]) == 4


def test_nothing_is_stored_by_a_step_that_a_cancel_overtook(gallery_here, monkeypatch):
    here = gallery_here
    here.guest(0, faces=2)
    batch = here.reembed()
    real = here.engine.embed_each

    def cancelled_meanwhile(faces):
        cancel_batch(here.runtime, batch.id, actor="test")
        return real(faces)

    monkeypatch.setattr(here.engine, "embed_each", cancelled_meanwhile)
    work_off(here.runtime)

    assert here.in_other_space() == 0


def test_pack_that_cannot_be_loaded_fails_the_batch_in_words_and_it_can_go_on(
    gallery_here, monkeypatch
):
    from vestibule.domain.errors import WeightsError

    here = gallery_here
    here.guest(0)
    batch = here.reembed()
    real = here.engine.embed_each

    def broken(_faces):
        raise WeightsError("The weights are gone.")

    monkeypatch.setattr(here.engine, "embed_each", broken)
    work_off(here.runtime)
    assert (here.batch(batch).state, here.batch(batch).error_code) == ("FAILED", "weights_unusable")

    monkeypatch.setattr(here.engine, "embed_each", real)
    resume_batch(here.runtime, batch.id, actor="test")
    work_off(here.runtime)
    assert here.batch(batch).state == "DONE"


def test_chunk_whose_jobs_never_get_on_fails_the_batch(gallery_here):
    here = gallery_here
    here.guest(0)
    batch = here.reembed()
    for _ in range(batches.MAX_ATTEMPTS):
        (job_id,) = open_jobs(here.runtime)
        with here.runtime.database.begin() as transaction:
            job = transaction.get(Job, job_id)
            job.state, job.error_code = "FAILED", "gave_up"
            job.finished_at = here.runtime.clock.now()
        send_window(here.runtime, batch.id)

    assert (here.batch(batch).state, here.batch(batch).error_code) == ("FAILED", "gave_up")


def test_step_gives_way_to_who_waits_but_not_for_ever(gallery_here, monkeypatch):
    here = gallery_here
    here.guest(0)
    monkeypatch.setattr(work_on_chunk, "DOOR_PATIENCE_S", 0.3)
    looks = []
    monkeypatch.setattr(
        work_on_chunk.jobs, "somebody_waits", lambda _: looks.append(1) or len(looks) < 4
    )
    here.reembed()
    work_off(here.runtime)
    assert len(looks) == 4

    monkeypatch.setattr(work_on_chunk.jobs, "somebody_waits", lambda _: True)
    batch = request_rebuild(here.runtime, actor="test")
    work_off(here.runtime)
    assert here.batch(batch).state == "DONE"


def test_broker_that_is_away_loses_no_chunk(gallery_here):
    here = gallery_here
    here.guest(0)

    class Away:
        def enqueue(self, job_id, *, queue):
            raise TransientError

        def enqueue_many(self, job_ids, *, queue):
            raise TransientError

    here.stage.runtime = dataclasses.replace(here.runtime, queue=Away())
    batch = here.reembed()
    assert run_batch.send_window(here.runtime, batch.id) == 0

    (job_id,) = open_jobs(here.runtime)
    with here.runtime.database.begin() as transaction:
        unsent, _ = jobs.take_stalled(transaction, now=here.runtime.clock.now(), quiet_s=15)
    assert [job.id for job in unsent] == [job_id]
