"""Proof that an unsafe request was made by one of our own pages.

The token is an HMAC of the session's access token: it cannot be made without our key, it differs
for each session, and it dies with it. Forms send it as a hidden field, scripts as a header.
"""

import base64
import hashlib
import hmac

from starlette.requests import Request

from services.web.sessions import WebSession, derived_key

FIELD = "csrf_token"
HEADER = "x-csrf-token"


class ForgedRequestError(Exception):
    """The request carries no token of this session, or comes from another site."""


class CsrfTokens:
    """Of several keys the first makes tokens, and those of any are taken."""

    def __init__(self, *secret_keys: bytes) -> None:
        self._keys = [derived_key(key, "csrf") for key in secret_keys]

    def issue(self, session: WebSession) -> str:
        return _token(self._keys[0], session)

    def require(self, request: Request, session: WebSession, submitted: str | None) -> None:
        """Let the request pass, or raise ``ForgedRequestError``."""
        token = submitted or request.headers.get(HEADER, "")
        ours = [_token(key, session).encode() for key in self._keys]
        if not any(hmac.compare_digest(token.encode(), one) for one in ours):
            raise ForgedRequestError
        if request.headers.get("sec-fetch-site", "same-origin") == "cross-site":
            raise ForgedRequestError


def _token(key: bytes, session: WebSession) -> str:
    digest = hmac.new(key, session.access_token.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
