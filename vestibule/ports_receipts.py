"""The installation's own word: receipts that anybody can check, digests that nobody else can."""

from typing import Protocol


class ReceiptKeys(Protocol):
    """Made of one secret. Safe to call from several threads."""

    @property
    def key_id(self) -> str:
        """SHA-256 of the public key as it stands in its PEM (DER), hexadecimal."""
        ...

    @property
    def public_pem(self) -> str:
        """The public key, for `openssl pkeyutl -verify -pubin`."""
        ...

    def sign(self, content: bytes) -> bytes:
        """Ed25519 (RFC 8032): 64 bytes, the same each time."""
        ...

    def is_signed(self, content: bytes, signature: bytes) -> bool: ...

    def digests(self, kind: str, value: str) -> list[str]:
        """Keyed digests (HMAC-SHA-256): without the secret they can be compared with nothing.

        The first is of the key in use; others are of one before it, to know again what it made.
        """
        ...
