"""Requests by Qdrant's published models: what these do not know, or know otherwise, is refused."""

import json
from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError


class ShapeError(Exception):
    """The request is not one of Qdrant's interface."""


def read(shape: Any, body: bytes) -> Any:
    """The request as this model, or one of this union; unknown fields are errors at every depth.

    Raises ShapeError.
    """
    called, adapter = getattr(shape, "__name__", str(shape)), TypeAdapter(shape)
    try:
        raw = json.loads(body)
        made = adapter.validate_python(raw, strict=False)
    except (ValueError, ValidationError) as error:
        raise ShapeError(f"{called}: {error}") from error
    lost = _lost(raw, adapter.dump_python(made, mode="json", by_alias=True), called)
    if lost:
        raise ShapeError(f"unknown fields: {', '.join(lost)}")
    return made


def _lost(sent: Any, kept: Any, at: str) -> list[str]:
    """Where something that was sent is not in what the model kept of it."""
    if isinstance(sent, Mapping):
        if not isinstance(kept, Mapping):
            return [at]
        found = []
        for name, value in sent.items():
            if name not in kept:
                found.append(f"{at}.{name}")
            else:
                found += _lost(value, kept[name], f"{at}.{name}")
        return found
    if isinstance(sent, list) and isinstance(kept, list) and not _numbers(sent):
        if len(sent) != len(kept):
            return [at]
        return [
            lost
            for number, (one, other) in enumerate(zip(sent, kept, strict=True))
            for lost in _lost(one, other, f"{at}[{number}]")
        ]
    return []


def _numbers(values: list[Any]) -> bool:
    return bool(values) and isinstance(values[0], int | float)
