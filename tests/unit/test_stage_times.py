"""What a photo spent its time on is counted once, and for the right photo."""

import threading
import time

import pytest
from prometheus_client import REGISTRY

from vestibule import stage_times
from vestibule.stage_times import collected, stage, timings_ms


def counted(name: str) -> float:
    return REGISTRY.get_sample_value("vestibule_stage_seconds_count", {"stage": name}) or 0.0


def test_a_stage_is_in_the_photos_times_and_in_the_metrics() -> None:
    before = counted("decode")
    with collected():
        with stage("decode"):
            time.sleep(0.01)
        assert timings_ms()["decode"] >= 10
    assert counted("decode") == before + 1


def test_two_waits_in_one_photo_add_up() -> None:
    before = counted("wait_in_batch")
    with collected():
        stage_times.observe_wait_in_batch("detector", 0.002)
        stage_times.observe_wait_in_batch("embedder", 0.003)
        assert timings_ms() == {"wait_in_batch": 5.0}
    assert counted("wait_in_batch") == before == 0
    waits = "vestibule_batch_wait_seconds_count"
    assert REGISTRY.get_sample_value(waits, {"model": "detector"}) == 1


def test_a_stage_that_goes_on_counts_with_what_is_over() -> None:
    before = counted("store")
    with collected(), stage("store"):
        time.sleep(0.01)
        assert timings_ms()["store"] >= 10
        assert counted("store") == before


def test_a_stage_that_fails_is_not_counted() -> None:
    before = counted("search")
    with collected():
        with pytest.raises(ZeroDivisionError), stage("search"):
            raise ZeroDivisionError
        assert timings_ms() == {}
    assert counted("search") == before


def test_nothing_is_collected_for_nobody() -> None:
    with stage("detect"):
        pass
    assert timings_ms() == {}


def test_two_threads_do_not_see_each_others_times() -> None:
    seen: dict[str, dict[str, float]] = {}
    both_are_in = threading.Barrier(2)

    def work(name: stage_times.Stage) -> None:
        with collected():
            stage_times.observe(name, 0.001)
            both_are_in.wait(5)
            seen[name] = timings_ms()

    threads = [threading.Thread(target=work, args=(name,)) for name in ("detect", "embed")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == {"detect": {"detect": 1.0}, "embed": {"embed": 1.0}}
