"""What breaks comes back, and no photo is lost or done twice."""

import io
import socket
import subprocess
import sys
import time

import httpx
import numpy as np
import psutil
import pytest
from PIL import Image

from tests.faults.served_product import Start, environment, wait_until


@pytest.fixture(scope="module")
def photos() -> list[bytes]:
    """Large photos of nobody: enough work to be caught in the middle of."""
    noise = np.random.default_rng(7)
    made = []
    for _ in range(12):
        pixels = noise.integers(0, 255, (1200, 1600, 3), np.uint8)
        buffer = io.BytesIO()
        Image.fromarray(pixels).save(buffer, "JPEG")
        made.append(buffer.getvalue())
    return made


def submit(http: httpx.Client, contents: list[bytes]) -> list[str]:
    return [http.post("/v1/photos", content=content).json()["id"] for content in contents]


def outcomes(http: httpx.Client, ids: list[str]) -> list[str]:
    return [
        http.get(f"/v1/photos/{photo_id}", params={"wait_s": 30}).json()["state"]
        for photo_id in ids
    ]


def test_ctrl_c_stops_every_child_and_keeps_the_data(start: Start, data_dir):
    product = start(data_dir)
    children = product.children()
    with product.client() as http:
        made = http.post("/v1/customers", json={"name": "Stays"}).json()

    assert product.first_line.count("\n") == 1
    assert "http://127.0.0.1:" in product.first_line
    assert product.interrupt() == 0
    assert not [child for child in children if child.is_running()]
    assert children

    again = start(data_dir)
    with again.client() as http:
        assert http.get(f"/v1/customers/{made['id']}").json()["name"] == "Stays"


def test_killed_postgres_comes_back_and_no_job_is_lost(start: Start, data_dir, photos):
    product = start(data_dir)
    with product.client() as http:
        ids = submit(http, photos)
        product.postmaster().kill()
        wait_until(lambda: http.get("/readyz").status_code == 200)

        assert outcomes(http, ids) == ["done"] * len(ids)


def test_request_while_postgres_is_away_gets_503_and_when_to_come_back(start: Start, data_dir):
    product = start(data_dir)
    with product.client() as http:
        product.postmaster().kill()
        answers = []
        give_up_at = time.monotonic() + 30
        while time.monotonic() < give_up_at:
            answers.append(http.get("/v1/status"))
            if len(answers) > 5 and answers[-1].status_code == 200:
                break

    refused = [answer for answer in answers if answer.status_code != 200]
    assert answers[-1].status_code == 200
    assert {answer.status_code for answer in refused} <= {503}
    assert all(answer.headers["retry-after"] for answer in refused)
    assert all(answer.json()["code"] == "database_unavailable" for answer in refused)


def identify_outcomes(http: httpx.Client) -> dict[str, int]:
    metrics = http.get("/metrics").text
    return {
        line.split('outcome="')[1].split('"')[0]: int(float(line.rsplit(" ", 1)[1]))
        for line in metrics.splitlines()
        if line.startswith('vestibule_job_seconds_count{kind="IDENTIFY"')
    }


def test_kill_during_jobs_finishes_each_of_them_once_after_restart(start: Start, data_dir, photos):
    product = start(data_dir)
    with product.client() as http:
        ids = submit(http, photos)
        first = http.get(f"/v1/photos/{ids[0]}", params={"wait_s": 30}).json()
        unfinished = [i for i in ids if http.get(f"/v1/photos/{i}").json()["state"] != "done"]
        children = product.children()
        product.kill()

    assert first["state"] == "done"
    assert unfinished, "the kill came too late to be in the middle of the jobs"
    wait_until(lambda: not [child for child in children if child.is_running()])
    again = start(data_dir)
    with again.client() as http:
        assert outcomes(http, ids) == ["done"] * len(ids)
        done_after_restart = identify_outcomes(http)["done"]
        assert done_after_restart <= len(unfinished)
        assert http.post("/v1/audit/verification").json()["broken_at"] is None


def test_port_in_use_is_one_sentence_and_nothing_is_left_running(data_dir):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = subprocess.run(
            [sys.executable, "-m", "services.cli", "serve"],
            env=environment(data_dir, VESTIBULE_PORT=str(port)),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    assert result.returncode == 1
    assert str(port) in result.stderr
    assert "VESTIBULE_PORT" in result.stderr
    assert "Traceback" not in result.stderr


def test_second_product_on_the_same_folder_is_refused_in_words(start: Start, data_dir):
    start(data_dir)
    result = subprocess.run(
        [sys.executable, "-m", "services.cli", "serve"],
        env=environment(data_dir),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    assert result.stderr.strip()


def test_no_room_left_refuses_the_upload_and_says_so(start: Start, data_dir, photos):
    product = start(data_dir, VESTIBULE_MIN_FREE_BYTES=str(10**15))
    with product.client() as http:
        answer = http.post("/v1/photos", content=photos[0])
        ready = http.get("/readyz")

        assert (answer.status_code, answer.json()["code"]) == (507, "storage_full")
        assert ready.json()["waiting_for"] == ["storage"]
        assert http.get("/v1/photos").json()["items"] == []


def test_children_die_with_a_killed_product(start: Start, data_dir):
    product = start(data_dir)
    children = product.children()
    product.kill()

    wait_until(
        lambda: not [c for c in children if c.is_running() and c.status() != psutil.STATUS_ZOMBIE]
    )
    assert children
