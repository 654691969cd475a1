"""What a job queue promises, with the worker that takes from it: in memory, and on Redis.

Redis is the real server from the wheel; see ``tests/servers/redis.py`` for its version.
"""

import logging
import signal
import threading
import time
from collections.abc import Callable, Iterator
from uuid import uuid4

import celery.worker.state
import pytest
from celery import Celery

from tests.servers.redis import RedisServer
from vestibule.adapters.celery_queue import (
    QUEUES,
    TASK,
    CeleryJobQueue,
    EmbeddedWorker,
    RedisWorker,
    build_celery,
)
from vestibule.domain.ids import JobId
from vestibule.ports import JobQueue

THREADS = 2
Worker = EmbeddedWorker | RedisWorker


def new_job() -> JobId:
    return JobId(uuid4())


def until(condition: Callable[[], bool], *, within_s: float = 10.0) -> bool:
    deadline = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.005)
    return True


class Consumer:
    """Notes what arrives; can be told to fail at some jobs and to linger over all."""

    def __init__(self, app: Celery) -> None:
        self.arrived: list[str] = []
        self.failing: set[str] = set()
        self.may_finish = threading.Event()
        self.may_finish.set()

        @app.task(name=TASK)  # type: ignore[untyped-decorator]  # celery has no types
        def run(job_id: str) -> None:
            self.arrived.append(job_id)
            if job_id in self.failing:
                raise RuntimeError("as told")
            assert self.may_finish.wait(10)


