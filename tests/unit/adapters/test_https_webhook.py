"""The webhook goes where it was set to go, signed, and nowhere inside."""

import http.client
from datetime import UTC, datetime

import pytest

from vestibule.adapters.https_webhook import HttpsWebhook, signature
from vestibule.domain.errors import NotDeliveredError, StartUpError

SECRET, AT = b"0123456789abcdef", datetime(2026, 11, 21, 23, 14, 5, tzinfo=UTC)
URL = "https://alarms.example/vestibule?x=1"


def webhook(*addresses: str, **options) -> HttpsWebhook:
    return HttpsWebhook(URL, secret=SECRET, resolve=lambda *_: list(addresses), **options)


class PostedError(Exception):
    """Stands for a connection: no test of this tier opens one."""


@pytest.fixture(autouse=True)
def _no_connection(monkeypatch):
    def connect(_self, address, *_):
        raise PostedError(address)

    monkeypatch.setattr(HttpsWebhook, "_post", connect)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.1",
        "172.16.0.9",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "::1",
        "fe80::1%eth0",
        "fc00::1",
        "::ffff:10.0.0.1",
        "2002:0a00:0001::",
    ],
)
def test_address_inside_is_refused_even_beside_a_public_one(address):
    with pytest.raises(NotDeliveredError) as refused:
        webhook("93.184.215.14", address).deliver(b"{}", at=AT)
    assert refused.value.facts == {"reason": "private_address"}
    with pytest.raises(PostedError):
        webhook(address, allows_private=True).deliver(b"{}", at=AT)


def test_connection_goes_to_the_address_that_was_checked():
    with pytest.raises(PostedError, match=r"93\.184\.215\.14"):
        webhook("93.184.215.14").deliver(b"{}", at=AT)


def test_name_without_an_address_is_not_delivered():
    with pytest.raises(NotDeliveredError):
        webhook().deliver(b"{}", at=AT)


@pytest.mark.parametrize("status", [301, 404, 500])
def test_whatever_is_no_success_is_not_delivered(monkeypatch, status):
    monkeypatch.setattr(HttpsWebhook, "_post", lambda *_: status)
    with pytest.raises(NotDeliveredError):
        webhook("93.184.215.14").deliver(b"{}", at=AT)


@pytest.mark.parametrize("error", [OSError(), TimeoutError(), http.client.BadStatusLine("")])
def test_no_answer_is_not_delivered(monkeypatch, error):
    def fail(*_):
        raise error

    monkeypatch.setattr(HttpsWebhook, "_post", fail)
    with pytest.raises(NotDeliveredError):
        webhook("93.184.215.14").deliver(b"{}", at=AT)


@pytest.mark.parametrize(
    "url", ["http://alarms.example", "ftp://alarms.example", "https://", "https://a:b@c.example"]
)
def test_url_that_cannot_be_right_is_refused_at_the_start(url):
    with pytest.raises(StartUpError):
        HttpsWebhook(url, secret=SECRET)
    with pytest.raises(StartUpError):
        HttpsWebhook(URL, secret=b"short")


def test_signature_is_of_the_time_and_the_body():
    import hashlib
    import hmac

    said = signature(SECRET, b"{}", at=AT)
    moment, _, digest = said.removeprefix("t=").partition(",v1=")
    assert int(moment) == int(AT.timestamp())
    assert digest == hmac.new(SECRET, f"{moment}.".encode() + b"{}", hashlib.sha256).hexdigest()
    assert said != signature(SECRET, b"{ }", at=AT)
