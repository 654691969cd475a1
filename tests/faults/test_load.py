"""More photos than can be worked on: results, honest refusals, and memory that stays."""

import asyncio
import json

import pytest

from tests.bench.load import Tally, run_load, slope_mib_a_minute, summary
from tests.bench.load_photos import noise_uploads
from tests.faults.served_product import Start
from vestibule.settings import Settings
from vestibule.workflows.admit_photo import LONGEST_RETRY_S

CLIENTS = 12
SECONDS = 20
MOST_GROWTH_MIB = 400
"""Of the second half over the first: onnxruntime keeps what its largest runs took."""


@pytest.fixture(scope="module")
def load(make_data_dir) -> Tally:
    """One run for all questions, with a queue that is full after a second."""
    from tests.faults.served_product import serve

    data_dir = make_data_dir()
    product = serve(data_dir, VESTIBULE_MAX_QUEUE_WAIT_S="1")
    try:
        word = json.loads((data_dir / "run" / "product.json").read_text())
        return asyncio.run(
            run_load(
                base_url=word["url"],
                token=word["api_key"],
                pid=product.process.pid,
                uploads=noise_uploads(limit_bytes=Settings(_env_file=None).max_upload_bytes),
                clients=CLIENTS,
                seconds=SECONDS,
            )
        )
    finally:
        product.interrupt()


def test_clients_hear_nothing_but_results_and_honest_refusals(load: Tally) -> None:
    assert load.unexpected == []
    assert set(load.answers) <= {"202", "413", "415", "429"}


def test_every_accepted_photo_ends(load: Tally) -> None:
    assert load.answers["202"] == sum(load.outcomes.values()) > CLIENTS / 2
    assert load.outcomes["done"] > 0


def test_a_full_queue_says_when_to_come_back(load: Tally) -> None:
    assert load.answers["429"] == len(load.retry_after_s) > 0
    assert all(1 <= told <= LONGEST_RETRY_S for told in load.retry_after_s)


def test_memory_does_not_grow_with_the_photos(load: Tally) -> None:
    half = load.rss[-1][0] / 2
    before = max(mib for second, mib in load.rss if second <= half)
    after = max(mib for second, mib in load.rss if second > half)
    assert after - before < MOST_GROWTH_MIB


def test_summary_of_a_quiet_run_has_every_field(start: Start, data_dir) -> None:
    product = start(data_dir)
    word = json.loads((data_dir / "run" / "product.json").read_text())
    tally = asyncio.run(
        run_load(
            base_url=word["url"],
            token=word["api_key"],
            pid=product.process.pid,
            uploads=noise_uploads(limit_bytes=1_000)[:1],
            clients=1,
            seconds=1,
        )
    )
    figures = summary(tally, clients=1, seconds=1)
    assert figures["unexpected_count"] == 0
    assert figures["told_to_come_back"] == 0
    assert figures["upload_to_result"]["p99_ms"] > 0


def test_slope_is_that_of_the_settled_part() -> None:
    climbing = [(0.0, 500.0), (10.0, 900.0), *[(float(s), 1_000 + s / 60) for s in range(20, 61)]]
    assert slope_mib_a_minute(climbing) == pytest.approx(1.0)
    assert slope_mib_a_minute([(0.0, 1.0)]) == 0
