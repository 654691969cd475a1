"""What the chart does where it can see the namespace: a server answers as Kubernetes would."""

import base64
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.helm.chart import CHART, GIVEN, RefusedError, merged, of_kind, pods, run_helm
from tests.helm.cluster import Secrets, cluster
from vestibule import __version__

_TEXTS = ("database_owner_url", "database_url", "broker_url", "volatile_url", "qdrant_api_key")
_PAIR = ("s3_access_key", "s3_secret_key")
COMPLETE = dict.fromkeys((*_TEXTS, *_PAIR, "sealing.key", "receipts.key", "web.key"), b"word")
KEYS = {"sealing.key": b"s" * 32, "receipts.key": b"r" * 32, "web.key": b"w" * 32}
GENERATED = {"secrets": {"generateKeys": True}}


def seen(
    secrets: Secrets, folder: Path, changes: dict[str, Any], *arguments: str
) -> list[dict[str, Any]]:
    """Rendered by a Helm that asks a cluster with these secrets."""
    with cluster(secrets, folder) as kubeconfig:
        words = run_helm(
            *("template", "door", str(CHART), "--namespace=club", "--dry-run=server"),
            *(f"--kubeconfig={kubeconfig}", "--disable-openapi-validation", *arguments),
            values=merged(GIVEN, changes),
        )
    return [each for each in yaml.safe_load_all(words) if each]


def made_keys(objects: list[dict[str, Any]]) -> dict[str, bytes]:
    data = of_kind(objects, "Secret")["keys"]["data"]
    return {name: base64.b64decode(value) for name, value in data.items()}


def test_complete_secret_is_accepted(tmp_path: Path) -> None:
    assert pods(seen({"vestibule": COMPLETE}, tmp_path, {}))


def test_keys_that_the_secret_lacks_are_named_before_anything_is_installed(tmp_path: Path) -> None:
    lacking = {
        name: value for name, value in COMPLETE.items() if name not in ("web.key", "broker_url")
    }
    with pytest.raises(RefusedError) as refused:
        seen({"vestibule": lacking}, tmp_path, {})
    assert "the Secret vestibule has no broker_url" in str(refused.value)
    assert "the Secret vestibule has no web.key" in str(refused.value)
    assert "has no database_url" not in str(refused.value)


def test_first_install_makes_keys_of_the_right_length(tmp_path: Path) -> None:
    without = {name: value for name, value in COMPLETE.items() if not name.endswith(".key")}
    objects = seen({"vestibule": without}, tmp_path, GENERATED)
    keys = made_keys(objects)
    assert {name: len(key) for name, key in keys.items()} == dict.fromkeys(KEYS, 32)
    assert len(set(keys.values())) == len(KEYS)
    kept = of_kind(objects, "Secret")["keys"]["metadata"]["annotations"]
    assert kept == {"helm.sh/resource-policy": "keep"}


def test_pods_are_given_the_keys_that_were_made(tmp_path: Path) -> None:
    objects = seen({}, tmp_path, GENERATED)
    volume = next(
        each for each in pods(objects)["api"]["spec"]["volumes"] if each["name"] == "secrets"
    )
    sources = {
        source["secret"]["name"]: {item["path"] for item in source["secret"]["items"]}
        for source in volume["projected"]["sources"]
    }
    assert sources["door-vestibule-keys"] == {"sealing.key", "receipts.key"}
    assert "sealing.key" not in sources["vestibule"]


@pytest.mark.parametrize("how", [(), ("--is-upgrade",)], ids=["install", "upgrade"])
def test_keys_that_are_there_stay(tmp_path: Path, how: tuple[str, ...]) -> None:
    objects = seen({"door-vestibule-keys": KEYS}, tmp_path, GENERATED, *how)
    assert made_keys(objects) == KEYS


def test_upgrade_makes_no_other_sealing_key_where_the_first_cannot_be_seen(tmp_path: Path) -> None:
    """What is sealed would be lost; so is it for tools that render away from the cluster."""
    with pytest.raises(RefusedError, match="would make unreadable what is sealed"):
        seen({}, tmp_path, GENERATED, "--is-upgrade")


def test_words_after_an_install_name_what_is_there(tmp_path: Path) -> None:
    with cluster({"vestibule": COMPLETE}, tmp_path) as kubeconfig:
        words = run_helm(
            *("install", "door", str(CHART), "--namespace=club", "--dry-run=server"),
            *(f"--kubeconfig={kubeconfig}", "--disable-openapi-validation"),
            values=GIVEN,
        )
    assert f"Vestibule {__version__} is at https://door.example.com" in words
    assert "exec deploy/door-vestibule-api -- vestibule sign-in-link" in words
