"""Model packs over HTTP: looked at, checked, their terms accepted with a trace."""

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from services.serve import Product
from services.started_here import started_here
from vestibule.domain.errors import CalibrationMissingError, LicenceNotAcceptedError
from vestibule.records import audit
from vestibule.records.audit_tables import AuditEntry
from vestibule.settings import Settings
from vestibule.wiring import open_engine
from vestibule.wiring_models import calibration_of


@pytest.fixture(scope="module")
def models_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The default pack as it lies in the usual cache, beside which tests may write."""
    folder = tmp_path_factory.mktemp("models")
    usual = Settings(_env_file=None).models_dir
    for name in ("open", "samples"):
        if (usual / name).is_dir():
            (folder / name).symlink_to(usual / name)
    return folder


@pytest.fixture(scope="module")
def served(make_settings: Callable[..., Settings], models_dir: Path) -> Iterator[Product]:
    with started_here(make_settings(models_dir=models_dir)) as product:
        yield product


@pytest.fixture
def http(served: Product) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {served.api_key}"}
    with httpx.Client(base_url=served.url, headers=headers, timeout=60, trust_env=False) as client:
        yield client


def packs(http: httpx.Client) -> dict[str, dict]:
    return {pack["name"]: pack for pack in http.get("/v1/models").json()}


def entries(served: Product, action: str) -> list[AuditEntry]:
    with served.installation.runtime.database.begin() as transaction:
        assert audit.verify(transaction).broken_at is None
        query = select(AuditEntry).where(AuditEntry.action == action)
        found = list(transaction.scalars(query))
        transaction.expunge_all()
        return found


def test_every_pack_is_described(http: httpx.Client) -> None:
    found = packs(http)
    assert {"open", "dlib", "opencv-zoo", "buffalo_l", "buffalo_s", "antelopev2"} <= found.keys()
    assert found["open"]["is_active"]
    assert found["open"]["space_id"] == http.get("/v1/status").json()["space_id"]
    assert found["buffalo_l"]["commercial_use"] == "forbidden"
    assert not found["opencv-zoo"]["calibrated"]


def test_a_check_is_remembered_and_leaves_a_trace(http: httpx.Client, served: Product) -> None:
    answer = http.post("/v1/models/open/verification")
    assert (answer.status_code, answer.json()["faults"]) == (200, [])
    assert packs(http)["open"]["check"] == answer.json()
    assert [entry.subject for entry in entries(served, "models.verify")] == ["open"]


def test_what_is_not_installed_is_a_fault_not_an_error(http: httpx.Client) -> None:
    (fault,) = http.post("/v1/models/opencv-zoo/verification").json()["faults"]
    assert "not installed" in fault


def test_an_unknown_pack_is_not_found(http: httpx.Client) -> None:
    assert http.post("/v1/models/nobody/verification").status_code == 404


def test_terms_are_accepted_once_in_the_very_words(http: httpx.Client, served: Product) -> None:
    wrong = http.post("/v1/models/buffalo_l/acceptance", json={"terms_sha256": "0" * 64})
    assert (wrong.status_code, wrong.json()["code"]) == (409, "conflict")
    words = {"terms_sha256": packs(http)["buffalo_l"]["terms_sha256"]}
    first = http.post("/v1/models/buffalo_l/acceptance", json=words)
    assert first.status_code == 201
    again = http.post("/v1/models/buffalo_l/acceptance", json=words).json()
    assert again["accepted_at"] == first.json()["accepted_at"]
    (entry,) = entries(served, "models.accept_terms")
    assert (entry.subject, entry.details) == ("buffalo_l", words)


def test_a_pack_without_terms_has_nothing_to_accept(http: httpx.Client) -> None:
    answer = http.post("/v1/models/open/acceptance", json={"terms_sha256": "0" * 64})
    assert answer.status_code == 409


def test_nothing_starts_with_a_pack_whose_terms_are_open(
    make_settings: Callable[..., Settings], models_dir: Path
) -> None:
    with pytest.raises(LicenceNotAcceptedError, match="buffalo_s"):
        open_engine(make_settings(models_dir=models_dir, pack="buffalo_s"))


def test_a_space_that_nobody_measured_says_what_to_do(
    make_settings: Callable[..., Settings], served: Product
) -> None:
    settings = make_settings(pack="opencv-zoo")
    space = served.installation.runtime.engine.space
    unmeasured = type(space)("f" * 16, "opencv-zoo", space.metric, 128)
    with pytest.raises(CalibrationMissingError, match="VESTIBULE_PACK=opencv-zoo vestibule"):
        calibration_of(settings, unmeasured)
