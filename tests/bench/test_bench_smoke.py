"""The benchmark's own arithmetic, and that a small run fills every field. Speed is not asserted."""

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.bench import figures, index_settings, photos, product, report, synthetic_gallery
from tests.bench.machine import ROOT

QUICK_RUN_LIMIT_S = 300
KINDS = ("mated", "non_mated")


def test_percentile_is_a_measured_value() -> None:
    values = [float(value) for value in range(1, 101)]
    assert figures.percentile(values, 0.50) == 50
    assert figures.percentile(values, 0.95) == 95
    assert figures.percentile(values[:3], 0.99) == 3
    assert figures.percentile([7.0], 0.01) == 7


def test_percentile_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="no values"):
        figures.percentile([], 0.5)


def test_latency_is_in_milliseconds() -> None:
    measured = figures.latency([0.3, 0.1, 0.2])
    assert (measured.count, measured.p50_ms, measured.max_ms) == (3, 200, 300)
    assert measured.mean_ms == pytest.approx(200)


def test_ratio_to_nothing_is_not_measured() -> None:
    assert figures.ratio(3, 2) == 1.5
    assert figures.ratio(3, 0) is None


def test_recall_counts_over_all_probes() -> None:
    assert figures.recall([[1, 2], [3, 9]], [[2, 1], [3, 4]]) == 0.75


def test_exact_neighbours_come_best_first() -> None:
    gallery = np.array([[1, 0], [0, 1], [0.6, 0.8], [-1, 0]], np.float32)
    found = figures.exact_neighbours(gallery, np.array([[0, 1], [1, 0]], np.float32), limit=2)
    assert found.tolist() == [[1, 2], [0, 2]]


def test_exact_neighbours_are_found_over_all_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "_CHUNK", 7)
    drawn = synthetic_gallery.draw_gallery(size=60, dimension=16, probes=9, seed=1)
    found = figures.exact_neighbours(drawn.templates, drawn.probes, limit=10)
    order = np.argsort(-(drawn.probes @ drawn.templates.T), axis=1)[:, :10]
    assert found.tolist() == order.tolist()


def test_stamp_changes_the_bytes_and_no_pixel() -> None:
    buffer = io.BytesIO()
    noise = np.random.default_rng(1).integers(0, 255, (40, 60, 3), np.uint8)
    Image.fromarray(noise).save(buffer, "JPEG")
    first, second = (photos.stamped(buffer.getvalue(), serial) for serial in (1, 2))
    assert first != second
    pixels = [np.asarray(Image.open(io.BytesIO(content))) for content in (first, second)]
    assert np.array_equal(pixels[0], pixels[1])


def test_photos_get_the_long_side_of_the_benchmark() -> None:
    buffer = io.BytesIO()
    Image.new("RGBA", (400, 500)).save(buffer, "PNG")
    assert photos.at_bench_size("tall", buffer.getvalue()).size_px == (1024, 1280)


def test_synthetic_scores_are_spread_as_the_measured_ones() -> None:
    measured = json.loads((ROOT / "vestibule" / "calibrations" / "open.json").read_text())
    gallery = synthetic_gallery.draw_gallery(size=4_000, dimension=192, probes=1_000, seed=3)
    scores = gallery.probes @ gallery.templates.T
    owners = np.arange(4_000) // synthetic_gallery.TEMPLATES_A_PERSON
    mated = owners[None, :] == gallery.people[:, None]
    for share, score in measured["pair_quantiles"]:
        if 1e-4 <= share <= 0.2:
            for others in (scores[~mated], (gallery.strangers @ gallery.templates.T).ravel()):
                assert np.quantile(others, 1 - share) == pytest.approx(score, abs=0.035), share
    for share, score in measured["mated_quantiles"]:
        if 0.05 <= share <= 0.95:
            assert np.quantile(scores[mated], share) == pytest.approx(score, abs=0.035), share
    assert np.allclose(np.linalg.norm(gallery.templates, axis=1), 1, atol=1e-5)


def test_synthetic_gallery_is_the_same_for_the_same_seed() -> None:
    first, second = (
        synthetic_gallery.draw_gallery(size=10, dimension=8, probes=4, seed=5) for _ in range(2)
    )
    assert np.array_equal(first.templates, second.templates)
    assert np.array_equal(first.probes, second.probes)


@pytest.mark.parametrize(
    "link",
    [
        "http://127.0.0.1:8000/sign-in?token=abc-D_1",
        "http://127.0.0.1:8000/sign-in#token=abc-D_1",
        "http://127.0.0.1:8000/sign-in#abc-D_1",
        "http://127.0.0.1:8000/sign-in/abc-D_1",
    ],
)
def test_token_is_read_from_the_sign_in_link(link: str) -> None:
    assert product.sign_in_token(link) == "abc-D_1"


