"""Who may reach whom, by the policies as Kubernetes reads them."""

from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.helm.chart import EVERYTHING, component, environment, of_kind, pods, render

POSTGRES, REDIS, VOLATILE = 5433, 6380, 6381
PORTS = {
    "postgres": {"port": POSTGRES},
    "redis": {"port": REDIS},
    "volatile": {"port": VOLATILE},
}
SYSTEMS = {POSTGRES, REDIS, VOLATILE, 9000, 6333}
"""With S3 and Qdrant, whose ports stand in their addresses."""
DNS, TRACES, METRICS = 53, 4318, 9464


@pytest.fixture(scope="module")
def objects() -> list[dict[str, Any]]:
    return render(EVERYTHING, PORTS)


ISSUER, WEBHOOK, KMS = 8443, 443, 8200
ASKS = {
    "VESTIBULE_OIDC_ISSUER": ("api",),
    "VESTIBULE_ALERT_WEBHOOK_URL": ("worker",),
    "VESTIBULE_KMS_URL": ("api", "worker", "scheduler", "backup", "restore"),
}
"""Addresses outside that every process is told of, and who asks there."""


def policies_of(objects: list[dict[str, Any]], pod: dict[str, Any]) -> list[dict[str, Any]]:
    labels = pod["metadata"]["labels"].items()
    return [
        each["spec"]
        for each in of_kind(objects, "NetworkPolicy").values()
        if each["spec"]["podSelector"]["matchLabels"].items() <= labels
    ]


def ways_out(objects: list[dict[str, Any]], pod: dict[str, Any]) -> set[int]:
    return {
        port["port"]
        for policy in policies_of(objects, pod)
        for rule in policy.get("egress") or []
        for port in rule["ports"]
    }


def test_every_pod_is_cut_off_but_for_what_is_said(objects: list[dict[str, Any]]) -> None:
    for name, pod in pods(objects).items():
        policies = policies_of(objects, pod)
        assert any(not each.get("ingress") and not each.get("egress") for each in policies), name
        assert all(set(each["policyTypes"]) == {"Ingress", "Egress"} for each in policies), name
        # One for all, one of its own.
        assert len(policies) == 2, name


@pytest.mark.duty("GDPR 44", "GDPR 32")
def test_each_part_goes_where_it_must_and_nowhere_else(objects: list[dict[str, Any]]) -> None:
    wanted = {
        "api": {*SYSTEMS, TRACES, ISSUER, KMS},
        "worker": {*SYSTEMS, TRACES, WEBHOOK, KMS},
        "scheduler": {*SYSTEMS, TRACES, KMS},
        "web": {8000, TRACES},
        "migrate": {POSTGRES},
        "storage": {9000},
        "models": {443},
        "backup": {POSTGRES, 9000, 9443, KMS},
        "restore": {POSTGRES, 9000, 9443, KMS},
        "test": {8000},
    }
    for name, pod in pods(objects).items():
        assert ways_out(objects, pod) == wanted[component(pod)] | {DNS}, name


def test_every_port_in_an_address_can_be_reached(objects: list[dict[str, Any]]) -> None:
    for name, pod in pods(objects).items():
        if component(pod) == "storage":
            continue  # It is told of Qdrant, as in the compose file, and does not ask it.
        for key, value in environment(pod).items():
            asks = ASKS.get(key, (component(pod),))
            inside = key != "VESTIBULE_PUBLIC_URL" and component(pod) in asks
            url = urlsplit(value)
            if (
                inside
                and url.scheme in ("http", "https")
                and not (component(pod) in ("backup", "restore") and key == "VESTIBULE_QDRANT_URL")
            ):
                port = url.port or (443 if url.scheme == "https" else 80)
                assert port in ways_out(objects, pod), f"{name}: {key}"


@pytest.mark.parametrize(
    ("url", "port"),
    [
        ("https://s3.example.com", 443),
        ("http://s3.example.com", 80),
        ("https://s3.example.com/", 443),
        ("http://10.0.0.7:9000", 9000),
        ("http://[fd00::7]:9000", 9000),
    ],
)
def test_port_is_the_one_of_the_address(url: str, port: int) -> None:
    found = render({"s3": {"endpoint": url}, "requireTls": False})
    assert ways_out(found, pods(found)["storage"]) == {port, DNS}


def test_pages_reach_the_api_and_no_system(objects: list[dict[str, Any]]) -> None:
    own = next(each for each in policies_of(objects, pods(objects)["web"]) if each.get("egress"))
    to_8000 = [rule for rule in own["egress"] if rule["ports"][0]["port"] == 8000]
    (peer,) = to_8000[0]["to"]
    assert len(to_8000) == 1
    assert peer["podSelector"]["matchLabels"]["app.kubernetes.io/component"] == "api"
    assert not ways_out(objects, pods(objects)["web"]) & SYSTEMS


def test_api_lets_in_the_pages_and_nobody_reaches_worker_or_scheduler(
    objects: list[dict[str, Any]],
) -> None:
    def into(name: str) -> set[int]:
        return {
            port["port"]
            for policy in policies_of(objects, pods(objects)[name])
            for rule in policy.get("ingress") or []
            for port in rule["ports"]
        }

    assert into("api") == into("web") == {8000, METRICS}
    assert into("worker-cpu") == into("scheduler") == {METRICS}
    for name in ("migrate", "storage", "backup", "restore"):
        assert into(name) == set()
    (from_pages,) = [
        peer
        for policy in policies_of(objects, pods(objects)["api"])
        for rule in policy.get("ingress") or []
        for peer in rule["from"]
        if "podSelector" in peer
    ]
    labels = pods(objects)["web"]["metadata"]["labels"].items()
    assert from_pages["podSelector"]["matchLabels"].items() <= labels


def test_without_metrics_nobody_may_ask_for_them() -> None:
    objects = render()
    assert all(
        str(METRICS) not in str(policy) for policy in of_kind(objects, "NetworkPolicy").values()
    )


def test_peers_narrow_each_way_out() -> None:
    database, store = {"ipBlock": {"cidr": "10.0.8.0/24"}}, {"ipBlock": {"cidr": "10.0.9.0/24"}}
    objects = render({"postgres": {"peers": [database]}, "s3": {"peers": [store]}})
    for name in ("api", "worker-cpu", "scheduler", "migrate"):
        rules = [
            rule
            for policy in policies_of(objects, pods(objects)[name])
            for rule in policy.get("egress") or []
            if rule["ports"][0]["port"] == 5432
        ]
        assert [rule["to"] for rule in rules] == [[database]], name


def test_way_in_can_be_narrowed_to_the_controller() -> None:
    controller = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "ingress"}}}
    objects = render({"networkPolicy": {"ingressFrom": [controller]}})
    for name in ("api", "web"):
        peers = [
            peer
            for policy in policies_of(objects, pods(objects)[name])
            for rule in policy.get("ingress") or []
            for peer in rule["from"]
            if "namespaceSelector" in peer
        ]
        assert peers == [controller], name
