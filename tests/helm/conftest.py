from typing import Any

import pytest

from tests.helm.chart import EVERYTHING, helm, render
from tests.helm.kubernetes_schemas import NOT_VALIDATED

VARIANTS: dict[str, dict[str, Any]] = {
    "least": {},
    "everything": EVERYTHING,
    "models in an image": {"models": {"source": "image", "image": "registry.example.com/packs:1"}},
    "models in a volume": {
        "models": {
            "source": "volume",
            "volume": {"persistentVolumeClaim": {"claimName": "packs", "readOnly": True}},
        }
    },
    "nothing scales": {
        "api": {"autoscaling": {"enabled": False}},
        "web": {"autoscaling": {"enabled": False}},
        "ingress": {"enabled": False},
        "networkPolicy": {"enabled": False},
        "storage": {"enabled": False},
        "serviceAccount": {"name": "ours"},
    },
    "keda by redis": {
        "workers": {"cpu": {"autoscaling": {"kind": "keda"}}},
        "keda": {"trigger": "redis", "redis": {"address": "redis.data:6379"}},
    },
}


@pytest.fixture(params=VARIANTS, ids=str)
def rendered(request: pytest.FixtureRequest) -> list[dict[str, Any]]:
    return render(VARIANTS[request.param])


@pytest.fixture(scope="module")
def everything() -> list[dict[str, Any]]:
    return render(EVERYTHING)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what rendered the chart, and that no cluster took part."""
    skipped = terminalreporter.stats.get("skipped", [])
    reasons = {str(each.longrepr[2]) for each in skipped if "tests/helm" in each.nodeid}
    for reason in sorted(reasons):
        terminalreporter.write_line(f"tests/helm: {reason}", red=True, bold=True)
    if helm.cache_info().currsize:
        against = "no schemas" if any(NOT_VALIDATED in each for each in reasons) else "schemas"
        terminalreporter.write_line(
            f"tests/helm: rendered by Helm {helm()[1]}, held against Kubernetes' {against}; "
            "NOT INSTALLED ON A CLUSTER.",
            yellow=True,
        )
