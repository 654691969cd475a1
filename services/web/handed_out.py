"""Pictures and files: by links that hold for minutes, for one address and for one session.

A page signs the link of every picture that it shows. Copied to somebody else, kept in a history or
made up from an id, it opens nothing, also for who may look at the person: that goes by a page.
"""

import base64
import hashlib
import hmac
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from urllib.parse import urlencode

from services.web.sessions import WebSession, derived_key

FIELD = "pass"
LIFE_S = 15 * 60
"""The least that a link holds: a page stays open while a queue is served, and its pictures load."""
_STEP_S = 5 * 60
"""Ends are rounded to these, so that a picture keeps its address while a page is drawn anew."""
_MAC_CHARACTERS = 22
"""128 bits."""

Sign = Callable[[str], str]


class LinkEndedError(Exception):
    """The link carries no pass, one of another session or address, or one that has had its time."""


class HandedOutLinks:
    """Of several keys the first makes passes, and those of any are taken."""

    def __init__(self, *secret_keys: bytes) -> None:
        self._keys = [derived_key(key, "handed out") for key in secret_keys]

    def signed(self, url: str, session: WebSession, *, now: datetime) -> str:
        """The address with its pass, which is for the path: the query may say how to show it."""
        path, _, query = url.partition("?")
        end = (int(now.timestamp()) // _STEP_S + 1) * _STEP_S + LIFE_S
        passed = urlencode({FIELD: f"{end}.{_mac(self._keys[0], session, path, end)}"})
        return f"{path}?{query}&{passed}" if query else f"{path}?{passed}"

    def require(self, path: str, passed: str, session: WebSession, *, now: datetime) -> None:
        """Raises LinkEndedError."""
        end, _, mac = passed.partition(".")
        if not (end.isascii() and end.isdecimal() and len(end) < 13):
            raise LinkEndedError
        ours = [_mac(key, session, path, int(end)).encode() for key in self._keys]
        is_ours = any(hmac.compare_digest(mac.encode(), one) for one in ours)
        if not is_ours or int(end) <= now.timestamp():
            raise LinkEndedError


def _mac(key: bytes, session: WebSession, path: str, end: int) -> str:
    words = "\n".join([session.access_token, path, str(end)])
    digest = hmac.new(key, words.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode()[:_MAC_CHARACTERS]


# ── in templates, whose macros see no request ───────────────────────────────────────────────
def _unsigned(url: str) -> str:
    return url


_signing: ContextVar[Sign] = ContextVar("signing", default=_unsigned)


@contextmanager
def signing(sign: Sign) -> Iterator[None]:
    """While a template is rendered, ``handed_out`` makes links of this session."""
    before = _signing.set(sign)
    try:
        yield
    finally:
        _signing.reset(before)


def handed_out(url: str) -> str:
    return _signing.get()(url)
