"""Which photos a folder holds, and of whom."""

import json
from pathlib import Path

import pytest

from vestibule.domain.errors import InvalidInputError
from vestibule.evaluation.datasets import only_people, read_dataset


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


def test_counts_by_eye_correct_what_the_set_says(tmp_path: Path) -> None:
    touch(tmp_path / "labelled/ann/1.jpg", tmp_path / "groups/crew.jpg", tmp_path / "groups/x.jpg")
    (tmp_path / "README.md").write_text("Faces in groups: crew 5, x 2")
    dataset = read_dataset(tmp_path, more_expected_faces={"crew": 6})
    assert [group.expected_faces for group in dataset.groups] == [6, 2]


def test_groups_are_what_a_file_declares(tmp_path: Path) -> None:
    touch(tmp_path / "ann/1.jpg", tmp_path / "zoe/1.jpg")
    (tmp_path / "groups.csv").write_text("person,group\nann,crew \nzoe,\nnobody,guests\n")
    assert read_dataset(tmp_path).group_of_person == {"ann": "crew", "nobody": "guests"}


def test_groups_may_go_by_given_name_from_a_file_elsewhere(tmp_path: Path) -> None:
    photos = tmp_path / "set"
    touch(photos / "Ann_Lee/1.jpg", photos / "Ann-Marie_Lee/1.jpg", photos / "Bob/1.jpg")
    (photos / "groups.csv").write_text("person,group\nBob,crew\n")
    (tmp_path / "names.csv").write_text("given_name,group\nAnn,women\nBob,men\nZoe,women\n")
    declared = read_dataset(photos, groups_file=tmp_path / "names.csv").group_of_person
    assert declared == {"Ann_Lee": "women", "Bob": "men"}


@pytest.mark.parametrize("text", ["name;kind\nann;crew\n", "person,group\nann\n", "", "\xff\x00"])
def test_a_file_of_groups_that_cannot_be_read_is_refused_or_empty(
    tmp_path: Path, text: str
) -> None:
    touch(tmp_path / "ann/1.jpg")
    (tmp_path / "groups.csv").write_text(text, encoding="latin-1")
    try:
        assert read_dataset(tmp_path).group_of_person == {}
    except InvalidInputError as error:
        assert "needs the columns" in str(error)


def test_fewer_people_keep_their_photos_and_all_groups(tmp_path: Path) -> None:
    touch(tmp_path / "labelled/ann/1.jpg", tmp_path / "labelled/zoe/1.jpg")
    touch(tmp_path / "groups/crew.jpg")
    part = only_people(read_dataset(tmp_path, expected_faces={"crew": 5}), ["zoe"])
    assert part.people == ("zoe",)
    assert len(part.groups) == 1
