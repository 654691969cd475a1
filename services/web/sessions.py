"""Who is signed in: the API's access token, encrypted in one cookie and kept nowhere else."""

import base64
import json
from dataclasses import dataclass
from datetime import datetime

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from starlette.requests import Request
from starlette.responses import Response


@dataclass(frozen=True, slots=True)
class WebSession:
    access_token: str
    expires_at: datetime


def derived_key(secret_key: bytes, purpose: str) -> bytes:
    """32 bytes for one purpose (RFC 5869), so that no key does two jobs."""
    return HKDF(
        algorithm=SHA256(), length=32, salt=None, info=f"vestibule web {purpose}".encode()
    ).derive(secret_key)


class CookieSealer:
    """Encrypts and authenticates what cookies carry (Fernet: AES-128-CBC with HMAC-SHA256).

    Of several keys the first encrypts, and any opens.
    """

    def __init__(self, *secret_keys: bytes) -> None:
        self._fernet = MultiFernet(
            [Fernet(base64.urlsafe_b64encode(derived_key(key, "cookies"))) for key in secret_keys]
        )

    def seal(self, value: object) -> str:
        return self._fernet.encrypt(json.dumps(value).encode()).decode()

    def open(self, sealed: str | None, *, max_age_s: int | None = None) -> object | None:
        """The value again, or None if it is missing, forged, too old or from another key."""
        if not sealed:
            return None
        try:
            opened: object = json.loads(self._fernet.decrypt(sealed.encode(), ttl=max_age_s))
        except (InvalidToken, ValueError):
            return None
        return opened


class SessionCookie:
    """The session's cookie.

    SameSite is Lax: with Strict a deep link from a chat or a terminal would land signed out.
    Unsafe requests carry a CSRF token in any case. ``__Host-`` binds it to this host over TLS.
    """

    def __init__(self, sealer: CookieSealer, *, secure: bool) -> None:
        self._sealer = sealer
        self._secure = secure
        self.name = "__Host-vestibule" if secure else "vestibule"

    def read(self, request: Request, now: datetime) -> WebSession | None:
        opened = self._sealer.open(request.cookies.get(self.name))
        if not isinstance(opened, dict):
            return None
        session = WebSession(opened["token"], datetime.fromisoformat(opened["expires_at"]))
        return session if session.expires_at > now else None

    def write(self, response: Response, session: WebSession) -> None:
        value = {"token": session.access_token, "expires_at": session.expires_at.isoformat()}
        response.set_cookie(
            self.name,
            self._sealer.seal(value),
            expires=session.expires_at,
            path="/",
            secure=self._secure,
            httponly=True,
            samesite="lax",
        )

    def clear(self, response: Response) -> None:
        response.delete_cookie(
            self.name, path="/", secure=self._secure, httponly=True, samesite="lax"
        )
