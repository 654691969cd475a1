"""Traces hold together, say nothing that they should not, and cost nothing while they are off."""

import logging
import socket
import subprocess
import sys
import threading
import time

import pytest
import structlog
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from vestibule import tracing
from vestibule.domain.errors import VestibuleError
from vestibule.stage_times import stage


class RefusedError(VestibuleError):
    code = "refused"


@pytest.fixture
def spans():
    exporter = InMemorySpanExporter()
    stop = tracing.start("test", exporter=exporter)
    yield exporter
    stop()


def by_name(exporter: InMemorySpanExporter) -> dict:
    return {span.name: span for span in exporter.get_finished_spans()}


def test_nothing_of_opentelemetry_is_imported_while_traces_are_off():
    asked = (
        "import sys; from vestibule import dependencies, stage_times, telemetry, tracing\n"
        "from vestibule.records import database\n"
        "with tracing.span('a'): assert tracing.traceparent() is None\n"
        "sys.exit(any(name.startswith('opentelemetry') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", asked], check=False).returncode == 0


def test_span_inside_another_is_its_child(spans):
    with tracing.span("outer"), tracing.span("inner", faces=2):
        pass
    outer, inner = by_name(spans)["outer"], by_name(spans)["inner"]
    assert outer.parent is None
    assert inner.parent.span_id == outer.context.span_id
    assert inner.attributes == {"vestibule.faces": 2}


def test_place_in_a_trace_survives_being_written_down(spans):
    with tracing.span("asked"):
        written = tracing.traceparent()
    with tracing.continuing(written), tracing.span("done later"):
        pass
    asked, later = by_name(spans)["asked"], by_name(spans)["done later"]
    assert later.context.trace_id == asked.context.trace_id
    assert later.parent.span_id == asked.context.span_id


@pytest.mark.parametrize(
    "written", ["", "00-1-2-01", "nonsense\r\nx: y", "00-" + "0" * 32 + "-" + "0" * 16 + "-01"]
)
def test_what_names_no_trace_begins_a_new_one(spans, written):
    with tracing.continuing(written), tracing.span("alone"):
        pass
    assert by_name(spans)["alone"].parent is None


def test_error_is_told_by_its_code_and_never_by_its_words(spans):
    with pytest.raises(RefusedError), tracing.span("work"):
        raise RefusedError("Ada Lovelace is on the list.")
    span = by_name(spans)["work"]
    assert span.attributes == {"error.type": "refused"}
    assert not span.status.is_ok
    assert "Ada" not in span.to_json()


def test_stage_is_a_span_of_the_job_and_of_nothing_else(spans):
    with stage("decode"):
        pass
    with tracing.span("job"), stage("detect"):
        pass
    assert set(by_name(spans)) == {"job", "detect"}


def test_no_share_of_traces_is_kept_if_none_is_asked_for():
    exporter = InMemorySpanExporter()
    stop = tracing.start("test", exporter=exporter, share=0)
    try:
        with tracing.span("outer"), tracing.span("inner"):
            flags = int(tracing.traceparent().rsplit("-", 1)[-1], 16)
            assert flags & 1 == 0
    finally:
        stop()
    assert exporter.get_finished_spans() == ()


def test_trace_that_was_kept_elsewhere_is_kept_here_whatever_the_share():
    exporter = InMemorySpanExporter()
    stop = tracing.start("test", exporter=exporter, share=0)
    try:
        with tracing.continuing(f"00-{'a' * 32}-{'b' * 16}-01"), tracing.span("here"):
            pass
    finally:
        stop()
    assert [span.name for span in exporter.get_finished_spans()] == ["here"]


def test_line_of_the_log_names_its_trace(spans, tmp_path):
    before = logging.root.handlers, logging.root.level
    try:
        from vestibule.telemetry import configure_logging

        configure_logging("file", tmp_path)
        log = structlog.get_logger("test")
        with tracing.span("work"):
            log.info("inside")
        log.info("outside")
        for handler in logging.root.handlers:
            handler.close()
    finally:
        logging.root.handlers, logging.root.level = before
        structlog.reset_defaults()
    inside, outside = (tmp_path / "vestibule.log").read_text().splitlines()
    assert f"{by_name(spans)['work'].context.trace_id:032x}" in inside
    assert "trace_id" not in outside


@pytest.fixture(params=["refuses", "is silent"])
def bad_collector(request):
    """An address where nobody listens, and one where somebody listens and says nothing."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        if request.param == "is silent":
            listener.listen(64)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_collector_that_does_not_answer_costs_neither_work_nor_a_stop(bad_collector):
    stop = tracing.start("test", endpoint=bad_collector)
    started = time.monotonic()
    for _ in range(10_000):
        with tracing.span("work"):
            pass
    worked_s = time.monotonic() - started
    stop()
    stopped_s = time.monotonic() - started - worked_s
    assert worked_s < 10
    assert stopped_s < 5


def test_threads_are_in_traces_of_their_own(spans):
    def work(name: str) -> None:
        with tracing.span(name), tracing.span(f"{name} inner"):
            pass

    threads = [threading.Thread(target=work, args=(name,)) for name in ("a", "b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = by_name(spans)
    assert found["a"].context.trace_id != found["b"].context.trace_id
    assert found["a inner"].context.trace_id == found["a"].context.trace_id
