"""What every source of an import promises; S3 on SeaweedFS, a real server from a package."""

import io
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.servers.seaweedfs import SeaweedServer
from vestibule.adapters.folder_import import FolderImport
from vestibule.adapters.s3_client import S3Access
from vestibule.adapters.s3_import import S3Import
from vestibule.domain.errors import (
    BlobMissingError,
    ImportRefusedError,
    PhotoTooLargeError,
    StorageUnavailableError,
)
from vestibule.ports import ImportPhoto, ImportSource

Filled = Callable[[dict[str, bytes]], ImportSource]
PLENTY = 1_000_000


@pytest.fixture(params=["folder", "s3-on-seaweedfs"])
def filled(request: pytest.FixtureRequest, tmp_path: Path) -> Filled:
    """A source at ``autumn/people``, with those files in it and others beside it."""
    if request.param == "folder":
        return lambda files: folder_of(tmp_path, files)
    return lambda files: bucket_of(request.getfixturevalue("seaweed"), files)


def folder_of(place: Path, files: dict[str, bytes]) -> FolderImport:
    for path, content in {"autumn/other/x.jpg": b"beside", **under("autumn/people", files)}.items():
        file = place / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return FolderImport(place, "autumn/people")


def bucket_of(seaweed: SeaweedServer, files: dict[str, bytes]) -> S3Import:
    bucket, client = seaweed.new_bucket(), seaweed.client()
    for key, content in {"autumn/other/x.jpg": b"beside", **under("autumn/people", files)}.items():
        client.put_object(bucket, key, io.BytesIO(content), len(content))
    access = S3Access(seaweed.url, seaweed.access_key, seaweed.secret_key)
    return S3Import(access, bucket=bucket, prefix="autumn/people/")


def under(folder: str, files: dict[str, bytes]) -> dict[str, bytes]:
    return {f"{folder}/{path}": content for path, content in files.items()}


def listed(source: ImportSource, after: str | None = None) -> dict[str, list[str]]:
    return {p.folder: [photo.path for photo in p.photos] for p in source.people(after=after)}


# ── the contract ────────────────────────────────────────────────────────────────────────────
def test_people_come_with_their_photos_in_order(filled: Filled) -> None:
    source = filled({"Zoé Ünal/b.jpg": b"2", "Zoé Ünal/a.png": b"1", "M-17/x.heic": b"333"})
    assert listed(source) == {
        "M-17": ["M-17/x.heic"],
        "Zoé Ünal": ["Zoé Ünal/a.png", "Zoé Ünal/b.jpg"],
    }
    sizes = [photo.size_bytes for person in source.people() for photo in person.photos]
    assert sizes == [3, 1, 1]


def test_hidden_entries_deeper_folders_and_files_beside_people_are_passed_over(
    filled: Filled,
) -> None:
    source = filled(
        {
            "ada/a.jpg": b"x",
            "ada/.DS_Store": b"x",
            "ada/old/b.jpg": b"x",
            ".trash/c.jpg": b"x",
            "list.csv": b"x",
        }
    )
    assert listed(source) == {"ada": ["ada/a.jpg"]}


def test_it_goes_on_behind_whom_it_was_told_and_leaves_out_nobody(filled: Filled) -> None:
    names = ["Ada", "Ada B", "Ada!", "Ada-C", "Ada0", "Ada2", "Béa", "ada", "乙"]
    source = filled({f"{name}/1.jpg": b"x" for name in names})
    everybody = list(listed(source))
    assert everybody == sorted(names)
    for place, name in enumerate(everybody):
        assert list(listed(source, after=name)) == everybody[place + 1 :]


def test_more_people_than_one_page_are_all_listed(filled: Filled) -> None:
    names = [f"M-{number:04}" for number in range(1_010)]
    source = filled({f"{name}/1.jpg": b"" for name in names})
    assert [person.folder for person in source.people()] == names


def test_photo_is_read_whole(filled: Filled) -> None:
    content = bytes(range(256)) * 3_000
    source = filled({"Zoé Ünal/a b+c%.jpg": content})
    (person,) = source.people()
    assert source.read(person.photos[0], limit_bytes=PLENTY) == content


