"""Requests by Qdrant's published models: what these do not know, or know otherwise, is refused."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

Model = TypeVar("Model", bound=BaseModel)


class ShapeError(Exception):
    """The request is not one of Qdrant's interface."""


def read(model: type[Model], body: bytes) -> Model:
    """The request, or ShapeError. Unknown fields count as errors at every depth."""
    try:
        raw = json.loads(body)
        made = model.model_validate(raw, strict=False)
    except (ValueError, ValidationError) as error:
        raise ShapeError(f"{model.__name__}: {error}") from error
    lost = _lost(raw, made.model_dump(mode="json", by_alias=True), model.__name__)
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


PARAMETERS: dict[str, dict[str, set[str] | type]] = {
    "create": {"timeout": int},
    "index": {"wait": {"true", "false"}, "ordering": {"weak", "medium", "strong"}, "timeout": int},
    "upsert": {"wait": {"true", "false"}, "ordering": {"weak", "medium", "strong"}, "timeout": int},
    "delete": {"wait": {"true", "false"}, "ordering": {"weak", "medium", "strong"}, "timeout": int},
    "query": {"consistency": {"majority", "quorum", "all"}, "timeout": int},
    "scroll": {"consistency": {"majority", "quorum", "all"}, "timeout": int},
    "none": {"timeout": int},
}
"""Query parameters of each operation used, with what they may be."""


def check_parameters(operation: str, given: Iterable[tuple[str, str]]) -> None:
    """Raises ShapeError."""
    known = PARAMETERS[operation]
    for name, value in given:
        if name not in known:
            raise ShapeError(f"unknown query parameter {name}")
        allowed = known[name]
        fits = value.isdigit() if allowed is int else value in allowed  # type: ignore[operator]
        if not fits:
            raise ShapeError(f"{name}={value}")