def test_model_seconds_are_summed_by_model() -> None:
    page = (
        "# TYPE vestibule_model_run_seconds histogram\n"
        'vestibule_model_run_seconds_sum{model="centerface"} 1.5\n'
        'vestibule_model_run_seconds_sum{model="mobilefacenet",provider="cpu"} 2.0\n'
        'vestibule_model_run_seconds_sum{model="mobilefacenet",provider="gpu"} 0.5\n'
        'vestibule_model_run_seconds_count{model="centerface"} 7\n'
    )
    assert product.model_run_seconds(page) == {"centerface": 1.5, "mobilefacenet": 2.5}


def test_index_settings_are_measured_with_every_figure(tmp_path: Path) -> None:
    row = index_settings.measure_size(3_000, tmp_path, probes=30)
    machine = {"cpu": "x", "cores": 1, "memory_gib": 1, "python": "3", "commit": "c"}
    machine |= {"measured_at": "2026-01-01", "load_before": [0], "packages": {"onnxruntime": "1"}}
    assert all(0.9 <= c["recall_at_1"][kind] <= 1 for c in row["choices"] for kind in KINDS)
    assert all(choice["one_face"]["p99_ms"] > 0 for choice in row["choices"])
    lines = index_settings.as_markdown({"machine": machine, "sizes": [row]}).splitlines()
    assert len(lines) == 4 + len(index_settings.CHOICES)


@pytest.fixture(scope="module")
def quick_run(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What `python -m tests.bench --quick` writes; it ends by itself."""
    out = tmp_path_factory.mktemp("bench") / "bench.json"
    finished = subprocess.run(
        [sys.executable, "-m", "tests.bench", "--quick", "--out", str(out)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=QUICK_RUN_LIMIT_S,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr[-3000:]
    measured: dict[str, Any] = json.loads(out.read_text())
    return measured


def test_quick_run_says_what_it_ran_on(quick_run: dict[str, Any]) -> None:
    machine = quick_run["machine"]
    assert machine["cores"] >= 1
    assert all(machine[name] for name in ("cpu", "memory_gib", "python", "packages", "commit"))


def test_quick_run_counts_every_face(quick_run: dict[str, Any]) -> None:
    assert quick_run["one_face"]["faces"] == 1
    assert quick_run["one_face"]["matches"] == 1
    assert quick_run["six_faces"]["faces"] == 6


@pytest.mark.parametrize("measure", ["one_face", "six_faces"])
def test_time_inside_models_is_part_of_the_total(quick_run: dict[str, Any], measure: str) -> None:
    measured = quick_run[measure]
    assert 0 < measured["inside_models_s"] <= measured["total_s"]
    assert measured["total_over_models"] >= 1


def test_quick_run_fills_every_field(quick_run: dict[str, Any]) -> None:
    assert quick_run["quick"] is True
    assert quick_run["four_clients"]["photos"] >= http_clients(quick_run)
    assert quick_run["small_detector"]["four_clients"]["photos"] >= http_clients(quick_run)
    assert quick_run["start_up"]["cold_s"] > 0
    assert quick_run["start_up"]["warm_s"] > 0
    assert quick_run["memory"]["product_rss_mib"] > 0
    assert quick_run["memory"]["postgres_pss_mib"] > 0
    assert quick_run["batches"]["gain"] > 0
    assert quick_run["peer"]["photos_per_second"] or quick_run["peer"]["skipped"]


def http_clients(quick_run: dict[str, Any]) -> int:
    return int(quick_run["four_clients"]["clients"])


def test_search_recall_is_measured_against_exact(quick_run: dict[str, Any]) -> None:
    for row in quick_run["search"]:
        assert row["skipped"] is None
        assert 0.9 <= row["recall_at_1"] <= 1
        assert 0.9 <= row["recall_at_10"] <= 1
        assert row["one_face"]["p99_ms"] >= row["one_face"]["p50_ms"] > 0


def test_table_replaces_only_what_is_between_its_markers(
    quick_run: dict[str, Any], tmp_path: Path
) -> None:
    page = tmp_path / "benchmarks.md"
    page.write_text(f"before\n{report.START}\nfigures of last year\n{report.END}\nafter\n")
    report.write_table(quick_run, page)
    text = page.read_text()
    assert text.startswith("before\n")
    assert text.endswith("\nafter\n")
    assert "last year" not in text
    assert "recall@10" in text


def test_table_without_a_place_is_refused(quick_run: dict[str, Any], tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("nothing here\n")
    with pytest.raises(ValueError, match="no place"):
        report.write_table(quick_run, page)


def test_published_page_has_a_place_for_the_table() -> None:
    text = (ROOT / "docs" / "benchmarks.md").read_text()
    assert text.count(report.START) == text.count(report.END) == 1
