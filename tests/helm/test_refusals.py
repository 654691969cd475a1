"""What the chart will not install, and that it says why in words of the one who reads them."""

from typing import Any

import pytest

from tests.helm.chart import CHART, RefusedError, helm, of_kind, render, run_helm

KEDA = {"workers": {"cpu": {"autoscaling": {"kind": "keda"}}}}


def refusal(*changes: dict[str, Any]) -> str:
    with pytest.raises(RefusedError) as refused:
        render(*changes)
    return str(refused.value)


def test_everything_that_is_missing_is_told_at_once() -> None:
    helm()
    with pytest.raises(RefusedError) as refused:
        run_helm("template", "door", str(CHART), values={})
    words = str(refused.value)
    for missing in (
        "publicUrl",
        "image.registry",
        "secrets.existingSecret",
        "s3.endpoint",
        "qdrant.url",
        "ingress.tlsSecret",
    ):
        assert f"{missing} is missing: " in words
    assert "nil pointer" not in words


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"models": {"source": "image"}}, "models.image is missing"),
        ({"models": {"source": "volume"}}, "models.volume is missing"),
        ({"backup": {"enabled": True}}, "backup.s3Endpoint is missing"),
        ({"metrics": {"rules": {"enabled": True}}}, "metrics.enabled is false"),
        (KEDA, "keda.prometheus.serverAddress is missing"),
        (KEDA, "KEDA would find no length of queues"),
        (KEDA | {"keda": {"trigger": "redis"}}, "keda.redis.address is missing"),
        ({"workers": {"cpu": {"enabled": False}}}, "no pool of workers serves the queue identify"),
        ({"workers": {"cpu": {"queues": ["identify", "enrol"]}}}, "serves the queue schedule"),
        ({"workers": {"cpu": {"gpus": 1}}}, "use the image gpu"),
        ({"workers": {"cpu": {"image": "gpu"}}}, "has the image gpu and no card"),
        (
            {"workers": {"cpu": {"autoscaling": {"kind": "hpa", "min": 0}}}},
            "workers.cpu.autoscaling.min is 0",
        ),
        ({"s3": {"endpoint": "http://s3.data:9000"}}, "s3.endpoint is not https://"),
        ({"qdrant": {"url": "http://qdrant.data:6333"}}, "qdrant.url is not https://"),
        ({"api": {"autoscaling": {"min": 7}}}, "api.autoscaling.min is more than max"),
        ({"scheduler": {"maxUnavailable": 2}}, "scheduler.maxUnavailable is 2 of 2 copies"),
        ({"api": {"maxUnavailable": 2}}, "api.maxUnavailable is 2 of 2 copies"),
        ({"workers": {"cpu": {"maxUnavailable": 3}}}, "workers.cpu.maxUnavailable is 3 of 2"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_contradiction_is_refused(changes: dict[str, Any], words: str) -> None:
    assert words in refusal(changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"settings": {"VESTIBULE_S3_BUCKET": "elsewhere"}},
        {"settings": {"VESTIBULE_DATABASE_URL": "postgresql://"}},
        {"settings": {"VESTIBULE_REQUIRE_TLS": "false"}},
        {"settings": {"VENUE_NAME": "Le Club"}},
        {"publicUrl": "http://door.example.com"},
        {"postgres": {"host": "postgres.data"}},
    ],
    ids=str,
)
def test_value_without_a_meaning_is_refused(changes: dict[str, Any]) -> None:
    assert "don't meet the specifications of the schema" in refusal(changes)