@pytest.fixture(scope="session")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with RedisServer(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture(params=["celery-in-memory", "celery-on-redis"])
def app(request: pytest.FixtureRequest) -> Celery:
    if request.param == "celery-in-memory":
        return build_celery("memory://")
    server: RedisServer = request.getfixturevalue("redis")
    server.client().flushall()
    return build_celery(server.url)


def worker_of(app: Celery, *, concurrency: int = THREADS) -> Worker:
    if str(app.conf.broker_url).startswith("redis"):
        return RedisWorker(app, concurrency=concurrency)
    return EmbeddedWorker(app, concurrency=concurrency)


@pytest.fixture
def queue(app: Celery) -> JobQueue:
    return CeleryJobQueue(app)


@pytest.fixture
def consumer(app: Celery) -> Consumer:
    return Consumer(app)


@pytest.fixture
def worker(app: Celery, consumer: Consumer) -> Iterator[Worker]:
    made = worker_of(app)
    made.start()
    yield made
    consumer.may_finish.set()
    made.stop()


@pytest.mark.usefixtures("worker")
@pytest.mark.parametrize("name", QUEUES)
def test_enqueued_job_arrives_once(queue: JobQueue, consumer: Consumer, name: str) -> None:
    job = new_job()
    queue.enqueue(job, queue=name)
    assert until(lambda: bool(consumer.arrived))
    time.sleep(0.1)
    assert consumer.arrived == [str(job)]


@pytest.mark.usefixtures("worker")
def test_jobs_enqueued_together_arrive_once_each(queue: JobQueue, consumer: Consumer) -> None:
    jobs = [new_job() for _ in range(5)]
    queue.enqueue_many(jobs, queue="bulk")
    assert until(lambda: len(consumer.arrived) == len(jobs))
    time.sleep(0.1)
    assert sorted(consumer.arrived) == sorted(map(str, jobs))
    with pytest.raises(ValueError, match="queue"):
        queue.enqueue_many(jobs, queue="nobody-listens")


def test_unknown_queue_is_refused(queue: JobQueue) -> None:
    with pytest.raises(ValueError, match="no such queue"):
        queue.enqueue(new_job(), queue="nowhere")


@pytest.mark.usefixtures("worker")
def test_jobs_of_four_threads_arrive_once_each(queue: JobQueue, consumer: Consumer) -> None:
    jobs = [new_job() for _ in range(200)]

    def send(part: list[JobId]) -> None:
        for number, job in enumerate(part):
            queue.enqueue(job, queue=QUEUES[number % len(QUEUES)])

    threads = [threading.Thread(target=send, args=(jobs[i::4],)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert until(lambda: len(consumer.arrived) >= len(jobs))
    time.sleep(0.1)
    assert sorted(consumer.arrived) == sorted(str(job) for job in jobs)


def test_embedded_worker_outlives_one_on_redis_that_is_stopped_beside_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = build_celery("memory://")
    consumer, worker, jobs = Consumer(app), worker_of(app), [new_job() for _ in range(3)]
    worker.start()
    monkeypatch.setattr(celery.worker.state, "should_stop", 0)  # how the other one is asked to
    for sent, job in enumerate(jobs, start=1):
        CeleryJobQueue(app).enqueue(job, queue="identify")
        assert until(lambda sent=sent: len(consumer.arrived) == sent)
    assert worker.is_alive
    worker.stop()


@pytest.mark.usefixtures("worker")
def test_failing_job_is_taken_once_and_does_not_stop_the_others(
    queue: JobQueue, consumer: Consumer
) -> None:
    jobs = [new_job() for _ in range(20)]
    consumer.failing = {str(job) for job in jobs[::2]}
    for job in jobs:
        queue.enqueue(job, queue="identify")
    assert until(lambda: len(consumer.arrived) >= len(jobs))
    time.sleep(0.1)
    assert sorted(consumer.arrived) == sorted(str(job) for job in jobs)


def test_job_enqueued_before_the_worker_starts_is_not_lost(
    app: Celery, queue: JobQueue, consumer: Consumer
) -> None:
    job = new_job()
    queue.enqueue(job, queue="bulk")
    worker = worker_of(app)
    worker.start()
    assert until(lambda: consumer.arrived == [str(job)])
    worker.stop()


def test_two_installations_in_one_process_do_not_share_jobs() -> None:
    ours, theirs = build_celery("memory://"), build_celery("memory://")
    consumer = Consumer(ours)
    CeleryJobQueue(theirs).enqueue(new_job(), queue="identify")
    worker = EmbeddedWorker(ours, concurrency=1)
    worker.start()
    time.sleep(0.1)
    worker.stop()
    assert consumer.arrived == []


def test_two_installations_in_one_process_have_their_own_task() -> None:
    apps = [build_celery("memory://") for _ in range(2)]
    consumers = [Consumer(app) for app in apps]
    workers = [EmbeddedWorker(app, concurrency=1) for app in apps]
    for worker in workers:
        worker.start()
    jobs = [new_job(), new_job()]
    for app, job in zip(apps, jobs, strict=True):
        CeleryJobQueue(app).enqueue(job, queue="identify")
    for consumer, job in zip(consumers, jobs, strict=True):
        assert until(lambda consumer=consumer: bool(consumer.arrived))  # type: ignore[misc]
        assert consumer.arrived == [str(job)]
    for worker in workers:
        worker.stop()


def test_messages_that_nobody_has_taken_are_counted_by_queue(
    app: Celery, queue: JobQueue, consumer: Consumer
) -> None:
    assert queue.waiting("bulk") == 0
    for _ in range(3):
        queue.enqueue(new_job(), queue="bulk")
    queue.enqueue(new_job(), queue="identify")
    assert (queue.waiting("bulk"), queue.waiting("identify")) == (3, 1)

    worker = worker_of(app)
    worker.start()
    assert until(lambda: len(consumer.arrived) == 4)
    assert until(lambda: queue.waiting("bulk") == queue.waiting("identify") == 0)
    worker.stop()
    with pytest.raises(ValueError, match="no such queue"):
        queue.waiting("nowhere")


# ── who goes first ──────────────────────────────────────────────────────────────────────────
def test_urgent_queues_go_first(app: Celery, queue: JobQueue, consumer: Consumer) -> None:
    jobs = {name: new_job() for name in reversed(QUEUES)}
    for name, job in jobs.items():
        queue.enqueue(job, queue=name)
    worker = worker_of(app, concurrency=1)
    worker.start()
    assert until(lambda: len(consumer.arrived) == len(jobs))
    worker.stop()
    assert consumer.arrived == [str(jobs[name]) for name in QUEUES]


@pytest.mark.usefixtures("worker")
def test_long_background_jobs_leave_a_thread_to_who_is_waiting(
    queue: JobQueue, consumer: Consumer
) -> None:
    consumer.may_finish.clear()
    background = [new_job() for _ in range(5)]
    for job in background:
        queue.enqueue(job, queue="bulk")
    assert until(lambda: len(consumer.arrived) == THREADS - 1)
    urgent = new_job()
    queue.enqueue(urgent, queue="identify")
    assert until(lambda: str(urgent) in consumer.arrived)
    assert len(consumer.arrived) == THREADS
    consumer.may_finish.set()
    assert until(lambda: len(consumer.arrived) == len(background) + 1)


# ── the worker ──────────────────────────────────────────────────────────────────────────────
def test_worker_stops_restarts_and_leaves_no_thread(app: Celery, consumer: Consumer) -> None:
    threads_before = threading.active_count()
    worker = worker_of(app)
    assert worker.stop()
    for _ in range(2):
        assert not worker.is_alive
        worker.start()
        assert worker.is_alive
        CeleryJobQueue(app).enqueue(new_job(), queue="identify")
        assert until(lambda: bool(consumer.arrived))
        consumer.arrived.clear()
        assert worker.stop()
        assert worker.stop()
    # Fewer, when another test's threads ended meanwhile.
    assert threading.active_count() <= threads_before


def test_stop_waits_for_the_running_job(app: Celery, queue: JobQueue, consumer: Consumer) -> None:
    worker = worker_of(app, concurrency=1)
    worker.start()
    consumer.may_finish.clear()
    queue.enqueue(new_job(), queue="identify")
    assert until(lambda: len(consumer.arrived) == 1)
    assert not worker.stop(patience_s=0.1)
    consumer.may_finish.set()
    assert worker.stop()


@pytest.mark.usefixtures("consumer")
def test_signal_handlers_and_root_logger_are_left_alone(app: Celery) -> None:
    numbers = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1]
    handlers = [signal.getsignal(number) for number in numbers]
    loggers = list(logging.getLogger().handlers)
    worker = worker_of(app, concurrency=1)
    worker.start()
    worker.stop()
    assert [signal.getsignal(number) for number in numbers] == handlers
    assert logging.getLogger().handlers == loggers
