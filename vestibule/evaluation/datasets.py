"""Folders of labelled photos, read into lists of paths."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from vestibule.domain.errors import InvalidInputError

PHOTO_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".heic"})


@dataclass(frozen=True, slots=True)
class LabelledPhoto:
    """``key`` names the photo inside its set and does not depend on where the set lies."""

    person: str
    path: Path
    key: str


@dataclass(frozen=True, slots=True)
class GroupPhoto:
    path: Path
    key: str
    expected_faces: int


@dataclass(frozen=True, slots=True)
class Dataset:
    """Photos in the order of their keys. One face is meant in each labelled photo."""

    name: str
    labelled: tuple[LabelledPhoto, ...]
    groups: tuple[GroupPhoto, ...] = ()

    @property
    def people(self) -> tuple[str, ...]:
        return tuple(sorted({photo.person for photo in self.labelled}))


def read_dataset(folder: Path, *, expected_faces: Mapping[str, int] | None = None) -> Dataset:
    """One folder a person, or ``labelled/<person>/`` with ``groups/`` beside it.

    How many faces a group photo shows comes from ``expected_faces`` (file stem to count), else
    from ``groups.json`` of that form, else from a line "Faces in groups: stem count, ..." of the
    README; a group photo that none of them names is left out. Raises InvalidInputError when there
    is no folder or no labelled photo.
    """
    if not folder.is_dir():
        raise InvalidInputError("There is no such folder.", folder=folder.name)
    labelled_folder = folder / "labelled"
    root = labelled_folder if labelled_folder.is_dir() else folder
    labelled = tuple(
        LabelledPhoto(person.name, path, f"{person.name}/{path.name}")
        for person in sorted(root.iterdir())
        if person.is_dir() and not person.name.startswith(".") and person != folder / "groups"
        for path in _photos(person)
    )
    if not labelled:
        raise InvalidInputError("There are no photos: one folder a person.", folder=folder.name)
    counts = expected_faces if expected_faces is not None else _expected_faces(folder)
    groups = tuple(
        GroupPhoto(path, f"groups/{path.name}", counts[path.stem])
        for path in _photos(folder / "groups")
        if path.stem in counts
    )
    return Dataset(name=folder.resolve().name, labelled=labelled, groups=groups)


def _photos(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in PHOTO_SUFFIXES)


def _expected_faces(folder: Path) -> dict[str, int]:
    counts_file = folder / "groups.json"
    if counts_file.is_file():
        counts = json.loads(counts_file.read_text(encoding="utf-8"))
        return {str(stem): int(count) for stem, count in counts.items()}
    readme = folder / "README.md"
    text = readme.read_text(encoding="utf-8") if readme.is_file() else ""
    line = re.search(r"Faces in groups:(.*)", text)
    return {stem: int(count) for stem, count in re.findall(r"(\w+) (\d+)", line[1] if line else "")}
