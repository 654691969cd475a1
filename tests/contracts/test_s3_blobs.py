"""What is S3's alone: signatures, versions, parts, links, and a store that goes away.

Run against SeaweedFS' S3 server, a real one from a package. No MinIO was asked.
"""

import io
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import httpx
import minio.time
import pytest

from tests.servers.seaweedfs import SeaweedServer
from vestibule.adapters.s3_blobs import PART_BYTES, S3BlobStore
from vestibule.adapters.s3_client import Patience, S3Access
from vestibule.domain.errors import (
    BlobMissingError,
    StartUpError,
    StorageFullError,
    StorageUnavailableError,
)

BRIEFLY = Patience(connect_s=0.5, read_s=1.0, retries=1)
LARGE = bytes(range(256)) * (PART_BYTES // 128) + b"and a little more"  # two parts and a bit


@pytest.fixture
def bucket(seaweed: SeaweedServer) -> str:
    return seaweed.new_bucket()


@pytest.fixture
def store(seaweed: SeaweedServer, bucket: str) -> S3BlobStore:
    return seaweed.store(bucket)


# ── large and many ──────────────────────────────────────────────────────────────────────────
def test_large_object_goes_in_parts_and_comes_back_whole(
    seaweed: SeaweedServer, store: S3BlobStore, bucket: str
) -> None:
    store.put("backup/large", LARGE)
    assert store.get("backup/large") == LARGE
    etag = seaweed.client().stat_object(bucket, "backup/large").etag
    assert etag is not None
    assert etag.endswith("-3"), "an object that was put in three parts says so in its ETag"


def test_stream_is_put_and_read_in_pieces(store: S3BlobStore) -> None:
    store.put_stream("backup/stream", io.BytesIO(LARGE), size_bytes=len(LARGE))
    pieces = list(store.read_chunks("backup/stream"))
    assert len(pieces) > 10
    assert b"".join(pieces) == LARGE


def test_stream_that_is_too_short_leaves_neither_object_nor_parts(
    seaweed: SeaweedServer, store: S3BlobStore, bucket: str
) -> None:
    with pytest.raises(OSError, match="stream having"):
        store.put_stream("backup/short", io.BytesIO(LARGE), size_bytes=len(LARGE) + PART_BYTES)
    assert store.keys("") == []
    assert unfinished(seaweed, bucket, "backup/short") == []


def test_more_keys_than_one_page_are_all_listed(seaweed: SeaweedServer, bucket: str) -> None:
    client = seaweed.client()
    expected = sorted([f"photos/{n:04}.jpg" for n in range(1_050)])
    for key in expected:
        client.put_object(bucket, key, io.BytesIO(b""), 0)
    assert seaweed.store(bucket).keys("photos/") == expected


def test_many_threads_put_and_get_what_is_theirs(store: S3BlobStore) -> None:
    wrong: list[int] = []

    def work(number: int) -> None:
        content = bytes([number]) * 30_000
        for turn in range(5):
            store.put(f"photos/{number}/{turn}", content)
            if store.get(f"photos/{number}/{turn}") != content:
                wrong.append(number)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert len(store.keys("photos/")) == 40


# ── erasure ─────────────────────────────────────────────────────────────────────────────────
def versions(seaweed: SeaweedServer, bucket: str) -> list[str | None]:
    found = seaweed.client().list_objects(bucket, recursive=True, include_version=True)
    return sorted(str(item.object_name) for item in found)


def unfinished(seaweed: SeaweedServer, bucket: str, key: str) -> list[str | None]:
    return [
        u.object_name for u in seaweed.client()._list_multipart_uploads(bucket, prefix=key).uploads
    ]


@pytest.mark.duty("GDPR 17")
def test_delete_removes_every_version_and_marker_of_that_key_alone(
    seaweed: SeaweedServer,
) -> None:
    bucket = seaweed.new_bucket(versioned=True)
    store = seaweed.store(bucket)
    for content in (b"first", b"second", b"third"):
        seaweed.client().put_object(bucket, "customers/a/1.jpg", io.BytesIO(content), len(content))
    store.put("customers/a/1.jpg.note", b"of another")
    seaweed.client().remove_object(bucket, "customers/a/1.jpg")  # lays a marker only
    assert len(versions(seaweed, bucket)) == 5
    store.delete("customers/a/1.jpg")
    assert versions(seaweed, bucket) == ["customers/a/1.jpg.note"]


@pytest.mark.duty("GDPR 5(1)(e)")
def test_art_5_nothing_is_left_of_what_an_object_replaces(seaweed: SeaweedServer) -> None:
    """A face that is blurred later, a crop that is sealed later."""
    bucket = seaweed.new_bucket(versioned=True)
    store = seaweed.store(bucket)
    for content in (b"first", b"second", b"third"):
        store.put("photos/a/shown.jpg", content)
    store.put_stream("photos/a/shown.jpg", io.BytesIO(b"last"), size_bytes=None)
    store.put("photos/a/shown.jpg.note", b"of another")
    assert versions(seaweed, bucket) == ["photos/a/shown.jpg", "photos/a/shown.jpg.note"]
    assert store.get("photos/a/shown.jpg") == b"last"


def test_object_that_many_replace_at_once_stays_there(seaweed: SeaweedServer) -> None:
    bucket = seaweed.new_bucket(versioned=True)
    store = seaweed.store(bucket)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: store.put("photos/a", b"%d" % n), range(24)))
    assert store.get("photos/a")
    assert versions(seaweed, bucket) == ["photos/a"]


