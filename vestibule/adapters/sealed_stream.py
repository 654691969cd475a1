"""AES-256-GCM over streams of any length, a MiB at a time.

The STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár: Online Authenticated-Encryption and
its Nonce-Reuse Misuse-Resistance, 2015): each piece has its number and whether it is the last in
its nonce, so none can be changed, moved, repeated or cut off unnoticed. Each file has its own key.
"""

import io
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from vestibule.domain.errors import BackupError, DamagedBackupError

KEY_BYTES = 32
_MAGIC = b"vestibule-backup-1\n"
_SALT_BYTES = 32
_PIECE_BYTES = 2**20
_TAG_BYTES = 16


class AesGcmStreams:
    """Seals each file under a key derived from the backup's key, a random salt and its name."""

    def __init__(self, key: bytes, *, magic: bytes = _MAGIC) -> None:
        """``magic`` begins each file, and says to people and tools what it is."""
        if len(key) != KEY_BYTES:
            raise BackupError(f"A key for backups has {KEY_BYTES} bytes, not {len(key)}.")
        self._key, self._magic = key, magic

    @contextmanager
    def sealing(self, into: BinaryIO, *, name: str) -> Iterator[BinaryIO]:
        salt = secrets.token_bytes(_SALT_BYTES)
        into.write(self._magic + salt)
        pieces = _Sealing(self._cipher(salt, name), into)
        with io.BufferedWriter(cast(io.RawIOBase, pieces), _PIECE_BYTES) as buffered:
            yield cast(BinaryIO, buffered)
            buffered.flush()
            pieces.finish()

    def opening(self, sealed: BinaryIO, *, name: str) -> BinaryIO:
        head = _read_up_to(sealed, len(self._magic) + _SALT_BYTES)
        if not head.startswith(self._magic) or len(head) != len(self._magic) + _SALT_BYTES:
            raise DamagedBackupError("This is not a file of a backup, or it is cut short.")
        cipher = self._cipher(head[len(self._magic) :], name)
        return cast(BinaryIO, io.BufferedReader(_Opening(cipher, sealed), _PIECE_BYTES))

    def _cipher(self, salt: bytes, name: str) -> AESGCM:
        derive = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=salt, info=name.encode())
        return AESGCM(derive.derive(self._key))


class _Sealing(io.RawIOBase):
    """Holds one piece back, because the last one is sealed differently."""

    def __init__(self, cipher: AESGCM, into: BinaryIO) -> None:
        self._cipher, self._into = cipher, into
        self._held = bytearray()
        self._number = 0

    def writable(self) -> bool:
        return True

    def write(self, content: "bytes | bytearray | memoryview") -> int:  # type: ignore[override]  # any buffer
        self._held += content
        while len(self._held) > _PIECE_BYTES:
            self._seal(bytes(self._held[:_PIECE_BYTES]), is_last=False)
            del self._held[:_PIECE_BYTES]
        return len(content)

    def finish(self) -> None:
        self._seal(bytes(self._held), is_last=True)
        self._held.clear()

    def _seal(self, piece: bytes, *, is_last: bool) -> None:
        self._into.write(self._cipher.encrypt(_nonce(self._number, is_last=is_last), piece, None))
        self._number += 1


class _Opening(io.RawIOBase):
    """Opens piece by piece; what it gives out was authenticated before."""

    def __init__(self, cipher: AESGCM, sealed: BinaryIO) -> None:
        self._cipher, self._sealed = cipher, sealed
        self._number = 0
        self._next = _read_up_to(sealed, _PIECE_BYTES + _TAG_BYTES)
        self._open = memoryview(b"")
        self._is_over = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]  # any buffer
        while not self._open and not self._is_over:
            self._advance()
        count = min(len(buffer), len(self._open))
        buffer[:count] = self._open[:count]
        self._open = self._open[count:]
        return count

    def _advance(self) -> None:
        piece = self._next
        self._next = _read_up_to(self._sealed, _PIECE_BYTES + _TAG_BYTES)
        self._is_over = not self._next
        nonce = _nonce(self._number, is_last=self._is_over)
        try:
            self._open = memoryview(self._cipher.decrypt(nonce, piece, None))
        except (InvalidTag, ValueError) as error:  # the latter when hardly anything is left
            raise DamagedBackupError(
                "The backup was changed or cut short, or this is not its key."
            ) from error
        self._number += 1


def load_backup_key(path: Path) -> bytes:
    """The 32 bytes in ``path``. Raises BackupError."""
    try:
        key = path.read_bytes()
    except OSError as error:
        raise BackupError(
            f"The key for backups cannot be read from {path}: {error.strerror}."
        ) from error
    if len(key) != KEY_BYTES:
        raise BackupError(f"{path} does not hold a key of {KEY_BYTES} bytes.")
    return key


def make_backup_key(path: Path) -> None:
    """A new random key, for this account alone. Raises BackupError where there is a file."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise BackupError(f"No key was written to {path}: {error.strerror}.") from error
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_bytes(KEY_BYTES))
        file.flush()
        os.fsync(descriptor)


def _nonce(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([is_last])


def _read_up_to(stream: BinaryIO, size: int) -> bytes:
    """Fewer bytes only at the end: a pipe or a socket may give less at a time."""
    found = bytearray()
    while len(found) < size and (piece := stream.read(size - len(found))):
        found += piece
    return bytes(found)
