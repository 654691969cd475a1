"""Authenticated encryption for what must not be read without the installation's key."""

import secrets
from contextlib import suppress

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

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