# ── copies: how many, who counts them, and how many may go at once ──────────────────────────────
def test_nobody_else_sets_the_copies_that_an_autoscaler_counts() -> None:
    scaled = {"kind": "keda"}
    objects = render(
        {
            "workers": {"cpu": {"autoscaling": scaled}, "slow": {"autoscaling": {"kind": "hpa"}}},
            "web": {"autoscaling": {"enabled": False}},
            "keda": {"prometheus": {"serverAddress": "http://prometheus:9090"}},
            "metrics": {"enabled": True},
        }
    )
    targets = [
        each["spec"]["scaleTargetRef"]["name"].removeprefix("door-vestibule-")
        for kind in ("HorizontalPodAutoscaler", "ScaledObject")
        for each in of_kind(objects, kind).values()
    ]
    assert sorted(targets) == ["api", "worker-cpu", "worker-slow"]
    counted = {
        name for name, each in of_kind(objects, "Deployment").items() if "replicas" in each["spec"]
    }
    assert counted == {"web", "scheduler"}


def test_every_deployment_keeps_a_copy_while_nodes_are_drained() -> None:
    objects = render({"workers": {"cpu": {"replicas": 1}}})
    deployments = of_kind(objects, "Deployment")
    budgets = of_kind(objects, "PodDisruptionBudget")
    assert set(budgets) == set(deployments)
    for name, budget in budgets.items():
        assert (
            budget["spec"]["selector"]["matchLabels"]
            == deployments[name]["spec"]["selector"]["matchLabels"]
        )
        # One copy alone may be drained, or its node never could.
        assert budget["spec"]["maxUnavailable"] == 1
        assert "minAvailable" not in budget["spec"]


def test_no_pool_selects_the_pods_of_another() -> None:
    objects = render({"workers": {"bulk": {"queues": ["bulk"]}}})
    cpu, bulk = (
        of_kind(objects, "Deployment")[name]["spec"] for name in ("worker-cpu", "worker-bulk")
    )
    assert (
        not cpu["selector"]["matchLabels"].items() <= bulk["template"]["metadata"]["labels"].items()
    )


def test_pool_says_only_what_is_different() -> None:
    pool = {"gpu": {"enabled": True, "tolerations": [{"key": "gpu", "operator": "Exists"}]}}
    deployment = of_kind(render({"workers": pool}), "Deployment")["worker-gpu"]["spec"]
    (container,) = deployment["template"]["spec"]["containers"]
    assert container["resources"]["limits"] == {"nvidia.com/gpu": 1, "cpu": "4", "memory": "8Gi"}
    assert container["image"].startswith("registry.example.com/door/vestibule-gpu:")
    assert deployment["template"]["spec"]["tolerations"]
    # There may be no card for one more.
    assert deployment["strategy"]["rollingUpdate"] == {"maxSurge": 0, "maxUnavailable": 1}


def test_keda_counts_open_jobs_of_the_pools_queues_in_this_installation() -> None:
    objects = render(
        KEDA,
        {
            "keda": {"prometheus": {"serverAddress": "http://prometheus:9090"}},
            "metrics": {"enabled": True},
        },
    )
    scaled = of_kind(objects, "ScaledObject")["worker-cpu"]["spec"]
    assert scaled["minReplicaCount"] >= 1
    assert scaled["minReplicaCount"] <= scaled["fallback"]["replicas"] <= scaled["maxReplicaCount"]
    (trigger,) = scaled["triggers"]
    assert trigger["metadata"]["query"] == (
        'sum(vestibule_queue_jobs{queue=~"identify|enrol",namespace="club"})'
    )
    # KEDA takes words alone, numbers too.
    assert all(isinstance(value, str) for value in trigger["metadata"].values())


def test_keda_reads_the_lists_that_the_broker_keeps() -> None:
    objects = render(KEDA, {"keda": {"trigger": "redis", "redis": {"address": "redis:6379"}}})
    triggers = of_kind(objects, "ScaledObject")["worker-cpu"]["spec"]["triggers"]
    assert [each["metadata"]["listName"] for each in triggers] == ["identify", "enrol"]
    (access,) = of_kind(objects, "TriggerAuthentication").values()
    assert {each["authenticationRef"]["name"] for each in triggers} == {access["metadata"]["name"]}
    assert access["spec"]["secretTargetRef"] == [
        {"parameter": "password", "name": "vestibule", "key": "broker_password"}
    ]
    assert all(isinstance(value, str) for each in triggers for value in each["metadata"].values())
