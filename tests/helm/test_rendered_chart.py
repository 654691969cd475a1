"""What Helm makes of it, held against the compose file, the product and Kubernetes' schemas."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from services.processes.secret_files import create_secrets
from services.worker.supervisor import WatchLimits
from tests.compose.compose_file import configuration
from tests.helm import kubernetes_schemas
from tests.helm.chart import (
    CHART,
    component,
    environment,
    helm,
    of_kind,
    pods,
    render,
    run_helm,
    secret_files,
)
from vestibule.settings import Settings

VERSIONS = ("1.28", "1.33", "1.37")
OTHERS = {"ScaledObject", "TriggerAuthentication", "ServiceMonitor", "PrometheusRule"}
"""Of KEDA and of Prometheus' operator; Kubernetes has no schema of them."""
PROCESSES = ("api", "web", "worker-cpu", "scheduler")
PARTS = (*PROCESSES, "worker-gpu", "worker-bulk", "migrate", "storage", "backup")


def test_helm_finds_nothing_to_say_about_the_chart() -> None:
    helm()
    words = run_helm("lint", "--strict", str(CHART), values={})
    assert "0 chart(s) failed" in words


@pytest.mark.parametrize("version", VERSIONS)
def test_kubernetes_would_accept_every_object(rendered: list[dict[str, Any]], version: str) -> None:
    assert rendered
    for each in rendered:
        if each["kind"] not in OTHERS:
            assert kubernetes_schemas.faults(each, version=version) == [], each["metadata"]["name"]


def test_schemas_find_a_field_that_kubernetes_does_not_know() -> None:
    deployment = json.loads(json.dumps(of_kind(render(), "Deployment")["api"]))
    deployment["spec"]["template"]["spec"]["readOnlyRootFilesystem"] = True
    assert kubernetes_schemas.faults(deployment, version=VERSIONS[-1])


def test_no_two_objects_have_the_same_name(rendered: list[dict[str, Any]]) -> None:
    names = [(each["kind"], each["metadata"]["name"]) for each in rendered]
    assert len(names) == len(set(names))
    assert {each["metadata"]["namespace"] for each in rendered} == {"club"}


# ── the same processes ──────────────────────────────────────────────────────────────────────────
def compose_service(name: str) -> dict[str, Any]:
    files = ("infra/compose/gpu.yml",) if name == "worker-gpu" else ()
    services = configuration(*files, COMPOSE_PROFILES="backup")["services"]
    return services["worker" if name.startswith("worker") else name]


@pytest.mark.parametrize("name", [*PARTS, "models"])
def test_process_is_that_of_the_compose_file(name: str, everything: list[dict[str, Any]]) -> None:
    found = next(
        pod for at, pod in pods(everything).items() if re.sub(r"(?<=models)-\w+$", "", at) == name
    )
    container, service = found["spec"]["containers"][0], compose_service(name)
    wanted = ["backup", "create", "s3"] if name == "backup" else service["command"]
    assert container["args"] == wanted
    repository = container["image"].removeprefix("registry.example.com/door/")
    assert repository == service["image"]
    assert "command" not in container


@pytest.mark.parametrize("name", PARTS)
def test_process_is_given_every_setting_that_it_has_there(
    name: str, everything: list[dict[str, Any]]
) -> None:
    given = environment(pods(everything)[name])
    there = {key for key, value in compose_service(name)["environment"].items() if value}
    # Where nothing was set, neither passes anything on: the product's default counts.
    assert there - set(given) == set()
    assert given["VESTIBULE_VENUE_NAME"] == "Le Club"
    assert given["VESTIBULE_MAX_UPLOAD_BYTES"] == "25000000"


