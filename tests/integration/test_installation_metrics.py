"""The metrics say who waits, what is late and whether matches drift; and name nobody."""

import contextlib
import math
import re
import socket
import time
from datetime import timedelta
from urllib.request import urlopen

import pytest
from prometheus_client import REGISTRY, generate_latest

from services.observing import MetricsPort, observing
from services.worker.schedule import Schedule
from vestibule.domain.errors import BlobMissingError
from vestibule.domain.ids import FaceId, TemplateId, new_uuid
from vestibule.records import jobs
from vestibule.records.tables import FaceHold, Job
from vestibule.workflows.answer_face import answer_face
from vestibule.workflows.observe_installation import InstallationMetrics

TRIES_BETWEEN_ROUNDS = 20
"""Gauges belong to the process, and other tests' schedules go round in it every two seconds."""


def value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(f"vestibule_{name}", labels) or 0.0


def is_shown(name: str) -> bool:
    return f"\nvestibule_{name}{{" in generate_latest().decode()


@pytest.fixture
def metrics():
    looking = InstallationMetrics()
    yield looking
    looking.forget()


@contextlib.contextmanager
def open_jobs(runtime, *waited: timedelta):
    """Jobs of the bulk queue that wait since then."""
    with runtime.database.begin() as transaction:
        added = [
            jobs.add(
                transaction,
                kind="GALLERY",
                subject_id=new_uuid(),
                queue="bulk",
                now=runtime.clock.now() - wait,
            )
            for wait in waited
        ]
    yield added
    with runtime.database.begin() as transaction:
        for job in added:
            transaction.delete(transaction.get_one(Job, job.id))


def test_queue_tells_its_length_and_its_oldest_wait(stage, metrics):
    with open_jobs(stage.runtime, timedelta(seconds=90), timedelta()):
        metrics.round(stage.runtime)
    assert value("queue_jobs", queue="bulk", state="waiting") == 2
    assert value("queue_oldest_wait_seconds", queue="bulk") == pytest.approx(90)
    assert value("queue_oldest_wait_seconds", queue="enrol") == 0


def test_job_that_was_given_up_is_a_dead_letter_until_somebody_dismisses_it(stage, metrics):
    with open_jobs(stage.runtime, timedelta()) as added:
        with stage.runtime.database.begin() as transaction:
            job = transaction.get_one(Job, added[0].id)
            job.state, job.error_code = "FAILED", "gave_up"
            job.finished_at = stage.runtime.clock.now() - timedelta(hours=1)
        metrics.round(stage.runtime)
        first = value("dead_letters", kind="GALLERY")
        with stage.runtime.database.begin() as transaction:
            transaction.get_one(Job, added[0].id).dismissed_at = stage.runtime.clock.now()
        stage.runtime.clock.moment += timedelta(minutes=1)
        metrics.round(stage.runtime)
    assert (first, value("dead_letters", kind="GALLERY")) == (1, 0)


def test_hold_that_outlives_its_time_is_told_in_seconds(stage, metrics):
    stage.identify(stage.photo(stage.axis(7)))
    metrics.round(stage.runtime)
    assert value("expiry_overdue_seconds", what="hold") == 0
    with stage.runtime.database.begin() as transaction:
        for hold in transaction.query(FaceHold):
            hold.expires_at = stage.runtime.clock.now()
    stage.runtime.clock.moment += timedelta(minutes=3)
    metrics.round(stage.runtime)
    assert value("expiry_overdue_seconds", what="hold") == pytest.approx(180)


def test_template_that_the_index_lost_is_told(stage, metrics):
    ada = stage.guest("Ada", stage.axis(0), stage.axis(1))
    metrics.round(stage.runtime)
    assert value("index_difference_templates", difference="missing") == 0
    assert value("searchable_templates") == 2
    ids = stage.runtime.index.template_ids(stage.runtime.generation)
    stage.runtime.index.delete(stage.runtime.generation, [TemplateId(next(iter(ids)))])
    stage.runtime.clock.moment += timedelta(minutes=5)
    metrics.round(stage.runtime)
    assert value("index_difference_templates", difference="missing") == 1
    assert ada.name not in generate_latest().decode()