def test_delete_removes_parts_that_were_never_made_an_object(
    seaweed: SeaweedServer, store: S3BlobStore, bucket: str
) -> None:
    client = seaweed.client()
    for key in ("customers/a/1.jpg", "customers/a/1.jpg2"):
        upload = client._create_multipart_upload(bucket, key, {})
        client._upload_part(bucket, key, b"half a face", None, upload, 1)
    store.delete("customers/a/1.jpg")
    assert unfinished(seaweed, bucket, "customers/") == ["customers/a/1.jpg2"]


# ── who may ─────────────────────────────────────────────────────────────────────────────────
def test_wrong_secret_is_refused_and_says_so(seaweed: SeaweedServer, bucket: str) -> None:
    store = seaweed.store(bucket, secret_key="not-the-secret")
    for call in (
        lambda: store.put("photos/a", b"x"),
        lambda: store.get("photos/a"),
        lambda: store.delete("photos/a"),
        lambda: store.keys(""),
    ):
        with pytest.raises(StorageUnavailableError, match="refuses the key") as refusal:
            call()
        assert refusal.value.facts["reason"] == "refused_credentials"
    assert not store.is_ready()


def test_clock_that_is_off_is_named_as_the_reason(
    store: S3BlobStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = minio.time.utcnow
    monkeypatch.setattr(minio.time, "utcnow", lambda: right() - timedelta(hours=1))
    with pytest.raises(StorageUnavailableError, match="NTP") as refusal:
        store.require_ready()
    assert refusal.value.facts["reason"] == "clock_skew"


def test_bucket_that_is_not_there_is_named_with_what_makes_it(seaweed: SeaweedServer) -> None:
    with pytest.raises(StorageUnavailableError, match="storage prepare"):
        seaweed.store("nobody-made-this").put("photos/a", b"x")


@pytest.mark.duty("GDPR 5(1)(f)")
def test_link_works_without_a_key_and_expires(store: S3BlobStore) -> None:
    store.put("photos/a.jpg", b"picture")
    link = store.presigned_url("photos/a.jpg", timedelta(seconds=2))
    answer = httpx.get(link, trust_env=False)
    assert (answer.status_code, answer.content) == (200, b"picture")
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["cache-control"] == "private, no-store"
    assert httpx.get(link.split("?")[0], trust_env=False).status_code == 403
    assert httpx.get(link.replace("a.jpg", "b.jpg"), trust_env=False).status_code == 403
    time.sleep(2.5)
    assert httpx.get(link, trust_env=False).status_code == 403


def test_link_is_made_for_the_public_address(seaweed: SeaweedServer, bucket: str) -> None:
    store = seaweed.store(bucket, public_endpoint="https://objects.example.com")
    link = store.presigned_url("photos/a.jpg", timedelta(minutes=1))
    assert link.startswith(f"https://objects.example.com/{bucket}/photos/a.jpg?")
    assert seaweed.secret_key not in link


def test_link_that_would_live_long_is_not_made(store: S3BlobStore) -> None:
    with pytest.raises(ValueError, match="a link lives"):
        store.presigned_url("photos/a.jpg", timedelta(days=1))


def test_encrypted_object_is_stored_as_such(seaweed: SeaweedServer, bucket: str) -> None:
    store = seaweed.store(bucket, encryption="sse-s3")
    store.put("photos/a", b"picture")
    assert store.get("photos/a") == b"picture"
    stored = seaweed.client().stat_object(bucket, "photos/a").metadata
    assert stored is not None
    assert stored["x-amz-server-side-encryption"] == "AES256"


# ── a store that goes away ──────────────────────────────────────────────────────────────────
@pytest.fixture
def mortal(tmp_path: Path) -> Iterator[SeaweedServer]:
    """A server of this test's own, to be killed."""
    with SeaweedServer(tmp_path / "seaweedfs") as server:
        yield server


def test_killed_in_mid_put_leaves_old_or_new_and_nothing_half(mortal: SeaweedServer) -> None:
    bucket = mortal.new_bucket()
    store = mortal.store(bucket, patience=BRIEFLY)
    small = {f"photos/{n}": bytes([n]) * 200_000 for n in range(40)}
    store.put("backup/large", b"old")
    outcomes: dict[str, str] = {}

    def put_all() -> None:
        for key, content in {**small, "backup/large": LARGE}.items():
            try:
                store.put(key, content)
                outcomes[key] = "stored"
            except StorageUnavailableError:
                outcomes[key] = "refused"

    writer = threading.Thread(target=put_all)
    writer.start()
    while len(outcomes) < 8:
        time.sleep(0.001)
    mortal.kill()
    writer.join()
    assert set(outcomes.values()) == {"stored", "refused"}
    assert not store.is_ready()
    mortal.start()
    assert store.is_ready()
    assert store.get("backup/large") in (b"old", LARGE)
    for key, content in small.items():
        if outcomes[key] == "stored" or key in store.keys("photos/"):
            assert store.get(key) == content
    store.put("photos/after", b"works again")


def test_store_that_is_away_is_reported_within_a_bounded_time(mortal: SeaweedServer) -> None:
    store = mortal.store(mortal.new_bucket(), patience=BRIEFLY)
    store.put("photos/a", b"x")
    mortal.kill()
    started = time.monotonic()
    with pytest.raises(StorageUnavailableError) as away:
        store.get("photos/a")
    assert away.value.facts["reason"] == "unreachable"
    assert time.monotonic() - started < 5
    assert "photos/a" not in str(away.value)


# ── answers that SeaweedFS does not give ────────────────────────────────────────────────────
class Answering(BaseHTTPRequestHandler):
    """Gives one answer to everything; ``None`` is silence."""

    answer: tuple[int, str] | None = None
    asked = 0

    def _say(self) -> None:
        type(self).asked += 1
        if self.answer is None:
            time.sleep(3)
            return
        status, code = self.answer
        body = f"<Error><Code>{code}</Code><Message>as told</Message></Error>".encode()
        self.rfile.read(int(self.headers.get("content-length") or 0))
        self.send_response(status)
        self.send_header("content-type", "application/xml" if code else "text/html")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _say  # noqa: N815 - the names it looks for

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def answering() -> Iterator[tuple[type[Answering], S3BlobStore]]:
    handler = type("Told", (Answering,), {})
    server = HTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    store = S3BlobStore(
        f"http://127.0.0.1:{server.server_port}",
        access_key="a",
        secret_key="b",
        bucket="told",
        patience=Patience(connect_s=0.5, read_s=0.5, retries=1),
    )
    yield handler, store
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    "answer",
    [
        *((507, "XMinioStorageFull"), (400, "XMinioAdminBucketQuotaExceeded"), (507, "")),
        (403, "QuotaExceeded"),
    ],
)
def test_every_way_to_say_that_there_is_no_room_is_a_full_store(
    answering: tuple[type[Answering], S3BlobStore], answer: tuple[int, str]
) -> None:
    handler, store = answering
    handler.answer = answer
    with pytest.raises(StorageFullError):
        store.put("photos/a", b"x")


