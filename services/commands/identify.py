"""``vestibule identify``: who is in these photos, one answer a file, in the order given."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.client import ApiClient, RefusedError
from services.commands.files import IN_FLIGHT, UnreadableError, read_photo


@dataclass(frozen=True, slots=True)
class Identified:
    """``faces`` as ``--json`` prints them; ``error`` is None or a code and words."""

    file: str
    faces: list[dict[str, Any]]
    error: dict[str, str] | None

    def as_json(self) -> dict[str, Any]:
        return {"file": self.file, "faces": self.faces, "error": self.error}


def identify_files(
    client: ApiClient, files: Iterable[Path], *, limit_bytes: int
) -> Iterator[Identified]:
    """Nothing of the photos is kept: each is deleted as soon as its answer is here."""
    with ThreadPoolExecutor(IN_FLIGHT) as pool:
        yield from pool.map(lambda file: _identify(client, file, limit_bytes), files)


def _identify(client: ApiClient, file: Path, limit_bytes: int) -> Identified:
    try:
        photo = client.identify(read_photo(file, limit_bytes=limit_bytes))
        client.forget_photo(photo["id"])
    except (UnreadableError, RefusedError) as error:
        return Identified(str(file), [], {"code": error.code, "detail": error.detail})
    if photo["state"] == "failed":
        return Identified(str(file), [], photo["error"])
    return Identified(str(file), [_face(face) for face in photo["faces"]], None)


def _face(face: dict[str, Any]) -> dict[str, Any]:
    customer = face["customer"]
    return {
        "box_xyxy_px": face["box_xyxy_px"],
        "decision": face["decision"],
        "score": face["score"],
        "threshold": face["threshold"],
        "customer": {"id": customer["id"], "name": customer["name"]} if customer else None,
        "reason": face["reason"],
    }
