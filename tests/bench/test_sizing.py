"""The arithmetic of the sizing model, by values that are known, and that its document says all."""

import math
import re
from dataclasses import fields, replace
from itertools import pairwise
from pathlib import Path

import pytest

from tests.bench import report, sizes, sizing, sizing_words
from tests.bench.measured import Measured, NotMeasuredError, read_measured
from tests.bench.queueing import (
    erlang_b,
    erlang_c,
    mean_wait_s,
    offered_load,
    servers_for,
    share_waiting_longer,
)
from tests.bench.sizing_model import CHAINS, Assumptions, Basis, Chain, Plan, plan

MEASURED = Measured(
    dimension=192,
    cpu_s_a_photo={"worker": 0.25, "api": 0.02, "postgres": 0.01},
    faces_a_photo=2,
    statements_a_photo=30,
    search_s_a_million=0.01,
    template_row_bytes=1_200,
    guest_row_bytes=1_000,
    template_index_memory_bytes=250,
    template_index_disk_bytes=1_300,
    crop_bytes=10_000,
    photo_object_bytes=200_000,
    photo_passing_row_bytes=4_000,
    photo_kept_row_bytes=1_000,
    queued_job_bytes=1_000,
    rejected_face_bytes=2_000,
    index_filled_a_second=5_000,
    gpu_photos_a_second=None,
    gpu_faces_a_second=None,
    sources={"everything": "a test"},
)
BASIS = Basis(MEASURED, Assumptions(), 192)


# ── waiting lines ───────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("servers", "load", "blocked"),
    # From printed tables of Erlang B: the load at which so many servers lose 1 % and 2 %.
    [(5, 1.361, 0.01), (10, 4.461, 0.01), (20, 12.03, 0.01), (10, 5.084, 0.02), (30, 21.93, 0.02)],
)
def test_erlang_b_agrees_with_its_printed_tables(servers: int, load: float, blocked: float) -> None:
    assert erlang_b(servers, load) == pytest.approx(blocked, rel=2e-3)


@pytest.mark.parametrize(
    ("servers", "load", "waiting"),
    [(1, 0.5, 1 / 2), (2, 1, 1 / 3), (3, 2, 4 / 9), (4, 3, 0.5094339623), (2, 1.5, 9 / 14)],
)
def test_erlang_c_agrees_with_what_is_worked_out_by_hand(
    servers: int, load: float, waiting: float
) -> None:
    assert erlang_c(servers, load) == pytest.approx(waiting)


def test_erlang_c_is_the_sum_of_its_definition() -> None:
    servers, load = 14, 11.5
    terms = [load**n / math.factorial(n) for n in range(servers)]
    last = load**servers / math.factorial(servers) * servers / (servers - load)
    assert erlang_c(servers, load) == pytest.approx(last / (sum(terms) + last))


def test_a_single_server_waits_as_the_formula_of_one_line_says() -> None:
    rate, service_s = 0.8, 1.0
    assert mean_wait_s(1, rate, service_s) == pytest.approx(0.8 / 0.2 * service_s)
    assert share_waiting_longer(1, rate, service_s, than_s=3) == pytest.approx(
        0.8 * math.exp(-0.2 * 3)
    )


def test_a_line_that_gets_more_than_is_served_never_ends() -> None:
    assert erlang_c(3, 3.0) == 1
    assert math.isinf(mean_wait_s(3, 3.0, 1.0))
    assert share_waiting_longer(3, 4.0, 1.0, than_s=60) == 1


def test_no_fewer_servers_keep_the_promise() -> None:
    rate, service_s = 46.7, 0.25
    servers = servers_for(rate, service_s, wait_s=0.5, but_for_share=0.05)
    assert servers > offered_load(rate, service_s)
    assert share_waiting_longer(servers, rate, service_s, than_s=0.5) <= 0.05
    assert share_waiting_longer(servers - 1, rate, service_s, than_s=0.5) > 0.05


def test_thousands_of_servers_do_not_overflow() -> None:
    assert 0 < erlang_c(5_000, 4_900.0) < 1


def test_impossible_arguments_are_refused() -> None:
    with pytest.raises(ValueError, match="load"):
        erlang_b(3, -1.0)


# ── a chain ─────────────────────────────────────────────────────────────────────────────────
def test_the_largest_chain_by_hand() -> None:
    made = plan(Chain(500, 50_000_000), BASIS)
    photos = 500 * 800 * 0.35 * 0.8 * 1.5 / 3600
    assert made.photos_a_second == pytest.approx(photos)
    assert made.worker_load == pytest.approx(photos * 0.25)
    assert made.index_memory == 50_000_000 * 250 * 3
    assert made.index_disk == 50_000_000 * 1_300 * 3
    # 0.5 s of a core a face, two copies of three asked
    assert made.chain_wide.face_s == pytest.approx(0.5)
    assert made.chain_wide.busy_cores == pytest.approx(photos * 2 * 0.5 * 2)
    assert made.by_venue.busy_cores == pytest.approx(made.chain_wide.busy_cores / 500)
    assert made.crops == 500e9
    assert made.gallery_rows == 50_000_000 * 1_200 + 10_000_000 * 1_000
    assert made.kept_rows_a_year == 500 * 800 * 0.8 * 200 * 1_000
    assert made.statements_a_second == pytest.approx(photos * 30)