@pytest.mark.parametrize("answer", [(503, "SlowDown"), (500, "InternalError"), (502, "")])
def test_fault_of_the_store_is_tried_again_and_then_reported(
    answering: tuple[type[Answering], S3BlobStore], answer: tuple[int, str]
) -> None:
    handler, store = answering
    handler.answer = answer
    with pytest.raises(StorageUnavailableError):
        store.put("photos/a", b"x")
    assert handler.asked == 2


def test_silence_ends_after_the_patience_that_was_given(
    answering: tuple[type[Answering], S3BlobStore],
) -> None:
    _, store = answering
    started = time.monotonic()
    with pytest.raises(StorageUnavailableError):
        store.keys("")
    assert time.monotonic() - started < 2.5


def test_missing_bucket_is_not_taken_for_a_missing_object(
    answering: tuple[type[Answering], S3BlobStore],
) -> None:
    handler, store = answering
    handler.answer = (404, "NoSuchBucket")
    with pytest.raises(StorageUnavailableError):
        store.get("photos/a")
    handler.answer = (404, "NoSuchKey")
    with pytest.raises(BlobMissingError):
        store.get("photos/a")


def test_refusal_to_list_versions_stops_an_erasure(
    answering: tuple[type[Answering], S3BlobStore],
) -> None:
    handler, store = answering
    handler.answer = (403, "AccessDenied")
    with pytest.raises(StorageUnavailableError):
        store.delete("customers/a/1.jpg")


# ── how it is set up ────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("endpoint", ["s3.example.com", "ftp://a", "http://", "http://a/path"])
def test_endpoint_that_is_no_address_is_refused_at_once(endpoint: str) -> None:
    with pytest.raises(StartUpError, match="endpoint must be"):
        S3BlobStore(endpoint, access_key="a", secret_key="b", bucket="bucket")


def test_secret_is_not_in_what_is_printed() -> None:
    assert "hush" not in repr(S3Access("http://a", "key", "hush"))
