"""What the files of the chart promise; neither Helm nor anything fetched is needed."""

import json
import re
from typing import Any

import jsonschema
import pytest
import yaml

from tests.compose.compose_file import configuration
from tests.helm.chart import CHART, EVERYTHING, GIVEN, ROOT, merged
from vestibule import __version__
from vestibule.domain.queues import QUEUES
from vestibule.settings import Settings
from vestibule.workflows import observe_installation

VALUES: dict[str, Any] = yaml.safe_load((CHART / "values.yaml").read_text())
SCHEMA: dict[str, Any] = json.loads((CHART / "values.schema.json").read_text())
ABOUT: dict[str, Any] = yaml.safe_load((CHART / "Chart.yaml").read_text())
SOURCE = {path.name: path.read_text() for path in CHART.glob("templates/**/*.*")}
SETTINGS = {f"VESTIBULE_{name.upper()}" for name in Settings.model_fields}
SECRET = {
    f"VESTIBULE_{name.upper()}"
    for name, field in Settings.model_fields.items()
    if "SecretStr" in str(field.annotation)
}


def schema_faults(values: dict[str, Any]) -> list[str]:
    return [each.message for each in jsonschema.Draft202012Validator(SCHEMA).iter_errors(values)]


def test_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("changes", [{}, GIVEN, merged(GIVEN, EVERYTHING)], ids=len)
def test_schema_accepts_the_values(changes: dict[str, Any]) -> None:
    assert schema_faults(merged(VALUES, changes)) == []


def test_schema_knows_every_value_and_no_other() -> None:
    """A value without a place in the schema would be refused; a place without one says nothing."""
    unsaid = {"global", "podAnnotations", "podLabels", "nodeSelector", "tolerations", "affinity"}
    unsaid |= {"priorityClassName", "tag"}

    def differing(schema: dict[str, Any], values: Any, path: str) -> set[str]:
        properties = _resolved(schema).get("properties")
        if properties is None or not isinstance(values, dict):
            return set()
        found = {f"{path}.{name}" for name in set(properties) ^ set(values) - unsaid}
        for name in set(properties) & set(values):
            found |= differing(properties[name], values[name], f"{path}.{name}")
        return {name for name in found if name.rsplit(".", 1)[1] not in unsaid}

    assert differing(SCHEMA, VALUES, "values") == set()


def _resolved(schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        return SCHEMA["$defs"][schema["$ref"].rsplit("/", 1)[1]]
    return schema


@pytest.mark.parametrize(
    "wrong",
    [
        {"apis": {}},
        {"publicUrl": "http://door.example.com"},
        {"api": {"replica": 3}},
        {"image": {"digests": {"product": "sha256:abc"}}},
        {"workers": {"cpu": {"queues": ["identify", "photos"]}}},
        {"workers": {"cpu": {"autoscaling": {"kind": "celery"}}}},
        {"workers": {"cpu": {"settings": {"VESTIBULE_VENUE_NAME": "Le Club"}}}},
        {"metrics": {"port": 94640}},
        {"postgres": {"peers": [{"cidr": "10.0.0.0/8"}]}},
    ],
    ids=json.dumps,
)
def test_schema_refuses(wrong: dict[str, Any]) -> None:
    assert schema_faults(merged(VALUES, GIVEN, wrong))


def test_secret_settings_cannot_be_given_in_the_open() -> None:
    for name in SECRET:
        assert schema_faults(merged(VALUES, {"settings": {name: "x"}})), name


def test_every_setting_of_the_compose_file_can_be_given() -> None:
    """By its variable, or by the value from which the chart sets it, and never by both."""
    services = configuration(COMPOSE_PROFILES="backup")["services"]
    passed = {
        name
        for service in ("api", "web", "worker", "scheduler", "migrate", "storage", "backup")
        for name in services[service].get("environment", {})
    }
    pools = set(SCHEMA["$defs"]["pool"]["properties"]["settings"]["propertyNames"]["enum"])
    for name in passed:
        is_set_here = f'"{name}"' in SOURCE["_environment.tpl"]
        is_free = not schema_faults(merged(VALUES, {"settings": {name: "1"}}))
        worker_alone = name in services["worker"]["environment"] and not any(
            name in services[other].get("environment", {}) for other in ("api", "web", "scheduler")
        )
        if worker_alone and not is_set_here:
            assert name in pools, f"{name} belongs into values.schema.json, pool.settings"
        else:
            assert is_set_here != is_free, name


def test_every_variable_in_the_chart_is_a_setting() -> None:
    text = "\n".join([*SOURCE.values(), json.dumps(SCHEMA), json.dumps(VALUES)])
    named = set(re.findall(r"\bVESTIBULE_[A-Z0-9_]*[A-Z0-9]\b", text))
    # In a comment: what Kubernetes would set for a Service of that name is a setting, too.
    assert named - SETTINGS == set()


def test_images_are_those_that_the_compose_files_build() -> None:
    kinds = set(re.findall(r'"kind" "(\w+)"', "\n".join(SOURCE.values()))) | {"product", "gpu"}
    assert kinds == set(VALUES["image"]["digests"])
    built = {
        service["image"].split(":")[0]: service["build"]["target"]
        for files in ((), ("infra/compose/gpu.yml",))
        for service in configuration(*files)["services"].values()
        if "build" in service
    }
    named = {"vestibule" if kind == "product" else f"vestibule-{kind}": kind for kind in kinds}
    assert named == built


def test_chart_is_of_the_products_version() -> None:
    assert ABOUT["version"] == ABOUT["appVersion"] == __version__


def test_pools_serve_the_queues_there_are() -> None:
    assert VALUES["workerDefaults"]["queues"] == list(QUEUES)
    listed = re.search(
        r'range list ((?:"\w+" ?)+)\}\}\n\{\{- if not \(has \.', SOURCE["_validate.tpl"]
    )
    assert listed is not None
    assert re.findall(r"\w+", listed.group(1)) == list(QUEUES)


def test_queue_length_is_a_metric_that_the_product_tells() -> None:
    named = set(re.findall(r"sum\((\w+)\{", SOURCE["_autoscaler_by_queue.tpl"]))
    assert named == {observe_installation.QUEUE_JOBS._name}
    assert "queue" in observe_installation.QUEUE_JOBS._labelnames


def test_alerts_and_dashboards_are_those_of_the_compose_stack() -> None:
    files = CHART / "files"
    assert (files / "alerts.yml").resolve() == ROOT / "infra/prometheus/alerts.yml"
    assert (files / "dashboards").resolve() == ROOT / "infra/grafana/dashboards"


def test_secret_keys_of_the_chart_are_all_explained() -> None:
    keys = set(re.findall(r'"[\w.]+" "(\w+(?:_url|_key)|\w+\.key)"', SOURCE["_files.tpl"]))
    explained = (CHART / "values.yaml").read_text().split("existingSecret:")[0]
    assert {"database_url", "sealing.key", "s3_admin_secret_key"} <= keys
    assert {key for key in keys if key not in explained} == set()
