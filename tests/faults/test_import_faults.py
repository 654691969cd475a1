"""An import in a product that is killed, again and again, ends whole and once."""

import time
from pathlib import Path

import pytest

from tests.faults.served_product import Start
from vestibule.adapters.sample_photos import fetch_sample_photos
from vestibule.settings import Settings

KILLS = 3
CONSENT = {"basis": "explicit-consent", "notice_shown": True, "given_by": "on paper"}


@pytest.fixture
def imports(tmp_path: Path) -> Path:
    """Three people with a photo each, and a file that is no photo."""
    paths = fetch_sample_photos(Settings(_env_file=None).models_dir / "samples")
    place = tmp_path / "imports"
    for name in ("obama", "biden", "astronaut"):
        (place / name).mkdir(parents=True)
        (place / name / "1.jpg").write_bytes(paths[name].read_bytes())
    (place / "obama" / "2.jpg").write_bytes(paths["obama2"].read_bytes())
    (place / "biden" / "list.txt").write_bytes(b"no photo")
    return place


def test_import_survives_kills_at_any_moment_and_does_its_work_once(
    start: Start, data_dir, imports: Path
) -> None:
    product = start(data_dir, VESTIBULE_IMPORT_DIR=str(imports))
    asked = {"kind": "import", "source": "folder", "consent": CONSENT}
    with product.client() as http:
        batch = http.post("/v1/batches", json=asked).raise_for_status().json()
    for kill in range(KILLS):
        time.sleep(0.2 * kill)
        product.kill()
        product = start(data_dir, VESTIBULE_IMPORT_DIR=str(imports))
    with product.client() as http:
        until = time.monotonic() + 60
        while batch["state"] == "running" and time.monotonic() < until:
            time.sleep(0.1)
            batch = http.get(f"/v1/batches/{batch['id']}").json()
        failures = http.get(f"/v1/batches/{batch['id']}/failures").json()["items"]
        status = http.get("/v1/status").json()
        again = http.post("/v1/batches", json=asked).json()
        while again["state"] == "running":
            time.sleep(0.1)
            again = http.get(f"/v1/batches/{again['id']}").json()
        after = http.get("/v1/status").json()
        chain = http.post("/v1/audit/verification").json()

    assert (batch["state"], batch["settled"], batch["failed"]) == ("done", 5, 1)
    assert [(item["item"], item["code"]) for item in failures] == [
        ("biden/list.txt", "not_an_image")
    ]
    assert status["searchable_customers"] == 3
    assert (again["settled"], again["failed"], after["customers"]) == (5, 1, status["customers"])
    assert chain["broken_at"] is None
