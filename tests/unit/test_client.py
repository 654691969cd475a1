"""The command line comes back when the product says so, and gives up at last."""

import httpx
import pytest

from services import client
from services.client import ApiClient, RefusedError

BUSY = {"code": "too_busy", "detail": "So many photos are waiting."}


class FakeTime:
    """Passes while one sleeps, and not else."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def passing(monkeypatch: pytest.MonkeyPatch) -> FakeTime:
    fake = FakeTime()
    monkeypatch.setattr(client, "time", fake)
    return fake


def api_that_is_busy(times: int, *, headers: dict[str, str] | None = None) -> ApiClient:
    answers = iter([429] * times)

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(200, json={"id": "p1", "state": "done"})
        if next(answers, 202) == 202:
            return httpx.Response(202, json={"id": "p1"})
        return httpx.Response(429, json=BUSY, headers=headers or {"Retry-After": "7"})

    return ApiClient(httpx.Client(transport=httpx.MockTransport(answer), base_url="http://api"))


def test_photo_is_sent_again_when_the_product_said(passing: FakeTime) -> None:
    assert api_that_is_busy(3).identify(b"photo")["state"] == "done"
    assert passing.slept == [7, 7, 7]


def test_product_that_stays_busy_is_given_up_in_its_own_words(passing: FakeTime) -> None:
    with pytest.raises(RefusedError) as raised:
        api_that_is_busy(1_000_000).identify(b"photo")
    assert raised.value.code == "too_busy"
    assert client.BUSY_PATIENCE_S <= passing.now < client.BUSY_PATIENCE_S + 20


def test_refusal_without_a_time_is_not_tried_again(passing: FakeTime) -> None:
    with pytest.raises(RefusedError):
        api_that_is_busy(1, headers={"X-Other": "1"}).identify(b"photo")
    assert passing.slept == []
