"""The page that was asked for before the sign-in, and led on to after it."""

from urllib.parse import quote, urlsplit

from starlette.requests import Request

SIGN_IN = "/sign-in"
FIRST_PAGE = "/"
_LENGTH = 1_000
_OF_THE_SIGN_IN = ("/sign-in", "/sign-out", "/invitations/")
"""Whoever has just signed in is not led there again."""


def own_path(url: str) -> str:
    """Only a path of this site: ``//host`` and ``/\\host`` lead elsewhere.

    Browsers leave tabs and line ends out of addresses, so what is not printable is refused too.
    """
    is_own = url.startswith("/") and not url.startswith(("//", "/\\"))
    return url if is_own and url.isprintable() and len(url) <= _LENGTH else FIRST_PAGE


def onward_path(url: str) -> str:
    """Where somebody who has signed in is led; the first page where ``url`` is none for that."""
    path = own_path(url)
    return FIRST_PAGE if path.startswith(_OF_THE_SIGN_IN) else path


def sign_in_url(request: Request) -> str:
    """The sign-in page, which leads back to what this request is about.

    That is the page itself, or the one that a piece belongs to; what a form sent is lost, so such
    a request leads to the first page.
    """
    path = onward_path(_asked(request))
    return SIGN_IN if path == FIRST_PAGE else f"{SIGN_IN}?next={quote(path, safe='/')}"


def _asked(request: Request) -> str:
    if request.headers.get("hx-request") == "true":
        try:
            shown = urlsplit(request.headers.get("hx-current-url", ""))
        except ValueError:
            return FIRST_PAGE
        return _with_query(shown.path, shown.query)
    if request.method not in ("GET", "HEAD"):
        return FIRST_PAGE
    return _with_query(request.url.path, request.url.query)


def _with_query(path: str, query: str) -> str:
    return f"{path}?{query}" if query else path
