"""Every pod is held as tightly as the containers of the compose file."""

from typing import Any

from tests.compose.compose_file import configuration
from tests.helm.chart import pods


def restriction_faults(pod: dict[str, Any]) -> list[str]:
    """Pod security "restricted", and what the compose file asks for besides."""
    spec = pod["spec"]
    of_pod = spec.get("securityContext", {})
    found = []
    for each in [*spec["containers"], *spec.get("initContainers", [])]:
        own = each.get("securityContext", {})
        checks = {
            "may be root": not of_pod.get("runAsNonRoot") or not of_pod.get("runAsUser"),
            "has no seccomp profile": of_pod.get("seccompProfile") != {"type": "RuntimeDefault"},
            "may gain privileges": own.get("allowPrivilegeEscalation") is not False,
            "writes to its root file system": own.get("readOnlyRootFilesystem") is not True,
            "keeps capabilities": own.get("capabilities") != {"drop": ["ALL"]},
            "is privileged": own.get("privileged", False),
            "has no memory limit": "memory" not in each["resources"].get("limits", {}),
            "asks for no memory": "memory" not in each["resources"].get("requests", {}),
            "asks for no CPU": "cpu" not in each["resources"].get("requests", {}),
        }
        found += [f"{each['name']} {words}" for words, is_so in checks.items() if is_so]
    checks = {
        "is given a token": spec.get("automountServiceAccountToken") is not False,
        "is told of other Services": spec.get("enableServiceLinks") is not False,
        "uses the host": any(spec.get(name) for name in ("hostNetwork", "hostPID", "hostIPC")),
        "mounts what restricted forbids": any(
            not {"emptyDir", "projected", "configMap", "persistentVolumeClaim"} & set(volume)
            for volume in spec.get("volumes", [])
        ),
    }
    return found + [words for words, is_so in checks.items() if is_so]


def test_every_pod_is_restricted(rendered: list[dict[str, Any]]) -> None:
    assert {name: restriction_faults(pod) for name, pod in pods(rendered).items()} == {
        name: [] for name in pods(rendered)
    }


def test_restriction_check_finds_what_a_plain_pod_has() -> None:
    plain = {"spec": {"containers": [{"name": "a", "resources": {}}]}}
    assert len(restriction_faults(plain)) == 10


def test_pods_run_as_the_user_of_the_image(everything: list[dict[str, Any]]) -> None:
    user = configuration()["services"]["api"]["user"].split(":")
    for name, pod in pods(everything).items():
        context = pod["spec"]["securityContext"]
        assert [str(context["runAsUser"]), str(context["runAsGroup"])] == user, name
