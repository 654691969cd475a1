"""The arithmetic of `make load-stack`, without running it."""

from tests.bench.stack_load import _sum, as_markdown

PAGE = """# TYPE vestibule_request_seconds histogram
vestibule_request_seconds_count{method="POST",route="/v1/photos",status="202"} 3.0
vestibule_request_seconds_count{method="POST",route="/v1/photos",status="429"} 1.0
vestibule_request_seconds_count{method="GET",route="/v1/photos/{photo_id}",status="200"} 10.0
vestibule_jobs_requeued_total 2.0
"""


def test_sum_adds_series_that_hold_all_labels() -> None:
    name = "vestibule_request_seconds_count"
    assert _sum(PAGE, name) == 14
    assert _sum(PAGE, name, 'method="POST",route="/v1/photos"') == 4
    assert _sum(PAGE, "vestibule_jobs_requeued_total") == 2
    assert _sum(PAGE, "vestibule_request_seconds") == 0


def run(workers: int) -> dict:
    return {
        "workers": workers,
        "run": {
            "clients": 2,
            "photos_per_second": 1.5,
            "upload_to_result": {"p50_ms": 100, "p95_ms": 200, "p99_ms": 300},
            "answers": {"202": 5},
            "unexpected_count": 0,
        },
        "cpu_s": {"worker": 3.0, "api": 1.0},
        "cpu_s_a_photo": 0.8,
        "models_over_jobs": 0.7,
        "api_cpu_ms_a_request": 4.0,
        "upload_answer_mean_ms": None,
    }


def test_table_has_a_column_for_each_number_of_workers() -> None:
    machine = {
        "cpu": "Test",
        "cores": 2,
        "memory_gib": 1,
        "python": "3",
        "packages": {"onnxruntime": "1"},
        "commit": "c",
        "measured_at": "2026-11-25T00:00:00",
        "load_before": [0.1],
    }
    words = as_markdown(
        {
            "machine": machine,
            "seconds": 5,
            "templates": 1000,
            "filled_s": 1,
            "runs": [run(1), run(2)],
        }
    )
    assert "| measure | 1 worker | 2 workers |" in words
    assert "| share of that: worker | 75% | 75% |" in words
    assert "| mean time to answer an upload | not measured | not measured |" in words
