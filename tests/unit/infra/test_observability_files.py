"""Alerts and dashboards ask for metrics that there are, and every alert is explained.

What needs ``promtool`` (Debian's package ``prometheus`` brings it) is skipped, and says so, where
there is none.
"""

import importlib.util
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

import services.observing
import services.serve
import services.worker.schedule
from vestibule import telemetry

ROOT = Path(__file__).resolve().parents[3]
ALERTS = ROOT / "infra/prometheus/alerts.yml"
DASHBOARDS = sorted((ROOT / "infra/grafana/dashboards").glob("*.json"))
EXPLAINED = ROOT / "docs/operations/alerts.md"
SUFFIXES = ("", "_total", "_bucket", "_count", "_sum")
LOADED = (services.observing, services.serve, services.worker.schedule, telemetry)
"""Importing them is what makes their metrics known."""


def known_metrics() -> dict[str, set[str]]:
    """Name as a query writes it → labels it has."""
    found = {}
    for collector in set(REGISTRY._collector_to_names):
        labels = set(getattr(collector, "_labelnames", ()))
        for name in REGISTRY._collector_to_names[collector]:
            found[name] = labels
    return {name: labels for name, labels in found.items() if name.startswith("vestibule_")}


def asked(query: str) -> list[tuple[str, set[str]]]:
    """The metrics of a query with the labels that its selectors name."""
    return [
        (name, set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", selector or "")) - {"le"})
        for name, selector in re.findall(r"\b(vestibule_\w+)(\{[^}]*\})?", query)
    ]


def alert_queries() -> dict[str, str]:
    text = ALERTS.read_text()
    blocks = re.split(r"(?m)^\s+- alert: ", text)[1:]
    return {
        block.split()[0]: re.split(r"(?m)^ +(?:for|labels|annotations):", block)[0]
        for block in blocks
    }


def dashboard_queries() -> list[tuple[str, str, str]]:
    """File, title of the panel, query."""
    return [
        (path.name, panel["title"], target["expr"])
        for path in DASHBOARDS
        for panel in json.loads(path.read_text())["panels"]
        for target in panel["targets"]
    ]


def unknown(query: str) -> list[str]:
    known = known_metrics()
    wrong = []
    for name, labels in asked(query):
        if name not in known:
            wrong.append(name)
        elif not labels <= known[name]:
            wrong.append(f"{name}{sorted(labels - known[name])}")
    return wrong


@pytest.mark.parametrize("alert", sorted(alert_queries()))
def test_alert_asks_for_metrics_that_there_are(alert: str) -> None:
    assert unknown(alert_queries()[alert]) == []


def test_dashboards_ask_for_metrics_that_there_are() -> None:
    queries = dashboard_queries()
    assert len(queries) > 40
    assert {(file, title): found for file, title, q in queries if (found := unknown(q))} == {}


def test_check_finds_a_metric_and_a_label_that_there_are_not() -> None:
    assert unknown("rate(vestibule_face_total[5m])") == ["vestibule_face_total"]
    assert unknown('vestibule_queue_jobs{venue="a"}') == ["vestibule_queue_jobs['venue']"]


def test_no_panel_is_empty_and_each_says_what_to_think() -> None:
    for path in DASHBOARDS:
        for panel in json.loads(path.read_text())["panels"]:
            assert panel["targets"], panel["title"]
            assert all(target["expr"].strip() for target in panel["targets"]), panel["title"]
            assert panel["description"], panel["title"]


def test_dashboards_are_what_their_program_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT / "infra/grafana")
    place = ROOT / "infra/grafana/make_dashboards.py"
    spec = importlib.util.spec_from_file_location("make_dashboards", place)
    assert spec is not None
    assert spec.loader is not None
    program = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(program)
    assert {path.name: path.read_text() for path in DASHBOARDS} == program.dashboards()


def test_every_alert_is_explained_where_its_runbook_points() -> None:
    sections = re.findall(r"(?m)^### (\w+)$", EXPLAINED.read_text())
    alerts = sorted(alert_queries())
    assert sorted(sections) == alerts
    runbooks = re.findall(r"runbook: docs/operations/alerts\.md#(\w+)", ALERTS.read_text())
    assert sorted(runbooks) == sorted(alert.lower() for alert in alerts)


def promtool(*arguments: str | Path) -> "subprocess.CompletedProcess[str]":
    program = shutil.which("promtool")
    if program is None:
        pytest.skip("no promtool here: alerts were neither parsed nor tried (package prometheus)")
    return subprocess.run(
        [program, *map(str, arguments)], capture_output=True, text=True, check=False
    )


def test_prometheus_reads_configuration_and_alerts() -> None:
    for done in (
        promtool("check", "rules", ALERTS),
        promtool("check", "config", "--syntax-only", ROOT / "infra/prometheus/prometheus.yml"),
    ):
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("file", ["alerts-test.yml", "alerts-drift-test.yml"])
def test_alerts_fire_when_they_should_and_only_then(file: str) -> None:
    done = promtool("test", "rules", ROOT / "infra/prometheus" / file)
    assert done.returncode == 0, done.stdout + done.stderr


def test_alert_test_can_fail(tmp_path: Path) -> None:
    shutil.copy(ALERTS, tmp_path)
    wrong = (ROOT / "infra/prometheus/alerts-test.yml").read_text().replace("10m 0s", "9m 0s")
    (tmp_path / "alerts-test.yml").write_text(wrong)
    assert promtool("test", "rules", tmp_path / "alerts-test.yml").returncode != 0


def test_every_query_of_a_dashboard_is_promql(tmp_path: Path) -> None:
    """As recording rules, since promtool reads those."""
    rules = [
        {"record": f"dashboards:query:{number}", "expr": query}
        for number, (_, _, query) in enumerate(dashboard_queries())
    ]
    file = tmp_path / "queries.json"
    file.write_text(json.dumps({"groups": [{"name": "dashboards", "rules": rules}]}))
    done = promtool("check", "rules", file)
    assert done.returncode == 0, done.stdout + done.stderr
