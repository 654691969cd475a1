"""What every object store promises, and what the folder does with a full disk.

The S3 adapter is held to it on SeaweedFS, a real S3 server that checks signatures; what is S3's
alone is in ``test_s3_blobs.py``.
"""

import os
import stat
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.seaweedfs import SeaweedServer
from vestibule.adapters.folder_blobs import FolderBlobStore
from vestibule.adapters.sealing import AesGcmSealer
from vestibule.domain.errors import BlobMissingError, StorageFullError
from vestibule.ports import BlobStore

SEALER = AesGcmSealer(bytes(range(32)))


@pytest.fixture(params=["folder", "s3-on-seaweedfs"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    if request.param == "folder":
        return FolderBlobStore(tmp_path / "blobs", sealer=SEALER, reserve_bytes=0)
    seaweed: SeaweedServer = request.getfixturevalue("seaweed")
    return seaweed.store(seaweed.new_bucket())


# ── the contract ────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("content", [b"", b"x", bytes(range(256)) * 5_000])
def test_object_comes_back_as_it_was_put(store: BlobStore, content: bytes) -> None:
    store.put("photos/a1.jpg", content)
    assert store.get("photos/a1.jpg") == content


def test_second_put_replaces_the_first(store: BlobStore) -> None:
    store.put("photos/a1.jpg", b"old and longer")
    store.put("photos/a1.jpg", b"new")
    assert store.get("photos/a1.jpg") == b"new"


@pytest.mark.parametrize("key", ["photos/none.jpg", "photos", "photos/a1.jpg/deeper"])
def test_missing_object_is_an_error_of_its_own(store: BlobStore, key: str) -> None:
    store.put("photos/a1.jpg", b"here")
    with pytest.raises(BlobMissingError):
        store.get(key)


def test_deleted_object_is_missing_and_deleting_twice_is_safe(store: BlobStore) -> None:
    store.put("photos/a1.jpg", b"here")
    for _ in range(2):
        store.delete("photos/a1.jpg")
    with pytest.raises(BlobMissingError):
        store.get("photos/a1.jpg")
    assert store.keys("") == []


def test_keys_are_those_under_the_prefix_in_order(store: BlobStore) -> None:
    for key in ("photos/b.jpg", "photos/a/1.jpg", "photos-old/c.jpg", "crops/d.png", "top"):
        store.put(key, b"")
    assert store.keys("photos/") == ["photos/a/1.jpg", "photos/b.jpg"]
    assert store.keys("photos") == ["photos-old/c.jpg", "photos/a/1.jpg", "photos/b.jpg"]
    assert store.keys("nothing/") == []
    assert len(store.keys("")) == 5


@pytest.mark.parametrize(
    "key",
    [
        *("", "/", "/etc/passwd", "../a", "a/../b", "a//b", "a/", ".hidden", ".parts/a", "a/.b"),
        *("A.jpg", "a b", "a\\b", "a\0b", "é.jpg", "a\n", "\uff41", "a\u0301"),
        *("a" * 201, "/".join(["a" * 199] * 5)),
    ],
)
def test_key_outside_the_alphabet_is_refused_everywhere(store: BlobStore, key: str) -> None:
    for call in (lambda: store.put(key, b""), lambda: store.get(key), lambda: store.delete(key)):
        with pytest.raises(ValueError, match="not a key"):
            call()


def test_longest_key_there_is_can_be_used(store: BlobStore) -> None:
    key = "/".join(["a" * 199, "b" * 200, "c" * 199, "d" * 198])
    assert len(key) == 799
    store.put(key, b"deep")
    assert (store.get(key), store.keys("a")) == (b"deep", [key])
    store.delete(key)
    assert store.keys("") == []


def test_key_may_be_the_beginning_of_another(store: BlobStore) -> None:
    store.put("photos/a", b"short")
    store.put("photos/ab", b"longer")
    store.delete("photos/a")
    assert (store.keys(""), store.get("photos/ab")) == (["photos/ab"], b"longer")


def test_concurrent_puts_leave_one_whole_object(store: BlobStore) -> None:
    contents = [bytes([i]) * 50_000 for i in range(8)]
    threads = [
        threading.Thread(target=store.put, args=("photos/same.jpg", content))
        for content in contents
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.get("photos/same.jpg") in contents
    assert store.keys("") == ["photos/same.jpg"]


def test_put_beside_deletes_in_one_folder_is_not_lost(store: BlobStore) -> None:
    def put_and_delete() -> None:
        for _ in range(40):
            store.put("deep/er/passing", b"")
            store.delete("deep/er/passing")

    passing = threading.Thread(target=put_and_delete)
    passing.start()
    for i in range(40):
        store.put(f"deep/er/{i}", b"stays")
        assert store.get(f"deep/er/{i}") == b"stays"
        store.delete(f"deep/er/{i}")
    passing.join()
    assert store.keys("") == []


def test_room_left_is_known_or_not_but_never_negative(store: BlobStore) -> None:
    free = store.free_bytes()
    assert free is None or free >= 0


# ── the folder ──────────────────────────────────────────────────────────────────────────────
def test_files_and_folders_are_private_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        store = FolderBlobStore(tmp_path / "blobs", sealer=SEALER, reserve_bytes=0)
        store.put("photos/2026/a.jpg", b"x")
    finally:
        os.umask(before)
    for path in [tmp_path / "blobs", *(tmp_path / "blobs").rglob("*")]:
        expected = 0o700 if path.is_dir() else 0o600
        assert stat.S_IMODE(path.stat().st_mode) == expected, path


def test_last_delete_removes_the_empty_folders(tmp_path: Path) -> None:
    store = FolderBlobStore(tmp_path / "blobs", sealer=SEALER, reserve_bytes=0)
    store.put("photos/2026/a.jpg", b"x")
    store.put("photos/b.jpg", b"x")
    store.delete("photos/2026/a.jpg")
    assert not (tmp_path / "blobs" / "photos" / "2026").exists()
    assert store.get("photos/b.jpg") == b"x"


def test_half_written_part_of_a_killed_process_is_swept_and_never_listed(tmp_path: Path) -> None:
    store = FolderBlobStore(tmp_path / "blobs", sealer=SEALER, reserve_bytes=0)
    part = tmp_path / "blobs" / ".parts" / "abandoned"
    part.write_bytes(b"half a face")
    assert store.keys("") == []
    FolderBlobStore(tmp_path / "blobs", sealer=SEALER, reserve_bytes=0)
    assert not part.exists()


def test_put_that_would_touch_the_reserve_is_refused(tmp_path: Path) -> None:
    store = FolderBlobStore(tmp_path / "blobs", sealer=SEALER, reserve_bytes=2**60)
    with pytest.raises(StorageFullError):
        store.put("photos/a.jpg", b"x")
    assert store.keys("") == []


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    if os.geteuid() != 0:
        pytest.skip("mounting a small disk needs root")
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "vestibule-test", str(disk)]
    if subprocess.run(mount, check=False).returncode != 0:
        pytest.skip("this machine does not let root mount a tmpfs")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_full_disk_is_refused_leaves_nothing_and_spares_the_old_object(small_disk: Path) -> None:
    # A negative reserve lets the write itself meet the end of the disk.
    store = FolderBlobStore(small_disk / "blobs", sealer=SEALER, reserve_bytes=-(2**40))
    store.put("photos/a.jpg", b"first")
    for key in ("photos/a.jpg", "new/b.jpg"):
        with pytest.raises(StorageFullError):
            store.put(key, bytes(2_000_000))
    assert store.get("photos/a.jpg") == b"first"
    assert store.keys("") == ["photos/a.jpg"]
    assert list((small_disk / "blobs" / ".parts").iterdir()) == []
    assert not (small_disk / "blobs" / "new").exists()
    store.put("photos/c.jpg", b"there is room for a small one")


# ── sealed ──────────────────────────────────────────────────────────────────────────────────
def files_of(folder: Path) -> dict[str, bytes]:
    found = [path for path in (folder / "photos").rglob("*") if path.is_file()]
    return {path.name: path.read_bytes() for path in found}


def test_nothing_that_is_stored_shows_in_the_folder(tmp_path: Path) -> None:
    store = FolderBlobStore(tmp_path, sealer=SEALER, reserve_bytes=0)
    store.put("photos/a1.jpg", b"somebody's face" * 100)
    assert b"face" not in files_of(tmp_path)["a1.jpg"]
    other = FolderBlobStore(tmp_path, sealer=AesGcmSealer(bytes(32)), reserve_bytes=0)
    with pytest.raises(BlobMissingError):
        other.get("photos/a1.jpg")


def test_file_in_anothers_place_does_not_open(tmp_path: Path) -> None:
    store = FolderBlobStore(tmp_path, sealer=SEALER, reserve_bytes=0)
    store.put("photos/a1.jpg", b"hers")
    (tmp_path / "photos" / "a1.jpg").rename(tmp_path / "photos" / "b1.jpg")
    with pytest.raises(BlobMissingError):
        store.get("photos/b1.jpg")


def test_objects_from_before_are_read_as_they_are_until_they_are_sealed(tmp_path: Path) -> None:
    store = FolderBlobStore(tmp_path, sealer=SEALER, reserve_bytes=0)
    store.put("photos/new.jpg", b"sealed from the start")
    old = {f"photos/{n}.jpg": b"\xff\xd8 plain " + bytes([n]) for n in range(5)}
    for key, content in old.items():
        (tmp_path / key).write_bytes(content)
    assert {key: store.get(key) for key in old} == old
    before = files_of(tmp_path)["new.jpg"]
    assert store.seal_plain_ones(threading.Event()) == 5
    assert {key: store.get(key) for key in old} == old
    assert not any(b"plain" in content for content in files_of(tmp_path).values())
    assert files_of(tmp_path)["new.jpg"] == before
    assert store.seal_plain_ones(threading.Event()) == 0


class _Meanwhile:
    """A sealer during whose work something else happens."""

    def __init__(self) -> None:
        self.what = lambda: None

    def seal(self, plaintext: bytes, *, context: str) -> bytes:
        self.what()
        return SEALER.seal(plaintext, context=context)

    def unseal(self, ciphertext: bytes, *, context: str) -> bytes:
        return SEALER.unseal(ciphertext, context=context)


def test_object_that_is_deleted_or_replaced_while_it_is_sealed_stays_so(tmp_path: Path) -> None:
    sealer = _Meanwhile()
    store = FolderBlobStore(tmp_path, sealer=sealer, reserve_bytes=0)  # type: ignore[arg-type]  # two methods of three
    (tmp_path / "photos").mkdir()
    for name in ("gone.jpg", "other.jpg"):
        (tmp_path / "photos" / name).write_bytes(b"plain")

    def interfere() -> None:
        sealer.what = lambda: None
        store.delete("photos/gone.jpg")
        store.put("photos/other.jpg", b"newer")

    sealer.what = interfere
    store.seal_plain_ones(threading.Event())
    assert store.keys("photos/") == ["photos/other.jpg"]
    assert store.get("photos/other.jpg") == b"newer"
    assert list((tmp_path / ".parts").iterdir()) == []
