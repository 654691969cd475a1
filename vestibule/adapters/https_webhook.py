"""Tells one address outside of alerts: HTTPS, signed, and nowhere but where the setting says.

The name is resolved once and the connection goes to the very address that was checked, so a name
that points inside, or changes while we look, reaches nothing of ours. Redirects are not followed.
"""

import hashlib
import hmac
import http.client
import ipaddress
import socket
import ssl
from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlsplit

from vestibule.domain.errors import NotDeliveredError, StartUpError

SIGNATURE_HEADER = "Vestibule-Signature"
ANSWER_WITHIN_S = 5.0
_TAKEN = range(200, 300)
Resolve = Callable[[str, int], list[str]]


class HttpsWebhook:
    """Safe to use from several threads. Raises StartUpError for a URL that can not be right."""

    def __init__(
        self,
        url: str,
        *,
        secret: bytes,
        allows_private: bool = False,
        resolve: Resolve | None = None,
        context: ssl.SSLContext | None = None,
    ) -> None:
        """``allows_private``: the address may be one of this network. ``resolve`` is for tests."""
        parts = urlsplit(url)
        if parts.scheme != "https" or not parts.hostname or parts.username or parts.password:
            raise StartUpError(
                "VESTIBULE_ALERT_WEBHOOK_URL must begin with https:// and hold no password.",
                reason="webhook_url",
            )
        if len(secret) < 16:
            raise StartUpError(
                "VESTIBULE_ALERT_WEBHOOK_SECRET needs 16 characters at least: it signs.",
                reason="webhook_secret",
            )
        self._host, self._port = parts.hostname, parts.port or 443
        self._path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._secret = secret
        self._allows_private = allows_private
        self._resolve = resolve or _addresses
        self._context = context or ssl.create_default_context()

    def deliver(self, body: bytes, *, at: datetime) -> None:
        """Raises NotDeliveredError: no answer, a refusal, or an address that is not allowed."""
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "Vestibule",
            SIGNATURE_HEADER: signature(self._secret, body, at=at),
        }
        try:
            status = self._post(self._allowed_address(), body, headers)
        except (OSError, http.client.HTTPException) as error:
            raise NotDeliveredError(reason=type(error).__name__) from error
        if status not in _TAKEN:
            raise NotDeliveredError(reason=f"status_{status}")

    def _allowed_address(self) -> str:
        addresses = self._resolve(self._host, self._port)
        if not addresses:
            raise NotDeliveredError(reason="no_address")
        if not self._allows_private and not all(map(_is_public, addresses)):
            raise NotDeliveredError(reason="private_address")
        return addresses[0]

    def _post(self, address: str, body: bytes, headers: dict[str, str]) -> int:
        connection = _PinnedConnection(
            self._host, self._port, address=address, context=self._context
        )
        try:
            connection.request("POST", self._path, body=body, headers=headers)
            return connection.getresponse().status
        finally:
            connection.close()


class _PinnedConnection(http.client.HTTPSConnection):
    """Connects to a given address and checks the certificate against the host's name."""

    def __init__(self, host: str, port: int, *, address: str, context: ssl.SSLContext) -> None:
        super().__init__(host, port, timeout=ANSWER_WITHIN_S, context=context)
        self._address = address
        self._tls = context

    def connect(self) -> None:
        plain = socket.create_connection((self._address, self.port), ANSWER_WITHIN_S)
        try:
            self.sock = self._tls.wrap_socket(plain, server_hostname=self.host)
        except BaseException:
            plain.close()
            raise


def signature(secret: bytes, body: bytes, *, at: datetime) -> str:
    """``t=UNIX,v1=HEX``: HMAC-SHA256 of the time, a dot and the body. An old one is seen by it."""
    moment = int(at.timestamp())
    digest = hmac.new(secret, f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={moment},v1={digest}"


def _addresses(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(item[4][0]) for item in found))


def _is_public(address: str) -> bool:
    """Not this machine, not this network, not the cloud's own service, not a multicast."""
    parsed = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(parsed, ipaddress.IPv6Address):
        inner = parsed.ipv4_mapped or parsed.sixtofour
        if inner is not None:
            parsed = inner
    return parsed.is_global and not parsed.is_multicast
