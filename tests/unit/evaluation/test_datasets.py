"""Which photos a folder holds, and of whom."""

import json
from pathlib import Path

import pytest

from vestibule.domain.errors import InvalidInputError
from vestibule.evaluation.datasets import read_dataset


def touch(*paths: Path) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"photo")


def test_one_folder_a_person_is_read_in_a_fixed_order(tmp_path: Path) -> None:
    touch(tmp_path / "zoe/1.jpg", tmp_path / "ann/b.PNG", tmp_path / "ann/a.heic")
    touch(tmp_path / "ann/notes.txt", tmp_path / ".cache/1.jpg", tmp_path / "loose.jpg")
    dataset = read_dataset(tmp_path)
    assert [photo.key for photo in dataset.labelled] == ["ann/a.heic", "ann/b.PNG", "zoe/1.jpg"]
    assert dataset.people == ("ann", "zoe")
    assert dataset.name == tmp_path.name


def test_labelled_people_and_groups_lie_beside_each_other(tmp_path: Path) -> None:
    touch(tmp_path / "labelled/ann/1.jpg", tmp_path / "groups/crew.jpg", tmp_path / "groups/x.jpg")
    (tmp_path / "README.md").write_text("# Photos\nFaces in groups: crew 5 (by eye), team 2.\n")
    dataset = read_dataset(tmp_path)
    assert dataset.people == ("ann",)
    assert [(group.key, group.expected_faces) for group in dataset.groups] == [
        ("groups/crew.jpg", 5)
    ]


def test_a_file_of_counts_goes_before_the_readme(tmp_path: Path) -> None:
    touch(tmp_path / "labelled/ann/1.jpg", tmp_path / "groups/crew.jpg")
    (tmp_path / "README.md").write_text("Faces in groups: crew 5")
    (tmp_path / "groups.json").write_text(json.dumps({"crew": 6}))
    assert read_dataset(tmp_path).groups[0].expected_faces == 6
    assert read_dataset(tmp_path, expected_faces={"crew": 7}).groups[0].expected_faces == 7


def test_groups_are_nobody_when_people_lie_at_the_top(tmp_path: Path) -> None:
    touch(tmp_path / "ann/1.jpg", tmp_path / "groups/crew.jpg")
    assert read_dataset(tmp_path).people == ("ann",)


@pytest.mark.parametrize("folder", [".", "missing"])
def test_a_folder_without_labelled_photos_is_refused(tmp_path: Path, folder: str) -> None:
    with pytest.raises(InvalidInputError):
        read_dataset(tmp_path / folder)