@pytest.mark.parametrize("name", PARTS)
def test_variables_are_settings_that_the_product_accepts(
    name: str, everything: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    given = environment(pods(everything)[name])
    own = {key: value for key, value in given.items() if key.startswith("VESTIBULE_")}
    assert set(own) <= {f"VESTIBULE_{field.upper()}" for field in Settings.model_fields}
    for key, value in (own | {"VESTIBULE_SECRETS_DIR": str(tmp_path)}).items():
        monkeypatch.setenv(key, value)
    settings = Settings(_env_file=None)
    assert settings.public_url == "https://door.example.com"
    if name == "worker-bulk":
        assert settings.worker_queues == ["bulk", "schedule"]
    if name == "worker-gpu":
        assert settings.providers[0] == "CUDAExecutionProvider"


@pytest.mark.parametrize("name", PARTS)
def test_process_is_given_its_own_secrets_alone(
    name: str, everything: list[dict[str, Any]], tmp_path: Path
) -> None:
    """The same files as `vestibule secrets create` makes for it, by the names that it looks for."""
    create_secrets(tmp_path)
    service = "worker" if name.startswith("worker") else name
    made = {path.name for path in (tmp_path / service).iterdir()}
    # The compose file names that store as an option; here it is the only one.
    elsewhere = {"vestibule_backup_s3_access_key", "vestibule_backup_s3_secret_key"}
    assert set(secret_files(pods(everything)[name])) - elsewhere == made


def test_former_keys_reach_whoever_opens_with_them_and_nobody_else() -> None:
    """As `vestibule secrets rotate` gives them in the compose file."""
    told = {
        component(pod): {name for name in secret_files(pod) if "-former" in name}
        for pod in pods(render({"secrets": {"formerKeys": True}})).values()
    }
    assert {name: files for name, files in told.items() if files} == {
        "api": {"receipts-former.key", "sealing-former.key"},
        "worker": {"receipts-former.key", "sealing-former.key"},
        "scheduler": {"receipts-former.key", "sealing-former.key"},
        "web": {"web-former.key"},
    }


def test_only_migrate_and_backup_are_given_the_owner_of_the_tables(
    everything: list[dict[str, Any]],
) -> None:
    given = {
        name
        for name, pod in pods(everything).items()
        if "database_owner_url" in secret_files(pod).values()
    }
    assert given == {"migrate", "backup", "restore"}


def test_no_secret_stands_in_a_variable(everything: list[dict[str, Any]]) -> None:
    secret = {
        f"VESTIBULE_{name.upper()}"
        for name, field in Settings.model_fields.items()
        if "SecretStr" in str(field.annotation)
    }
    for name, pod in pods(everything).items():
        assert not set(environment(pod)) & secret, name


def test_secrets_are_read_as_kubernetes_lays_them_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each file is a link into a folder that changes as a whole."""
    version = tmp_path / "..2026_11_26"
    version.mkdir()
    (version / "vestibule_broker_url").write_text("redis://:word@redis:6379/0")
    (tmp_path / "..data").symlink_to(version.name)
    (tmp_path / "vestibule_broker_url").symlink_to("..data/vestibule_broker_url")
    monkeypatch.setenv("VESTIBULE_SECRETS_DIR", str(tmp_path))
    broker = Settings(_env_file=None).broker_url
    assert broker is not None
    assert broker.get_secret_value() == "redis://:word@redis:6379/0"


def test_files_of_secrets_are_for_the_group_of_the_pod_alone() -> None:
    spec = pods(render())["api"]["spec"]
    volume = next(each for each in spec["volumes"] if each["name"] == "secrets")
    assert volume["projected"]["defaultMode"] == 0o440
    assert spec["securityContext"]["fsGroup"] == spec["securityContext"]["runAsGroup"]


# ── starting, living, ending ────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("name", PROCESSES)
def test_start_is_checked_as_the_compose_file_checks_health(name: str) -> None:
    check = pods(render())[name]["spec"]["containers"][0]["startupProbe"]
    there = compose_service(name)["healthcheck"]["test"]
    if name in ("api", "web"):
        assert check["httpGet"] == {"path": "/readyz", "port": "http"}
        assert "http://127.0.0.1:8000/readyz" in there[-1]
    else:
        assert re.sub(r"['\"]", "", check["exec"]["command"][-1]) == re.sub(
            r"['\"]", "", there[-1].replace("$$", "$")
        )


@pytest.mark.parametrize("name", ["api", "web"])
def test_a_system_that_is_away_takes_no_copy_from_people(name: str) -> None:
    """They are told what is away by a copy that works; without one they would see a bare 503."""
    container = pods(render())[name]["spec"]["containers"][0]
    assert container["readinessProbe"]["httpGet"]["path"] == "/healthz"
    assert container["livenessProbe"]["httpGet"]["path"] == "/healthz"


@pytest.mark.parametrize("name", PROCESSES)
def test_pod_is_given_at_least_the_time_to_end_that_the_container_has(name: str) -> None:
    pod = pods(render())[name]["spec"]
    there = compose_service(name).get("stop_grace_period", "10s")
    minutes, seconds = re.fullmatch(r"(?:(\d+)m)?(?:(\d+)s)?", there).groups("0")  # type: ignore[union-attr]
    pause = pod["containers"][0].get("lifecycle", {}).get("preStop", {}).get("exec", {})
    before = int(pause["command"][-1]) if pause else 0
    assert pod["terminationGracePeriodSeconds"] >= 60 * int(minutes) + int(seconds)
    assert before == (5 if name in ("api", "web") else 0)


def test_kubernetes_leaves_a_hung_worker_to_its_watcher() -> None:
    """Opening a pack may take a quarter of an hour; a kill from outside would begin it anew."""
    probe = pods(render())["worker-cpu"]["spec"]["containers"][0]["livenessProbe"]
    assert probe["periodSeconds"] * probe["failureThreshold"] >= WatchLimits().opening_s


def test_nothing_starts_before_its_models_are_there() -> None:
    for name in ("api", "worker-cpu", "scheduler"):
        spec = pods(render())[name]["spec"]
        assert "/models/open/manifest.json" in spec["initContainers"][0]["command"][-1]
        mounts = {each["name"]: each for each in spec["containers"][0]["volumeMounts"]}
        assert mounts["models"] == {"name": "models", "mountPath": "/models", "readOnly": True}


def test_models_wanted_are_those_of_the_pack() -> None:
    objects = render({"settings": {"VESTIBULE_PACK": "night"}, "models": {"acceptLicense": True}})
    job = next(job for name, job in of_kind(objects, "Job").items() if name.startswith("models"))
    arguments = job["spec"]["template"]["spec"]["containers"][0]["args"]
    assert arguments == ["models", "install", "night", "--samples", "--accept-license"]
    waits = pods(objects)["worker-cpu"]["spec"]["initContainers"][0]["command"][-1]
    assert "/models/night/" in waits


def test_another_pack_is_another_job() -> None:
    """What a Job does cannot be changed: an upgrade would fail."""
    names = {
        name
        for changes in ({}, {"settings": {"VESTIBULE_PACK": "night"}}, {"image": {"tag": "0.2.0"}})
        for name in of_kind(render(changes), "Job")
        if name.startswith("models")
    }
    assert len(names) == 3


def test_schema_is_migrated_before_anything_else_and_its_policy_before_that() -> None:
    objects = render()
    migrate = of_kind(objects, "Job")["migrate"]["metadata"]["annotations"]
    policy = of_kind(objects, "NetworkPolicy")["migrate"]["metadata"]["annotations"]
    assert migrate["helm.sh/hook"] == policy["helm.sh/hook"] == "pre-install,pre-upgrade"
    assert int(policy["helm.sh/hook-weight"]) < int(migrate["helm.sh/hook-weight"])
    # Nothing of the release is there yet when it runs.
    made = {
        (each["kind"], each["metadata"]["name"])
        for each in objects
        if "helm.sh/hook" not in each["metadata"].get("annotations", {})
    }
    account = of_kind(objects, "Job")["migrate"]["spec"]["template"]["spec"]["serviceAccountName"]
    assert ("ServiceAccount", account) not in made


def test_a_restore_comes_after_the_bucket_and_before_the_schema_and_never_at_an_upgrade() -> None:
    backup = {"s3Endpoint": "https://elsewhere.example.com", "s3Bucket": "backups"}
    objects = render({"backup": backup | {"restore": {"enabled": True, "name": "2026-11-20"}}})
    jobs = of_kind(objects, "Job")
    hooks = {
        name: jobs[name]["metadata"]["annotations"] for name in ("storage", "restore", "migrate")
    }
    weights = [int(each["helm.sh/hook-weight"]) for each in hooks.values()]
    assert weights == sorted(set(weights))
    assert hooks["restore"]["helm.sh/hook"] == "pre-install"
    arguments = pods(objects)["restore"]["spec"]["containers"][0]["args"]
    assert arguments == ["restore", "s3", "--name", "2026-11-20"]
    assert "backup" not in of_kind(objects, "CronJob")


def test_an_upgrade_can_be_done_in_order() -> None:
    """Workers first, as docs/operations/upgrade.md says, with what is to follow held back."""
    objects = render({"image": {"tag": "0.2.0"}, "api": {"tag": "0.1.0"}, "web": {"tag": "0.1.0"}})
    images = {
        name: pod["spec"]["containers"][0]["image"].rsplit(":", 1)[1]
        for name, pod in pods(objects).items()
    }
    assert images["migrate"] == images["worker-cpu"] == images["scheduler"] == "0.2.0"
    assert images["api"] == images["web"] == "0.1.0"


def test_digest_is_named_beside_the_tag() -> None:
    digest = f"sha256:{'a' * 64}"
    objects = render({"image": {"digests": {"product": digest}}, "web": {"tag": "0.0.9"}})
    image = pods(objects)["api"]["spec"]["containers"][0]["image"]
    assert re.fullmatch(rf"registry\.example\.com/door/vestibule:[\d.]+@{digest}", image)
    assert pods(objects)["web"]["spec"]["containers"][0]["image"].endswith("/vestibule:0.0.9")


# ── the way in, and who watches ─────────────────────────────────────────────────────────────────
def test_ingress_sends_the_api_its_paths_and_everything_else_to_the_pages() -> None:
    (ingress,) = of_kind(render(), "Ingress").values()
    assert ingress["spec"]["tls"] == [{"hosts": ["door.example.com"], "secretName": "door-tls"}]
    (rule,) = ingress["spec"]["rules"]
    assert rule["host"] == "door.example.com"
    services = of_kind(render(), "Service")
    ways = {}
    for path in rule["http"]["paths"]:
        name = path["backend"]["service"]["name"].removeprefix("door-vestibule-")
        assert (
            path["backend"]["service"]["port"]["name"] == services[name]["spec"]["ports"][0]["name"]
        )
        ways[path["path"]] = name
    assert ways == {"/v1": "api", "/": "web"}


def test_every_service_finds_pods_that_listen_there(everything: list[dict[str, Any]]) -> None:
    for name, service in of_kind(everything, "Service").items():
        wanted = service["spec"]["selector"].items()
        found = [
            pod for pod in pods(everything).values() if wanted <= pod["metadata"]["labels"].items()
        ]
        assert found, name
        for pod in found:
            named = {port["name"] for port in pod["spec"]["containers"][0]["ports"]}
            assert {port["targetPort"] for port in service["spec"]["ports"]} <= named, name


def test_pages_ask_the_service_of_the_api() -> None:
    assert (
        environment(pods(render())["web"])["VESTIBULE_API_URL"] == "http://door-vestibule-api:8000"
    )
    assert of_kind(render(), "Service")["api"]["spec"]["ports"][0]["port"] == 8000


def test_prometheus_calls_the_jobs_what_the_alerts_call_them(
    everything: list[dict[str, Any]],
) -> None:
    (monitor,) = of_kind(everything, "ServiceMonitor").values()
    label = monitor["spec"]["jobLabel"]
    jobs = {
        service["metadata"]["labels"][label]
        for service in of_kind(everything, "Service").values()
        if label in service["metadata"]["labels"]
    }
    (rules,) = of_kind(everything, "PrometheusRule").values()
    named = set(re.findall(r'job="([\w-]+)"', json.dumps(rules).replace('\\"', '"')))
    assert named
    assert named <= jobs
    assert jobs == {f"vestibule-{part}" for part in ("api", "web", "worker", "scheduler")}


def test_dashboards_arrive_as_they_are(everything: list[dict[str, Any]]) -> None:
    for path in (CHART / "files/dashboards").iterdir():
        found = of_kind(everything, "ConfigMap")[f"dashboard-{path.stem}"]["data"][path.name]
        assert json.loads(found) == json.loads(path.read_text())


def test_authorities_of_the_operator_reach_everything_that_asks_a_system(
    everything: list[dict[str, Any]],
) -> None:
    for name in ("api", "worker-cpu", "scheduler", "storage", "backup"):
        pod = pods(everything)[name]
        mounts = {
            each["name"]: each["mountPath"] for each in pod["spec"]["containers"][0]["volumeMounts"]
        }
        assert environment(pod)["SSL_CERT_FILE"] == f"{mounts['ca']}/ca.crt"
        assert environment(pod)["VESTIBULE_REQUIRE_TLS"] == "true"


def test_components_are_few_and_known(everything: list[dict[str, Any]]) -> None:
    known = {"api", "web", "worker", "scheduler", "migrate", "storage", "models", "backup", "test"}
    known |= {"restore"}
    assert {component(pod) for pod in pods(everything).values()} == known
