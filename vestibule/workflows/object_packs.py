"""Objects in a few large files: two lengths, the key, the content, and so on.

A file an object would tell by names and sizes what the sealing hides, and a million small files
are slow everywhere.
"""

import hashlib
import struct
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import BinaryIO

from vestibule.domain.backup_manifest import Pack
from vestibule.domain.errors import DamagedBackupError
from vestibule.ports_backup import BackupPlace, StreamCipher

PACK_BYTES = 256 * 2**20
_LENGTHS = struct.Struct(">HQ")
_LARGEST_OBJECT_BYTES = 2**30


class PackWriter:
    """Begins a new pack when one is full."""

    def __init__(
        self,
        place: BackupPlace,
        cipher: StreamCipher,
        closing: ExitStack,
        *,
        name_of: Callable[[int], str],
    ) -> None:
        """Should ``closing`` unwind by an error, the pack that is being written is not kept."""
        self._place, self._cipher, self._name_of = place, cipher, name_of
        self._open = closing.enter_context(ExitStack())
        self._packs: list[Pack] = []
        self._into: BinaryIO | None = None
        self._begin_anew()

    def add(self, key: str, content: bytes) -> None:
        if self._into is None:
            self._into = self._begin_file()
        named = key.encode()
        for part in (_LENGTHS.pack(len(named), len(content)), named, content):
            self._into.write(part)
            self._sha256.update(part)
        self._objects += 1
        self._size_bytes += len(content)
        if self._size_bytes >= PACK_BYTES:
            self._end_file()

    def finish(self) -> tuple[Pack, ...]:
        self._end_file()
        return tuple(self._packs)

    def _begin_file(self) -> BinaryIO:
        name = self._name_of(len(self._packs) + 1)
        file = self._open.enter_context(self._place.writing(name))
        return self._open.enter_context(self._cipher.sealing(file, name=name))

    def _end_file(self) -> None:
        if self._into is None:
            return
        self._open.close()
        name = self._name_of(len(self._packs) + 1)
        sha256 = self._sha256.hexdigest()
        self._packs.append(Pack(name, self._objects, self._size_bytes, sha256))
        self._into = None
        self._begin_anew()

    def _begin_anew(self) -> None:
        self._sha256 = hashlib.sha256()
        self._objects = self._size_bytes = 0


def read_pack(place: BackupPlace, cipher: StreamCipher, pack: Pack) -> Iterator[tuple[str, bytes]]:
    """Key and content of each object. Raises DamagedBackupError, at the end if all else fits."""
    sha256, found = hashlib.sha256(), 0
    with place.reading(pack.name) as file:
        stream = cipher.opening(file, name=pack.name)
        while lengths := stream.read(_LENGTHS.size):
            if len(lengths) < _LENGTHS.size:
                raise DamagedBackupError(f"{pack.name} is cut short.", name=pack.name)
            key_bytes, size_bytes = _LENGTHS.unpack(lengths)
            if size_bytes > _LARGEST_OBJECT_BYTES:
                raise DamagedBackupError(f"{pack.name} holds no objects.", name=pack.name)
            key, content = stream.read(key_bytes), stream.read(size_bytes)
            for part in (lengths, key, content):
                sha256.update(part)
            found += 1
            yield key.decode(), content
    if found != pack.objects or sha256.hexdigest() != pack.sha256:
        raise DamagedBackupError(f"{pack.name} is not what the manifest says.", name=pack.name)
