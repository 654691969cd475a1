"""Packs that an operator brings: a folder or ZIP with ``pack.json`` and the files it names.

docs/models.md describes the manifest for people who write one.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from vestibule.adapters.model_packs.catalogue import PACKS
from vestibule.adapters.model_packs.packs import (
    DETECTORS,
    Architecture,
    CommercialUse,
    EmbedderOptions,
    Mirroring,
    ModelFile,
    ModelPack,
    OperatorFile,
)
from vestibule.domain.embedding_space import Metric
from vestibule.domain.errors import WeightsError

MANIFEST = "pack.json"
FORMAT = 1

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_RESERVED = frozenset({"samples", "acceptances", "checks"})
"""Folders that lie beside the packs."""
_FILE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_AS_PUBLISHED = frozenset({*Architecture} - {Architecture.MOBILEFACENET, Architecture.CENTERFACE})
"""The other two are converted from the files that their packages carry."""

Choice = TypeVar("Choice", Architecture, CommercialUse, Metric, Mirroring)


def all_packs(models_dir: Path) -> Mapping[str, ModelPack]:
    """The catalogue, and the operator's own packs that are installed here; catalogue first.

    A damaged manifest of an own pack hides that pack alone.
    """
    packs = dict(PACKS)
    for path in sorted(models_dir.glob(f"*/{MANIFEST}")):
        try:
            pack = parse_own_pack(path.read_bytes())
        except (WeightsError, OSError):
            continue
        if pack.name == path.parent.name:
            packs[pack.name] = pack
    return packs


def parse_own_pack(manifest: bytes) -> ModelPack:
    """Raises WeightsError that says which field does not fit and how."""
    try:
        fields = json.loads(manifest)
    except ValueError as error:
        raise WeightsError(f"{MANIFEST} is not readable as JSON.", file=MANIFEST) from error
    if not isinstance(fields, dict) or fields.get("format") != FORMAT:
        raise _does_not_fit("format", f"must be {FORMAT}")
    name = _matching(fields, "name", _NAME, "small letters, digits, - and _")
    if name in PACKS or name in _RESERVED:
        raise _does_not_fit("name", f"{name} is taken by Vestibule itself")
    commercial_use = _one_of(fields, "commercial_use", CommercialUse)
    terms = _optional_text(fields, "terms")
    if commercial_use is CommercialUse.FORBIDDEN and terms is None:
        raise _does_not_fit("terms", "must say what is accepted where commercial use is forbidden")
    low_light = fields.get("low_light")
    if low_light not in (None, "on", "off", "lifted"):
        raise _does_not_fit("low_light", 'must be "on", "off" or "lifted", or left out')
    embedder = _model(fields, "embedder")
    return ModelPack(
        name,
        detector=_model(fields, "detector"),
        embedder=embedder,
        dark_embedder=_dark_embedder(fields, low_light),
        commercial_use=commercial_use,
        terms=terms,
        low_light=low_light,
        calibration=_calibration(fields),
    )


def _dark_embedder(fields: Mapping[str, Any], low_light: str | None) -> ModelFile | None:
    if fields.get("dark_embedder") is None:
        return None
    if low_light is not None:
        raise _does_not_fit("low_light", "must be left out beside a dark_embedder, which lifts")
    return _model(fields, "dark_embedder")


def _model(fields: Mapping[str, Any], role: str) -> ModelFile:
    part = fields.get(role)
    if not isinstance(part, dict):
        raise _does_not_fit(role, "is missing")
    if "from_pack" in part:
        known = PACKS.get(str(part["from_pack"]))
        if known is None:
            raise _does_not_fit(f"{role}.from_pack", f"must be one of {', '.join(PACKS)}")
        return known.detector if role == "detector" else known.embedder
    architecture = _one_of(part, "architecture", Architecture, within=role)
    if architecture not in _AS_PUBLISHED or (architecture in DETECTORS) != (role == "detector"):
        raise _does_not_fit(f"{role}.architecture", f"{architecture} cannot be brought as {role}")
    provenance = _text(part, "provenance", within=role)
    return ModelFile(
        architecture=architecture,
        source=_file(part, within=role),
        licence=_text(part, "licence", within=role),
        provenance=f"{provenance} Trained on: {_text(part, 'data', within=role)}",
        options=_options(part) if architecture is Architecture.OWN_EMBEDDER else None,
    )


def _options(part: Mapping[str, Any]) -> EmbedderOptions:
    options = part.get("options")
    if not isinstance(options, dict):
        raise _does_not_fit("embedder.options", "is missing")
    unknown = set(options) - set(EmbedderOptions.__dataclass_fields__)
    if unknown:
        raise _does_not_fit("embedder.options", f"knows no {', '.join(sorted(unknown))}")
    dimension = options.get("dimension")
    if not isinstance(dimension, int) or not 8 <= dimension <= 4096:
        raise _does_not_fit("embedder.options.dimension", "must be a number from 8 to 4096")
    default = EmbedderOptions(dimension)
    template = options.get("template", default.template)
    if template not in ("arcface-112", "dlib-150"):
        raise _does_not_fit("embedder.options.template", "must be arcface-112 or dlib-150")
    scale = _number(options, "scale", default.scale)
    if scale == 0:
        raise _does_not_fit("embedder.options.scale", "must not be 0")
    return EmbedderOptions(
        dimension=dimension,
        template=template,
        mean=_number(options, "mean", default.mean),
        scale=scale,
        metric=_option(options, "metric", Metric, default.metric),
        mirroring=_option(options, "mirroring", Mirroring, default.mirroring),
    )


def _calibration(fields: Mapping[str, Any]) -> OperatorFile | None:
    part = fields.get("calibration")
    if part is None:
        return None
    if not isinstance(part, dict):
        raise _does_not_fit("calibration", "must name a file and its sha256")
    return _file(part, within="calibration")


def _file(part: Mapping[str, Any], *, within: str) -> OperatorFile:
    return OperatorFile(
        _matching(part, "file", _FILE_NAME, "a bare file name", within=within),
        _matching(part, "sha256", _SHA256, "64 hexadecimal digits", within=within),
    )


# ── one field ───────────────────────────────────────────────────────────────────────────────
def _text(fields: Mapping[str, Any], key: str, *, within: str = "") -> str:
    value = fields.get(key)
    if not isinstance(value, str) or not value.strip():
        raise _does_not_fit(_path(within, key), "is missing")
    return value.strip()


def _optional_text(fields: Mapping[str, Any], key: str) -> str | None:
    return _text(fields, key) if fields.get(key) is not None else None


def _matching(
    fields: Mapping[str, Any], key: str, pattern: re.Pattern[str], words: str, *, within: str = ""
) -> str:
    value = _text(fields, key, within=within)
    if not pattern.fullmatch(value):
        raise _does_not_fit(_path(within, key), f"must be {words}")
    return value


def _one_of(
    fields: Mapping[str, Any], key: str, choices: type[Choice], *, within: str = ""
) -> Choice:
    value = _text(fields, key, within=within)
    if value not in {choice.value for choice in choices}:
        names = ", ".join(choice.value for choice in choices)
        raise _does_not_fit(_path(within, key), f"must be one of {names}")
    return choices(value)


def _option(options: Mapping[str, Any], key: str, choices: type[Choice], default: Choice) -> Choice:
    value = options.get(key, default.value)
    if value not in {choice.value for choice in choices}:
        names = ", ".join(choice.value for choice in choices)
        raise _does_not_fit(f"embedder.options.{key}", f"must be one of {names}")
    return choices(value)


def _number(options: Mapping[str, Any], key: str, default: float) -> float:
    value = options.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _does_not_fit(f"embedder.options.{key}", "must be a number")
    return float(value)


def _path(within: str, key: str) -> str:
    return f"{within}.{key}" if within else key


def _does_not_fit(field: str, words: str) -> WeightsError:
    return WeightsError(f"{MANIFEST} does not fit: {field} {words}.", file=MANIFEST, field=field)