def test_scores_and_decisions_are_counted_by_light(stage):
    def counted() -> tuple[float, float, float]:
        return (
            value("faces_total", decision="MATCH", light="bright"),
            value("face_score_count", decision="UNKNOWN", light="bright"),
            value("face_margin_bucket", light="bright", le="0.0"),
        )

    stage.guest("Ada", stage.axis(0))
    before = counted()
    stage.identify(stage.photo(stage.axis(0), stage.axis(9)))
    assert [now - then for now, then in zip(counted(), before, strict=True)] == [1, 1, 1]


def test_answers_are_counted_once(stage):
    before = value("answers_total", answer="not_them", decision="MATCH")
    stage.guest("Ada", stage.axis(0))
    (face,) = stage.identify(stage.photo(stage.axis(0)))
    for _ in range(2):
        answer_face(stage.runtime, FaceId(face.id), "not_them", actor="test")
    assert value("answers_total", answer="not_them", decision="MATCH") == before + 1


def test_process_that_no_longer_leads_shows_nothing_of_the_installation(stage):
    schedule = Schedule(stage.runtime)
    schedule.go_round_once()
    assert is_shown("queue_jobs")
    assert value("schedule_leading") == 1
    for _ in range(TRIES_BETWEEN_ROUNDS):
        schedule.wait_for_turn()
        if not _shows_the_installation():
            return
    pytest.fail("what a process saw while it led is shown for ever")


def _shows_the_installation() -> bool:
    seen_at = REGISTRY.get_sample_value("vestibule_observed_timestamp_seconds")
    names = ("queue_jobs", "expiry_overdue_seconds")
    return any(map(is_shown, names)) or not math.isnan(seen_at) or value("schedule_leading") == 1


def test_calls_of_every_port_are_timed_with_their_outcome(stage):
    stage.identify(stage.photo(stage.axis(3)))
    for dependency, operation in (
        ("database", "select"),
        ("blobs", "put"),
        ("index", "search"),
    ):
        labels = {"dependency": dependency, "operation": operation, "outcome": "ok"}
        assert value("dependency_seconds_count", **labels) > 0, labels
    before = value("dependency_seconds_count", dependency="blobs", operation="get", outcome="error")
    with pytest.raises(BlobMissingError):
        stage.runtime.blobs.get("photos/none.jpg")
    failed = {"dependency": "blobs", "operation": "get", "outcome": "error"}
    assert value("dependency_seconds_count", **failed) == before + 1


def test_metrics_name_no_person_and_have_no_label_without_bound(stage):
    stage.guest("Zenobia", stage.axis(0))
    stage.identify(stage.photo(stage.axis(0)))
    shown = generate_latest().decode()
    assert "Zenobia" not in shown
    assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}-", shown), "an id of something stands in a label"


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def answer_of(port: int) -> str:
    for _ in range(100):
        with contextlib.suppress(OSError), urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
            return answer.read().decode()
        time.sleep(0.05)
    raise AssertionError("no metrics came")


def test_process_without_pages_shows_its_metrics_on_a_port(make_settings):
    port = free_port()
    with observing(make_settings(metrics_port=port), "worker"):
        shown = answer_of(port)
    assert 'vestibule_build_info{mode="embedded",part="worker",version="' in shown
    assert "process_start_time_seconds" in shown
    with pytest.raises(OSError, match=r"."):
        urlopen(f"http://127.0.0.1:{port}/metrics", timeout=1)


def test_metrics_wait_for_a_port_that_the_process_before_still_holds():
    with socket.socket() as before:
        before.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        before.bind(("127.0.0.1", 0))
        before.listen()
        port = before.getsockname()[1]
        metrics = MetricsPort("127.0.0.1", port)
        metrics.start()
        time.sleep(0.3)
    try:
        assert "vestibule_build_info" in answer_of(port)
    finally:
        metrics.stop()
