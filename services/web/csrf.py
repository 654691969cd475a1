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
    def __init__(self, secret_key: bytes) -> None:
        self._key = derived_key(secret_key, "csrf")

    def issue(self, session: WebSession) -> str:
        digest = hmac.new(self._key, session.access_token.encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")

    def require(self, request: Request, session: WebSession, submitted: str | None) -> None:
        """Let the request pass, or raise ``ForgedRequestError``."""
        token = submitted or request.headers.get(HEADER, "")
        if not hmac.compare_digest(token.encode(), self.issue(session).encode()):
            raise ForgedRequestError
        if request.headers.get("sec-fetch-site", "same-origin") == "cross-site":
            raise ForgedRequestError