def test_photo_over_the_limit_is_refused(filled: Filled) -> None:
    source = filled({"ada/a.jpg": b"x" * 1_000})
    photo = ImportPhoto("ada/a.jpg", None)
    assert len(source.read(photo, limit_bytes=1_000)) == 1_000
    with pytest.raises(PhotoTooLargeError):
        source.read(photo, limit_bytes=999)


def test_photo_that_is_gone_is_missing(filled: Filled) -> None:
    source = filled({"ada/a.jpg": b"x"})
    for path in ("ada/b.jpg", "ben/a.jpg"):
        with pytest.raises(BlobMissingError):
            source.read(ImportPhoto(path, None), limit_bytes=PLENTY)


@pytest.mark.parametrize(
    "path", ["../other/x.jpg", "ada/../../other/x.jpg", "/etc/passwd", "ada//a"]
)
def test_path_that_leads_elsewhere_is_refused(filled: Filled, path: str) -> None:
    source = filled({"ada/a.jpg": b"x"})
    with pytest.raises(ImportRefusedError):
        source.read(ImportPhoto(path, None), limit_bytes=PLENTY)


# ── the folder ──────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("folder", ["..", "autumn/../..", "/etc", "autumn//people", "autumn/."])
def test_folder_outside_the_place_for_imports_is_refused(tmp_path: Path, folder: str) -> None:
    folder_of(tmp_path, {"ada/a.jpg": b"x"})
    with pytest.raises(ImportRefusedError):
        FolderImport(tmp_path, folder)


def test_links_are_listed_and_refused_wherever_they_stand(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "s.jpg").write_bytes(b"secret")
    place = tmp_path / "imports"
    source = folder_of(place, {"ada/a.jpg": b"x"})
    (place / "autumn/people/ada/link.jpg").symlink_to(secret / "s.jpg")
    (place / "autumn/people/ben").symlink_to(secret)
    (place / "linked").symlink_to(secret)
    assert listed(source) == {"ada": ["ada/a.jpg", "ada/link.jpg"], "ben": ["ben"]}
    for path in ("ada/link.jpg", "ben", "ben/s.jpg"):
        with pytest.raises(ImportRefusedError):
            source.read(ImportPhoto(path, None), limit_bytes=PLENTY)
    with pytest.raises(ImportRefusedError):
        FolderImport(place, "linked")


def test_what_is_not_a_file_does_not_hold_up_reading(tmp_path: Path) -> None:
    source = folder_of(tmp_path, {"ada/a.jpg": b"x"})
    os.mkfifo(tmp_path / "autumn/people/ada/pipe.jpg")
    assert listed(source) == {"ada": ["ada/a.jpg", "ada/pipe.jpg"]}
    with pytest.raises(ImportRefusedError):
        source.read(ImportPhoto("ada/pipe.jpg", None), limit_bytes=PLENTY)


def test_name_that_is_not_utf8_is_listed_and_cannot_be_read(tmp_path: Path) -> None:
    source = folder_of(tmp_path, {"ada/a.jpg": b"x"})
    (tmp_path / "autumn/people" / os.fsdecode(b"z\xff")).mkdir()
    (person,) = source.people(after="ada")
    person.folder.encode("utf-8")
    with pytest.raises(BlobMissingError):
        source.read(person.photos[0], limit_bytes=PLENTY)


# ── the bucket ──────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("prefix", ["../a", "a//b", "./a"])
def test_prefix_that_is_not_names_is_refused(seaweed: SeaweedServer, prefix: str) -> None:
    access = S3Access(seaweed.url, seaweed.access_key, seaweed.secret_key)
    with pytest.raises(ImportRefusedError):
        S3Import(access, bucket="imports", prefix=prefix)


def test_key_that_may_not_read_the_bucket_is_reported_while_it_is_listed(
    seaweed: SeaweedServer,
) -> None:
    access = S3Access(seaweed.url, seaweed.access_key, "not-the-secret")
    with pytest.raises(StorageUnavailableError):
        list(S3Import(access, bucket=seaweed.new_bucket()).people())
