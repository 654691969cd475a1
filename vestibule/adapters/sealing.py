"""Authenticated encryption for what must not be read without the installation's key."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from vestibule.domain.errors import StartUpError

_KEY_BYTES = 32
_NONCE_BYTES = 12  # NIST SP 800-38D, 8.2.2: random nonces, good for 2^32 messages under one key
_VERSION = b"\x01"


class AesGcmSealer:
    """AES-256-GCM: version byte, nonce, ciphertext and tag, in this order.

    With a ``former`` key, what was sealed by that one opens too; nothing is sealed by it any more.
    """

    def __init__(self, key: bytes, *, former: bytes | None = None) -> None:
        keys = [key] if former is None else [key, former]
        for each in keys:
            if len(each) != _KEY_BYTES:
                raise ValueError(f"the key must have {_KEY_BYTES} bytes, not {len(each)}")
        self._cipher, *self._former = [AESGCM(each) for each in keys]

    def seal(self, plaintext: bytes, *, context: str) -> bytes:
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return _VERSION + nonce + self._cipher.encrypt(nonce, plaintext, context.encode())

    def unseal(self, ciphertext: bytes, *, context: str) -> bytes:
        if ciphertext[:1] != _VERSION:
            raise ValueError("sealed by an unknown version")
        nonce, sealed = ciphertext[1 : 1 + _NONCE_BYTES], ciphertext[1 + _NONCE_BYTES :]
        for cipher in (self._cipher, *self._former):
            # ValueError when it was cut short
            with suppress(InvalidTag, ValueError):
                return cipher.decrypt(nonce, sealed, context.encode())
        raise ValueError("the sealed bytes were changed, moved, or sealed by another key")

    def under(self, key: bytes) -> "AesGcmSealer":
        """A sealer with another key; raises ValueError unless it has 32 bytes."""
        return AesGcmSealer(key)


def load_or_create_key(path: Path) -> bytes:
    """The 32 bytes in ``path``, made at random the first time; all racing callers get the same.

    Raises StartUpError when the file holds anything else: guessing on would lose what is sealed.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        _create(path)
    return load_key(path)


def load_key(path: Path) -> bytes:
    """The 32 bytes in ``path``. Raises StartUpError when there are none, or not 32."""
    try:
        key = path.read_bytes()
    except OSError as error:
        raise StartUpError(
            f"The key {path} cannot be read. `vestibule secrets create` makes the keys once.",
            reason="key_file_missing",
            path=str(path),
        ) from error
    if len(key) != _KEY_BYTES:
        raise StartUpError(
            f"{path} does not hold a key of {_KEY_BYTES} bytes. Restore it from a backup.",
            reason="key_file_damaged",
            path=str(path),
        )
    return key


def _create(path: Path) -> None:
    part = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(_KEY_BYTES))
            file.flush()
            os.fsync(descriptor)
        # A link, unlike a rename, never replaces the key of somebody who was quicker.
        path.hardlink_to(part)
    except FileExistsError:
        pass
    finally:
        part.unlink()
