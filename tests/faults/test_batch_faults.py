"""A batch in a product that is killed, again and again, ends whole and once."""

import time

import httpx

from tests.faults.served_product import Start
from vestibule.adapters.sample_photos import fetch_sample_photos
from vestibule.settings import Settings

CONSENT = {"consent_basis": "explicit-consent", "notice_shown": "true"}
KILLS = 4


def enrol_some(http: httpx.Client) -> int:
    """A guest a portrait; how many were taken (one of them is there twice)."""
    paths = fetch_sample_photos(Settings(_env_file=None).models_dir / "samples")
    enrolled = 0
    for name in ("obama", "obama2", "biden", "astronaut"):
        answer = http.post(
            "/v1/enrolments",
            data={"name": name, **CONSENT},
            files={"photo": ("p.jpg", paths[name].read_bytes())},
        )
        settled = http.get(answer.headers["location"], params={"wait_s": 30}).json()
        enrolled += settled["outcome"] == "enrolled"
    return enrolled


def test_reembedding_survives_kills_at_any_moment_and_does_its_work_once(
    start: Start, data_dir
) -> None:
    product = start(data_dir)
    with product.client() as http:
        faces = enrol_some(http)
        batch = http.post("/v1/batches", json={"kind": "reembed", "low_light": "off"}).json()
    for kill in range(KILLS):
        time.sleep(0.15 * kill)
        product.kill()
        product = start(data_dir)
    with product.client() as http:
        until = time.monotonic() + 60
        while batch["state"] == "running" and time.monotonic() < until:
            time.sleep(0.1)
            batch = http.get(f"/v1/batches/{batch['id']}").json()
        generation = http.get(f"/v1/index-generations/{batch['generation']}").json()
        switched = http.post(
            f"/v1/index-generations/{batch['generation']}/switch", json={"reason": "test"}
        )
        status = http.get("/v1/status").json()
        audit = http.post("/v1/audit/verification").json()

    assert (batch["state"], batch["settled"], batch["failed"]) == ("done", faces, 0)
    assert (generation["templates"], generation["lacking"]) == (faces, 0)
    assert switched.status_code == 200
    assert status["searchable_customers"] == faces
    assert audit["broken_at"] is None


def test_generation_that_was_switched_to_answers_after_a_kill(start: Start, data_dir) -> None:
    product = start(data_dir)
    with product.client() as http:
        enrol_some(http)
        before = http.get("/v1/status").json()
        batch = http.post("/v1/batches", json={"kind": "reembed", "low_light": "off"}).json()
        while batch["state"] == "running":
            time.sleep(0.1)
            batch = http.get(f"/v1/batches/{batch['id']}").json()
        http.post(f"/v1/index-generations/{batch['generation']}/switch", json={"reason": "test"})
        product.kill()
    again = start(data_dir)
    with again.client() as http:
        after = http.get("/v1/status").json()

    assert after["space_id"] != before["space_id"]
    assert after["searchable_customers"] == before["searchable_customers"]
    assert after["customers_elsewhere"] == 0
