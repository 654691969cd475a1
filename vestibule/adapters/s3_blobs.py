"""Photos and crops as objects of one bucket of any S3."""

import io
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from typing import BinaryIO, Literal

import urllib3
from minio import Minio
from minio.error import S3Error
from minio.helpers import DictType
from minio.sse import SseS3

from vestibule.adapters.s3_client import (
    Patience,
    S3Access,
    open_client,
    says_not_implemented,
    store_errors,
)
from vestibule.domain.blob_key import segments_of
from vestibule.domain.errors import BlobMissingError, StorageUnavailableError

Encryption = Literal["none", "sse-s3"]

PART_BYTES = 8 * 2**20
"""Larger objects are sent in parts of this, three at a time."""
LONGEST_LINK = timedelta(minutes=15)
_MISSING = ("NoSuchKey", "NoSuchVersion")
_CHUNK_BYTES = 2**18
_READS = 2
_IMPATIENT = Patience(connect_s=1.0, read_s=3.0, retries=0)
_CONTENT_TYPES = {"jpg": "image/jpeg", "png": "image/png"}


class S3BlobStore:
    """Safe to call from several threads. Nothing is sent before the first call.

    A store that does not answer, or refuses, raises StorageUnavailableError after a bounded time.
    An object is there as a whole or not at all: S3 shows neither half a PUT nor parts that were
    not completed.
    """

    def __init__(
        self,
        endpoint: str,
        *,
        access_key: str,
        secret_key: str,
        bucket: str,
        region: str = "us-east-1",
        encryption: Encryption = "none",
        public_endpoint: str | None = None,
        patience: Patience | None = None,
    ) -> None:
        """Links are made for ``public_endpoint``, where browsers reach the same store."""
        access = S3Access(endpoint, access_key, secret_key, region)
        public = S3Access(public_endpoint or endpoint, access_key, secret_key, region)
        self._bucket = bucket
        self._client = open_client(access, patience)
        self._impatient = open_client(access, _IMPATIENT)
        self._public = open_client(public)
        self._sse = SseS3() if encryption == "sse-s3" else None

    def put(self, key: str, content: bytes) -> None:
        self.put_stream(key, io.BytesIO(content), size_bytes=len(content))

    def put_stream(self, key: str, content: BinaryIO, *, size_bytes: int | None) -> None:
        """Like ``put``, holding a few parts in memory at most; None until the stream ends.

        What it replaces is gone, also in a bucket with versions: a face that was blurred since, a
        crop that was not sealed yet. Raises what ``put`` raises, and what reading raises; there is
        no object then.
        """
        segments_of(key)
        with store_errors():
            written = self._client.put_object(
                self._bucket,
                key,
                content,
                -1 if size_bytes is None else size_bytes,
                content_type=_CONTENT_TYPES.get(key.rpartition(".")[2], "application/octet-stream"),
                sse=self._sse,
                part_size=PART_BYTES,
            )
            if written.version_id is not None:
                self._remove_versions(key, but_the_newest=True)

    def get(self, key: str) -> bytes:
        segments_of(key)
        for attempt in range(_READS):
            with store_errors():
                answer = self._open(key)
            try:
                with store_errors(), closing(answer):
                    return b"".join(answer.stream(_CHUNK_BYTES))
            except StorageUnavailableError:  # cut off while it was read; it is asked for once more
                if attempt == _READS - 1:
                    raise
        raise AssertionError("a read either returns or raises")

    def read_chunks(self, key: str) -> Iterator[bytes]:
        """The object piece by piece. Raises BlobMissingError before the first."""
        segments_of(key)
        with store_errors(), closing(self._open(key)) as answer:
            yield from answer.stream(_CHUNK_BYTES)

    def delete(self, key: str) -> None:
        """With every version, every delete marker and every upload that was never finished."""
        segments_of(key)
        with store_errors():
            self._abort_uploads(key)
            self._remove_versions(key)

    def keys(self, prefix: str) -> list[str]:
        """Every key that begins with ``prefix``, sorted."""
        with store_errors():
            found = self._client.list_objects(self._bucket, prefix=prefix, recursive=True)
            names = [item.object_name for item in found if item.object_name is not None]
        return sorted(name for name in names if not name.endswith("/"))

    def free_bytes(self) -> int | None:
        """No S3 says how much room it has left."""
        return None

    def presigned_url(self, key: str, life: timedelta) -> str:
        """A link that reads this object without a key until ``life`` has passed. Sends nothing.

        The product gives none to browsers (docs/adr/0018); it is for an operator's own programs.
        Whoever has the link has the picture: give it to one browser, and never log it.
        """
        segments_of(key)
        if not timedelta(seconds=1) <= life <= LONGEST_LINK:
            raise ValueError(f"a link lives for a second to {LONGEST_LINK}, not for {life}")
        headers: DictType = {"response-cache-control": "private, no-store"}
        return self._public.presigned_get_object(
            self._bucket, key, expires=life, response_headers=headers
        )

    def is_ready(self) -> bool:
        try:
            self.require_ready()
        except StorageUnavailableError:
            return False
        return True

    def require_ready(self) -> None:
        """Raises StorageUnavailableError, which says why, within a few seconds."""
        with store_errors():
            list(self._impatient.list_objects(self._bucket, prefix="is-it-ready/"))

    def _open(self, key: str) -> urllib3.BaseHTTPResponse:
        try:
            return self._client.get_object(self._bucket, key)
        except S3Error as error:
            if error.code in _MISSING:
                raise BlobMissingError(key=key) from error
            raise

    def _abort_uploads(self, key: str) -> None:
        try:
            uploads = list(_unfinished(self._client, self._bucket, key))
        except S3Error as error:
            if says_not_implemented(error):
                return
            raise
        for upload_id in uploads:
            try:
                self._client._abort_multipart_upload(self._bucket, key, upload_id)
            except S3Error as error:
                if error.code != "NoSuchUpload":  # finished or aborted meanwhile
                    raise

    def _remove_versions(self, key: str, *, but_the_newest: bool = False) -> None:
        """A plain DELETE in a bucket with versions would only lay a marker over them."""
        try:
            versions = [
                item.version_id
                for item in self._client.list_objects(
                    self._bucket, prefix=key, recursive=True, include_version=True
                )
                if item.object_name == key
            ]
        except S3Error as error:
            if not says_not_implemented(error):
                raise
            versions = [None]
        for version in versions[1:] if but_the_newest else versions:  # the newest is listed first
            self._client.remove_object(self._bucket, key, version_id=version)


def _unfinished(client: Minio, bucket: str, key: str) -> Iterator[str]:
    """Ids of the uploads of exactly this key, page by page. minio has no public name for it."""
    marker: str | None = None
    upload_marker: str | None = None
    while True:
        page = client._list_multipart_uploads(
            bucket, prefix=key, key_marker=marker, upload_id_marker=upload_marker
        )
        for upload in page.uploads:
            if upload.object_name == key and upload.upload_id:
                yield upload.upload_id
        if not page.is_truncated:
            return
        marker, upload_marker = page.next_key_marker, page.next_upload_id_marker
