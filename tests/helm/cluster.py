"""A server that answers what Helm asks of Kubernetes' API when a chart looks something up.

It is no cluster: nothing is stored, accepted or run.
"""

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

Secrets = dict[str, dict[str, bytes]]

_KINDS = {
    "v1": ("Secret", "Service", "ServiceAccount", "PersistentVolumeClaim", "ConfigMap", "Pod"),
    "apps/v1": ("Deployment",),
    "autoscaling/v2": ("HorizontalPodAutoscaler",),
    "batch/v1": ("Job", "CronJob"),
    "networking.k8s.io/v1": ("Ingress", "NetworkPolicy"),
    "policy/v1": ("PodDisruptionBudget",),
}


def _plural(kind: str) -> str:
    name = kind.lower()
    return (
        f"{name[:-1]}ies"
        if name.endswith("y")
        else f"{name}es"
        if name.endswith("s")
        else f"{name}s"
    )


def _resources(version: str) -> dict[str, Any]:
    described = [
        {"name": _plural(kind), "kind": kind, "namespaced": True, "verbs": ["get", "list"]}
        for kind in _KINDS[version]
    ]
    return {"kind": "APIResourceList", "groupVersion": version, "resources": described}


def _group(version: str) -> dict[str, Any]:
    here = {"groupVersion": version, "version": version.split("/")[1]}
    return {"name": version.split("/", maxsplit=1)[0], "versions": [here], "preferredVersion": here}


_GROUPS = [_group(version) for version in _KINDS if "/" in version]
_ALWAYS: dict[str, dict[str, Any]] = {
    "/version": {"major": "1", "minor": "33", "gitVersion": "v1.33.0"},
    "/api": {"kind": "APIVersions", "versions": ["v1"]},
    "/apis": {"kind": "APIGroupList", "apiVersion": "v1", "groups": _GROUPS},
    "/api/v1": _resources("v1"),
} | {f"/apis/{version}": _resources(version) for version in _KINDS if "/" in version}


@contextmanager
def cluster(secrets: Secrets, folder: Path) -> Iterator[Path]:
    """The kubeconfig of one whose namespace ``club`` holds ``secrets``, while the block runs."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.split("?")[0].rstrip("/")
            name = path.rsplit("/", 1)[-1]
            if path in _ALWAYS:
                self._say(200, _ALWAYS[path])
            elif path == "/api/v1/namespaces/club/secrets":
                # Helm looks for former releases there.
                self._say(200, {"apiVersion": "v1", "kind": "SecretList", "items": []})
            elif path == f"/api/v1/namespaces/club/secrets/{name}" and name in secrets:
                self._say(200, _secret(name, secrets[name]))
            else:
                self._say(404, {"kind": "Status", "status": "Failure", "reason": "NotFound"})

        def _say(self, status: int, body: dict[str, Any]) -> None:
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name there
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}).start()
    try:
        yield _kubeconfig(folder, server.server_port)
    finally:
        server.shutdown()
        server.server_close()


def _secret(name: str, data: dict[str, bytes]) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        # As Helm marks what it made, also when a release went and left it there.
        "metadata": {
            "name": name,
            "namespace": "club",
            "labels": {"app.kubernetes.io/managed-by": "Helm"},
            "annotations": {
                "meta.helm.sh/release-name": "door",
                "meta.helm.sh/release-namespace": "club",
            },
        },
        "data": {key: base64.b64encode(value).decode() for key, value in data.items()},
    }


def _kubeconfig(folder: Path, port: int) -> Path:
    path = folder / "kubeconfig"
    here = {"cluster": "fake", "user": "nobody", "namespace": "club"}
    words = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "here",
        "clusters": [{"name": "fake", "cluster": {"server": f"http://127.0.0.1:{port}"}}],
        "users": [{"name": "nobody", "user": {}}],
        "contexts": [{"name": "here", "context": here}],
    }
    path.write_text(json.dumps(words))
    return path
