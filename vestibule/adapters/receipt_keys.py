"""Ed25519 signatures and keyed digests, both derived from one secret of 32 bytes."""

import hashlib
import hmac
from contextlib import suppress

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

_KEY_BYTES = 32


class Ed25519ReceiptKeys:
    """Each use has its own key, so that neither says anything of the other.

    With a ``former`` secret, what was signed and digested under it is known again.
    """

    def __init__(self, secret: bytes, *, former: bytes | None = None) -> None:
        secrets = [secret] if former is None else [secret, former]
        for each in secrets:
            if len(each) != _KEY_BYTES:
                raise ValueError(f"the secret must have {_KEY_BYTES} bytes, not {len(each)}")
        self._pairs = [
            Ed25519PrivateKey.from_private_bytes(_derived(each, b"receipts")) for each in secrets
        ]
        self._digests = [_derived(each, b"digests") for each in secrets]

    @property
    def key_id(self) -> str:
        der = (
            self._pairs[0]
            .public_key()
            .public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        )
        return hashlib.sha256(der).hexdigest()

    @property
    def public_pem(self) -> str:
        found = (
            self._pairs[0]
            .public_key()
            .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        )
        return found.decode()

    def sign(self, content: bytes) -> bytes:
        return self._pairs[0].sign(content)

    def is_signed(self, content: bytes, signature: bytes) -> bool:
        for pair in self._pairs:
            with suppress(InvalidSignature):
                pair.public_key().verify(signature, content)
                return True
        return False

    def digests(self, kind: str, value: str) -> list[str]:
        said = f"{kind}\0{value}".encode()
        return [hmac.new(key, said, hashlib.sha256).hexdigest() for key in self._digests]


def _derived(secret: bytes, use: bytes) -> bytes:
    info = b"vestibule " + use
    return HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=info).derive(secret)
