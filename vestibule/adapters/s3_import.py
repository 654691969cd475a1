"""Photos of people under a prefix of a bucket that was set aside for imports."""

from collections.abc import Iterator
from contextlib import closing

import urllib3
from minio.datatypes import Object
from minio.error import S3Error

from vestibule.adapters.s3_client import Patience, S3Access, open_client, store_errors
from vestibule.domain.errors import BlobMissingError, ImportRefusedError, PhotoTooLargeError
from vestibule.ports import ImportPerson, ImportPhoto

_CHUNK_BYTES = 2**18


class S3Import:
    """Needs a key that may list and read there, and nothing else."""

    def __init__(
        self, access: S3Access, *, bucket: str, prefix: str = "", patience: Patience | None = None
    ) -> None:
        """``prefix`` is like a folder, with or without its slash at the end. Sends nothing."""
        steps = prefix.strip("/").split("/") if prefix.strip("/") else []
        if any(step in ("", ".", "..") for step in steps):
            raise ImportRefusedError("The prefix must be names joined by slashes.")
        self._prefix = "".join(f"{step}/" for step in steps)
        self._bucket = bucket
        self._client = open_client(access, patience)

    def people(self, *, after: str | None = None) -> Iterator[ImportPerson]:
        with store_errors():
            listed = self._client.list_objects(self._bucket, prefix=self._prefix)
            names = [self._name(item) for item in listed if item.is_dir]
        # Stores disagree where "Ada B/" stands beside "Ada/", so none of their orders is relied on.
        for name in sorted(names):
            if name and not name.startswith(".") and (after is None or name > after):
                with store_errors():
                    person = self._person(name)
                yield person

    def read(self, photo: ImportPhoto, *, limit_bytes: int) -> bytes:
        if any(step in ("", ".", "..") for step in photo.path.split("/")):
            raise ImportRefusedError("A photo is named by its person's folder and its file.")
        content = bytearray()
        with store_errors(), closing(self._open(photo.path)) as answer:
            for chunk in answer.stream(_CHUNK_BYTES):
                content += chunk
                if len(content) > limit_bytes:
                    raise PhotoTooLargeError(limit_bytes=limit_bytes)
        return bytes(content)

    def _person(self, folder: str) -> ImportPerson:
        under = f"{self._prefix}{folder}/"
        photos = [
            ImportPhoto(f"{folder}/{name}", item.size)
            for item in self._client.list_objects(self._bucket, prefix=under)
            if not item.is_dir
            and (name := (item.object_name or "").removeprefix(under))
            and not name.startswith(".")
        ]
        return ImportPerson(folder, tuple(sorted(photos, key=lambda photo: photo.path)))

    def _name(self, folder: Object) -> str:
        return (folder.object_name or "").removeprefix(self._prefix).removesuffix("/")

    def _open(self, path: str) -> urllib3.BaseHTTPResponse:
        try:
            return self._client.get_object(self._bucket, self._prefix + path)
        except S3Error as error:
            if error.code == "NoSuchKey":
                raise BlobMissingError(key=path) from error
            raise
