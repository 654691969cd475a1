"""Folders of labelled photos, read into lists of paths."""

import csv
import json
import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from pathlib import Path

from vestibule.domain.errors import InvalidInputError

LONGEST_GROUP_NAME = 40
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
    """Photos in the order of their keys. One face is meant in each labelled photo.

    ``group_of_person`` holds what somebody declared about people, for figures by group.
    """

    name: str
    labelled: tuple[LabelledPhoto, ...]
    groups: tuple[GroupPhoto, ...] = ()
    group_of_person: Mapping[str, str] = field(default_factory=dict)

    @property
    def people(self) -> tuple[str, ...]:
        return tuple(sorted({photo.person for photo in self.labelled}))


def read_dataset(
    folder: Path,
    *,
    expected_faces: Mapping[str, int] | None = None,
    more_expected_faces: Mapping[str, int] | None = None,
    groups_file: Path | None = None,
) -> Dataset:
    """One folder a person, or ``labelled/<person>/`` with ``groups/`` beside it.

    How many faces a group photo shows comes from ``expected_faces`` (file stem to count), else
    from ``groups.json`` of that form, else from a line "Faces in groups: stem count, ..." of the
    README; a group photo that none of them names is left out. ``more_expected_faces`` corrects
    whichever it was.

    ``groups_file``, else a file ``groups.csv`` beside the folders, may declare a group for people:
    by the columns ``person`` (the name of their folder) and ``group``, or ``given_name`` (that name
    up to its first underscore) and ``group``. Raises InvalidInputError when there is no folder or
    no labelled photo, and for such a file that cannot be read.
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
    listed = expected_faces if expected_faces is not None else _expected_faces(folder)
    counts = {**listed, **(more_expected_faces or {})}
    groups = tuple(
        GroupPhoto(path, f"groups/{path.name}", counts[path.stem])
        for path in _photos(folder / "groups")
        if path.stem in counts
    )
    return Dataset(
        name=folder.resolve().name,
        labelled=labelled,
        groups=groups,
        group_of_person=_declared_groups(
            groups_file or folder / "groups.csv", {photo.person for photo in labelled}
        ),
    )


def only_people(dataset: Dataset, people: Sequence[str]) -> Dataset:
    """The same set with fewer people; all group photos stay."""
    kept = set(people)
    labelled = tuple(photo for photo in dataset.labelled if photo.person in kept)
    return replace(dataset, labelled=labelled)


def _photos(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in PHOTO_SUFFIXES)


def _declared_groups(file: Path, people: Set[str]) -> dict[str, str]:
    if not file.is_file():
        return {}
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            table = csv.DictReader(lines)
            by_given_name = "given_name" in (table.fieldnames or ())
            key = "given_name" if by_given_name else "person"
            declared = {row[key]: row["group"].strip() for row in table}
    except (KeyError, AttributeError, ValueError, csv.Error) as error:
        raise InvalidInputError(
            "A file of groups needs the columns person (or given_name) and group.", file=file.name
        ) from error
    if any(len(group) > LONGEST_GROUP_NAME for group in declared.values()):
        raise InvalidInputError("A group's name is too long.", longest=LONGEST_GROUP_NAME)
    if by_given_name:
        declared = {person: declared.get(person.partition("_")[0], "") for person in people}
    return {person: group for person, group in declared.items() if group}


def _expected_faces(folder: Path) -> dict[str, int]:
    counts_file = folder / "groups.json"
    if counts_file.is_file():
        counts = json.loads(counts_file.read_text(encoding="utf-8"))
        return {str(stem): int(count) for stem, count in counts.items()}
    readme = folder / "README.md"
    text = readme.read_text(encoding="utf-8") if readme.is_file() else ""
    line = re.search(r"Faces in groups:(.*)", text)
    return {stem: int(count) for stem, count in re.findall(r"(\w+) (\d+)", line[1] if line else "")}
