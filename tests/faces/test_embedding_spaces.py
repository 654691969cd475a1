"""A template of one space is never compared in another, and the people concerned are counted."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from services.serve import Product
from services.started_here import started_here
from tests.index_files import memory_of
from vestibule.settings import Settings

CONSENT = {"consent_basis": "explicit-consent", "notice_shown": "true"}


class Run:
    """One start of the product on a data folder."""

    def __init__(self, product: Product, http: httpx.Client) -> None:
        self.product = product
        self.http = http

    def enrol(self, content: bytes) -> None:
        answer = self.http.post(
            "/v1/enrolments", data={"name": "Ada", **CONSENT}, files={"photo": ("p.jpg", content)}
        )
        settled = self.http.get(answer.headers["location"], params={"wait_s": 30}).json()
        assert settled["outcome"] == "enrolled", settled

    def decision(self, content: bytes) -> str:
        answer = self.http.post("/v1/photos", content=content)
        photo = self.http.get(answer.headers["location"], params={"wait_s": 30}).json()
        (face,) = photo["faces"]
        return str(face["decision"])

    def counts(self) -> tuple[int, int]:
        status = self.http.get("/v1/status").json()
        return status["searchable_customers"], status["customers_elsewhere"]

    def guest(self) -> dict:
        (guest,) = self.http.get("/v1/customers").json()["items"]
        return guest

    def shards(self) -> set[str]:
        memory = memory_of(self.product.installation.settings)
        assert memory is not None
        return {path.name for path in (memory / "index").iterdir() if path.is_dir()}


@pytest.fixture
def start(make_data_dir: Callable[[], Path]) -> Callable[..., object]:
    data_dir = make_data_dir()

    @contextmanager
    def started(**values: object) -> Iterator[Run]:
        settings = Settings(_env_file=None, data_dir=data_dir, min_free_bytes=0, **values)
        with started_here(settings) as product:
            headers = {"Authorization": f"Bearer {product.api_key}"}
            with httpx.Client(
                base_url=product.url, headers=headers, timeout=60, trust_env=False
            ) as http:
                yield Run(product, http)

    return started


def test_a_change_of_space_hides_guests_until_it_is_taken_back(start, encoded_photos) -> None:
    with start() as run:
        run.enrol(encoded_photos["obama"])
        assert run.decision(encoded_photos["obama2"]) == "MATCH"
        assert run.counts() == (1, 0)
        first_space = run.product.installation.runtime.engine.space.id
    with start(low_light="off") as run:
        assert run.product.customers_elsewhere() == 1
        assert run.counts() == (0, 1)
        assert run.decision(encoded_photos["obama2"]) == "UNKNOWN"
        assert run.guest()["searchable"] is False
        assert run.shards() == {f"{first_space}-1"}  # kept complete, for going back
        run.enrol(encoded_photos["biden"])
        assert run.counts() == (1, 1)
    with start() as run:
        assert run.product.installation.runtime.engine.space.id == first_space
        assert run.counts() == (2, 0)
        assert run.decision(encoded_photos["obama2"]) == "MATCH"
        assert run.decision(encoded_photos["biden"]) == "MATCH"
