"""Upload to result over HTTP, as a page does it: send, follow the events, read the result."""

import itertools
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import httpx

from tests.bench.figures import as_json, latency, ratio
from tests.bench.photos import BenchPhoto, stamped
from tests.bench.product import Product

_serial = itertools.count()
_serial_lock = threading.Lock()


class UnexpectedAnswerError(RuntimeError):
    """The product answered something else than a finished photo; no figure would mean anything."""


@dataclass(frozen=True, slots=True)
class Upload:
    seconds: float
    faces: int
    matches: int


def enrol(client: httpx.Client, photo: BenchPhoto, *, name: str) -> None:
    """Enrol one person and wait for the outcome."""
    answer = client.post(
        "/v1/enrolments",
        files={"photo": (photo.name, stamped(photo.jpeg, _next_serial()), "image/jpeg")},
        data={
            "name": name,
            "consent_basis": "explicit-consent",
            "notice_shown": "true",
            "given_by": "benchmark",
        },
    )
    answer.raise_for_status()
    address = f"/v1/enrolments/{answer.json()['id']}"
    for _ in range(600):
        enrolment = client.get(address).raise_for_status().json()
        if enrolment["state"] in {"done", "failed"}:
            break
        time.sleep(0.05)
    if enrolment["outcome"] != "enrolled":
        raise UnexpectedAnswerError(f"{photo.name} was not enrolled: {enrolment}")


def identify(client: httpx.Client, photo: BenchPhoto) -> Upload:
    """One photo from the first byte sent to the result read."""
    content = stamped(photo.jpeg, _next_serial())
    started = time.perf_counter()
    accepted = client.post("/v1/photos", files={"photo": (photo.name, content, "image/jpeg")})
    accepted.raise_for_status()
    photo_id = accepted.json()["id"]
    with client.stream("GET", f"/v1/photos/{photo_id}/events") as events:
        for _ in events.iter_lines():
            pass
    result = client.get(f"/v1/photos/{photo_id}").raise_for_status().json()
    seconds = time.perf_counter() - started
    if result["state"] != "done":
        raise UnexpectedAnswerError(f"{photo.name} is {result['state']}: {result['error']}")
    return Upload(seconds, faces=result["face_count"], matches=result["match_count"])


def measure_one_at_a_time(
    product: Product, photo: BenchPhoto, *, repeats: int, warm_up: int
) -> dict[str, object]:
    """Latency of one photo with nobody else there, and its ratio to the time inside model runs."""
    with product.client() as client:
        for _ in range(warm_up):
            identify(client, photo)
        spent_before_s = product.cpu_seconds()
        before = sum(product.model_run_seconds().values())
        uploads = [identify(client, photo) for _ in range(repeats)]
        inside_models_s = sum(product.model_run_seconds().values()) - before
        spent_s = product.cpu_seconds() - spent_before_s
    total_s = sum(upload.seconds for upload in uploads)
    return {
        "photo": photo.name,
        "size_px": list(photo.size_px),
        "faces": uploads[-1].faces,
        "matches": uploads[-1].matches,
        "upload_to_result": as_json(latency([upload.seconds for upload in uploads])),
        "total_s": round(total_s, 3),
        "inside_models_s": round(inside_models_s, 3),
        "total_over_models": ratio(total_s, inside_models_s),
        "cpu_s_a_photo": ratio(spent_s, len(uploads)),
    }


def measure_clients(
    product: Product, photos: Sequence[BenchPhoto], *, clients: int, seconds: float
) -> dict[str, object]:
    """Photos a second while ``clients`` each send the next photo as soon as they have a result."""
    spent_before_s = product.cpu_seconds()
    before = sum(product.model_run_seconds().values())
    started = time.perf_counter()
    deadline = started + seconds
    with ThreadPoolExecutor(clients) as pool:
        work = [
            pool.submit(_one_client, product, photos, start, deadline) for start in range(clients)
        ]
        uploads = [upload for done in work for upload in done.result()]
    elapsed = time.perf_counter() - started
    inside_models_s = sum(product.model_run_seconds().values()) - before
    spent_s = product.cpu_seconds() - spent_before_s
    return {
        "clients": clients,
        "photos": len(uploads),
        "faces": sum(upload.faces for upload in uploads),
        "seconds": round(elapsed, 3),
        "photos_per_second": ratio(len(uploads), elapsed),
        "upload_to_result": as_json(latency([upload.seconds for upload in uploads])),
        "inside_models_s": round(inside_models_s, 3),
        "cpu_s_a_photo": ratio(spent_s, len(uploads)),
    }


def _one_client(
    product: Product, photos: Sequence[BenchPhoto], start: int, deadline: float
) -> list[Upload]:
    """Whole rounds over all photos, so that every run measures the same mixture."""
    order = [photos[(start + step) % len(photos)] for step in range(len(photos))]
    uploads: list[Upload] = []
    with product.client() as client:
        while time.perf_counter() < deadline:
            uploads.extend(identify(client, photo) for photo in order)
    return uploads


def _next_serial() -> int:
    with _serial_lock:
        return next(_serial)
