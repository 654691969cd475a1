"""Who accepted the terms of a pack, when, and which words: one small file a pack.

The files lie beside the packs, not in them, so that an acceptance outlives a new installation.
It is for the words that were accepted: when the terms change, it has to be given again.
"""

import json
import os
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from vestibule.adapters.model_packs.packs import ModelPack
from vestibule.domain.errors import LicenceNotAcceptedError

_FOLDER = "acceptances"


@dataclass(frozen=True, slots=True)
class Acceptance:
    """``by`` is who gave it, in their own words or as the system knows them."""

    pack: str
    by: str
    at: datetime
    terms_sha256: str


def record_acceptance(pack: ModelPack, models_dir: Path, *, by: str, at: datetime) -> Acceptance:
    """Write down that the pack's terms were accepted. Safe to run twice: the first one stays."""
    if pack.terms_sha256 is None:
        raise ValueError(f"{pack.name} has no terms to accept")
    present = acceptance_of(pack, models_dir)
    if present is not None:
        return present
    acceptance = Acceptance(pack=pack.name, by=by, at=at, terms_sha256=pack.terms_sha256)
    path = _path(pack, models_dir)
    path.parent.mkdir(parents=True, exist_ok=True)
    fields = {**asdict(acceptance), "at": at.isoformat(), "terms": pack.terms}
    fresh = path.with_suffix(f".{os.getpid()}")
    fresh.write_text(json.dumps(fields, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    fresh.replace(path)
    return acceptance


def acceptance_of(pack: ModelPack, models_dir: Path) -> Acceptance | None:
    """The acceptance of these very terms; None if there is none or the file is damaged."""
    try:
        fields = json.loads(_path(pack, models_dir).read_text(encoding="utf-8"))
        acceptance = Acceptance(
            pack=str(fields["pack"]),
            by=str(fields["by"]),
            at=datetime.fromisoformat(fields["at"]),
            terms_sha256=str(fields["terms_sha256"]),
        )
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None
    is_current = acceptance.pack == pack.name and acceptance.terms_sha256 == pack.terms_sha256
    return acceptance if is_current else None


def require_acceptance(pack: ModelPack, models_dir: Path) -> None:
    """Raises LicenceNotAcceptedError (facts: ``pack``, ``terms_sha256``) if terms are open."""
    if pack.terms is None or acceptance_of(pack, models_dir) is not None:
        return
    raise LicenceNotAcceptedError(
        f"The terms of the model pack {pack.name} have not been accepted, so it is neither "
        f"installed nor used.\n\n{pack.terms}\n\nTo accept: vestibule models install {pack.name} "
        "--from FOLDER --accept-license",
        pack=pack.name,
        terms_sha256=pack.terms_sha256,
    )


def _path(pack: ModelPack, models_dir: Path) -> Path:
    return models_dir / _FOLDER / f"{pack.name}.json"