def test_more_numbers_a_template_cost_what_they_weigh() -> None:
    small = plan(CHAINS[-1], BASIS)
    large = plan(CHAINS[-1], replace(BASIS, dimension=512))
    copies = large.index_copies
    assert large.index_memory - small.index_memory == CHAINS[-1].templates * copies * 320
    assert large.index_disk - small.index_disk == CHAINS[-1].templates * copies * 1_600
    assert large.chain_wide.face_s == pytest.approx(small.chain_wide.face_s * 512 / 192)


def test_nothing_shrinks_when_a_chain_grows() -> None:
    plans = [plan(chain, BASIS) for chain in CHAINS]
    for smaller, larger in pairwise(plans):
        assert smaller.worker_cores <= larger.worker_cores
        assert smaller.chain_wide.machines <= larger.chain_wide.machines
        assert smaller.postgres_bytes < larger.postgres_bytes


def test_copies_lie_on_machines_of_their_own() -> None:
    for chain in CHAINS:
        made = plan(chain, BASIS)
        for search in (made.by_venue, made.chain_wide):
            assert search.machines >= made.index_copies


def test_cards_are_counted_where_one_was_measured() -> None:
    assert plan(CHAINS[-1], BASIS).gpu_cards is None
    card = replace(MEASURED, gpu_photos_a_second=100.0, gpu_faces_a_second=1_000.0)
    made = plan(CHAINS[-1], replace(BASIS, measured=card))
    photos = made.photos_a_second
    assert made.gpu_cards == math.ceil((photos / 100 + photos * 2 / 1_000) / 0.6)


BYTES = (
    "template_row_bytes",
    "guest_row_bytes",
    "index_memory_bytes",
    "index_disk_bytes",
    "crop_bytes",
    "photo_object_bytes",
    "photo_passing_row_bytes",
    "photo_kept_row_bytes",
    "upload_bytes",
    "queued_job_bytes",
    "rejected_face_bytes",
)
READ_AS = {
    *(name for name in BYTES if not name.startswith(("index", "upload"))),
    "template_index_memory_bytes",
    "template_index_disk_bytes",
}


# ── the document ────────────────────────────────────────────────────────────────────────────
def test_the_figures_are_read_from_the_committed_document() -> None:
    measured = read_measured(sizing.FIGURES)
    for each in fields(Measured):
        value = getattr(measured, each.name)
        if isinstance(value, int | float):
            assert value > 0, each.name
    assert {"worker", "api", "postgres"} <= set(measured.cpu_s_a_photo)


def test_what_is_measured_anew_is_read_again(tmp_path: Path) -> None:
    """Writer and reader of the document agree, also on large numbers."""
    figures = {
        "machine": {
            "cpu": "A processor",
            "cores": 2,
            "memory_gib": 8,
            "python": "3.11.7",
            "packages": {"onnxruntime": "1.32.0"},
            "commit": "abc",
            "measured_at": "2026-11-26T00:00:00",
            "load_before": [0.1],
        },
        "templates": 100_000,
        "dimension": 192,
        "photos": 200,
        "faces_a_photo": 2.25,
        "index_filled_a_second": 5_000.0,
        "cpu_s_a_photo": {"worker": 0.25, "api": 0.02, "postgres": 0.0125},
        "photo_objects": 3.5,
        "statements_a_photo": 31.4,
        **dict.fromkeys(BYTES, 1_234_567.0),
    }
    document = tmp_path / "benchmarks.md"
    document.write_text(sizing.FIGURES.read_text())
    report.write_between(sizes.START, sizes.as_markdown(figures), sizes.END, document)
    measured = read_measured(document)
    assert {getattr(measured, name) for name in READ_AS} == {1_234_567.0}
    assert (measured.statements_a_photo, measured.index_filled_a_second) == (31.4, 5_000)
    if "make bench-sizes" in measured.sources["processor time a photo"]:
        assert measured.cpu_s_a_photo == figures["cpu_s_a_photo"]


def test_a_missing_figure_names_the_command_that_measures_it(tmp_path: Path) -> None:
    text = sizing.FIGURES.read_text()
    (tmp_path / "benchmarks.md").write_text(
        re.sub(r"(<!-- sizes: written.*?-->).*?(<!-- sizes: end)", r"\1\n\2", text, flags=re.S)
    )
    with pytest.raises(NotMeasuredError, match="make bench-sizes"):
        read_measured(tmp_path / "benchmarks.md")


def test_the_document_holds_every_chain_and_assumption(tmp_path: Path) -> None:
    document = tmp_path / "scale.md"
    document.write_text(f"before\n{sizing_words.START}\n{sizing_words.END}\nafter\n")
    sizing.write(document, BASIS)
    text = document.read_text()
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert set(sizing_words.ASSUMED) == {each.name for each in fields(Assumptions)}
    for words in (*sizing_words.ASSUMED.values(), "500 venues, 50 M templates", "not measured"):
        assert words in text


def test_each_step_ends_in_what_the_table_says() -> None:
    made: Plan = plan(CHAINS[-1], BASIS)
    words = sizing_words.steps(CHAINS[-1], made, BASIS)
    assert f"**{made.worker_cores} cores**" in words
    assert f"**{made.chain_wide.cores:,} cores** on {made.chain_wide.machines:,}" in words
    assert f"**{made.statements_a_second:,.0f} a second**" in words
