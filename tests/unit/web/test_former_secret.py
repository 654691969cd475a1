"""A rotated key signs nobody out and loses no form that is being filled in."""

from datetime import UTC, datetime

import pytest
from starlette.requests import Request

from services.web.csrf import CsrfTokens, ForgedRequestError
from services.web.sessions import CookieSealer, WebSession

OLD, NEW, OTHER = b"o" * 32, b"n" * 32, b"x" * 32
SESSION = WebSession("token", datetime(2030, 1, 1, tzinfo=UTC))
REQUEST = Request({"type": "http", "method": "POST", "path": "/", "headers": []})


def test_a_cookie_of_the_former_key_is_read_and_new_ones_are_of_the_new_key() -> None:
    both = CookieSealer(NEW, OLD)
    assert both.open(CookieSealer(OLD).seal({"a": 1})) == {"a": 1}
    assert CookieSealer(NEW).open(both.seal({"b": 2})) == {"b": 2}
    assert CookieSealer(OLD).open(both.seal({"b": 2})) is None


def test_a_cookie_of_a_forgotten_key_is_nobodys() -> None:
    assert CookieSealer(NEW).open(CookieSealer(OLD).seal({"a": 1})) is None


def test_a_form_with_the_former_keys_token_is_taken() -> None:
    both = CsrfTokens(NEW, OLD)
    both.require(REQUEST, SESSION, CsrfTokens(OLD).issue(SESSION))
    both.require(REQUEST, SESSION, both.issue(SESSION))
    assert both.issue(SESSION) == CsrfTokens(NEW).issue(SESSION)


def test_a_token_of_any_other_key_is_forged() -> None:
    for forged in (CsrfTokens(OTHER).issue(SESSION), "", None):
        with pytest.raises(ForgedRequestError):
            CsrfTokens(NEW, OLD).require(REQUEST, SESSION, forged)
