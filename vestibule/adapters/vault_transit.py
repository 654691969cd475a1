"""Keys wrapped by a key management service: the transit engine of OpenBao or HashiCorp Vault.

Also what an agent of theirs, or a bridge to another service, answers in their words.
"""

import base64
import binascii
from urllib.parse import urlsplit

import httpx

from vestibule.adapters.this_machine import is_this_machine
from vestibule.domain.errors import StartUpError

MARK = b"vault:v"
"""How what it wrapped begins, as the engine writes it: ``vault:v<version of its key>:<base64>``."""
_PATIENCE_S = 10.0


class VaultTransit:
    """One key of one transit engine. ``token`` is None where an agent on this machine adds it.

    Raises StartUpError for an address that is neither https nor this machine.
    """

    def __init__(
        self,
        url: str,
        *,
        key: str,
        token: str | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        parts = urlsplit(url)
        is_here = parts.scheme == "http" and is_this_machine(parts.hostname)
        if not parts.hostname or not (parts.scheme == "https" or is_here):
            raise StartUpError(
                "VESTIBULE_KMS_URL begins with https:// or is on this machine: keys pass there.",
                reason="kms_insecure",
            )
        self._engine = f"{url.rstrip('/')}/v1/transit"
        self._key = key
        self._headers = {"X-Vault-Request": "true"} | ({"X-Vault-Token": token} if token else {})
        self._transport = transport
        self._opened: dict[bytes, bytes] = {}

    def wrap(self, key: bytes) -> bytes:
        """ASCII, which begins with ``MARK``. Raises StartUpError."""
        plain = base64.b64encode(key).decode()
        wrapped = self._asked("encrypt", {"plaintext": plain}, answer="ciphertext").encode()
        if not wrapped.startswith(MARK):
            raise self._refused("its answer is no wrapped key")
        return wrapped

    def unwrap(self, wrapped: bytes) -> bytes:
        """Asked once for each: what was opened stays in memory, where its users keep it anyway.

        Raises StartUpError: the service is away, refuses, or did not wrap this.
        """
        if wrapped not in self._opened:
            self._opened[wrapped] = self._unwrapped(wrapped)
        return self._opened[wrapped]

    def _unwrapped(self, wrapped: bytes) -> bytes:
        told = {"ciphertext": wrapped.decode("ascii", "replace").strip()}
        try:
            return base64.b64decode(self._asked("decrypt", told, answer="plaintext"), validate=True)
        except binascii.Error as error:
            raise self._refused("its answer is no key") from error

    def _asked(self, verb: str, told: dict[str, str], *, answer: str) -> str:
        try:
            with httpx.Client(timeout=_PATIENCE_S, transport=self._transport) as http:
                said = http.post(
                    f"{self._engine}/{verb}/{self._key}", json=told, headers=self._headers
                )
        except httpx.HTTPError as error:
            raise StartUpError(
                f"The key management service does not answer ({type(error).__name__}). Keys that "
                "it wrapped cannot be opened without it: start it, or mend VESTIBULE_KMS_URL.",
                reason="kms_unreachable",
            ) from error
        if not said.is_success:
            raise self._refused(f"status {said.status_code}")
        try:
            found = said.json()["data"][answer]
        except (ValueError, KeyError, TypeError) as error:
            raise self._refused("its answer is of another form") from error
        return str(found)

    def _refused(self, why: str) -> StartUpError:
        return StartUpError(
            f"The key management service refused to open or wrap a key by {self._key}: {why}. Its "
            "token must be good, and allowed transit/encrypt and transit/decrypt of that key.",
            reason="kms_refused",
        )
