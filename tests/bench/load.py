"""`make load`: many clients send mixed photos to the embedded mode; what they hear, and memory.

Writes build/load.json and a section of docs/benchmarks.md. Every client sends its next photo when
it has the result of the last, and comes back after 429 when it was told to.
"""

import argparse
import asyncio
import itertools
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil

from tests.bench import report
from tests.bench.figures import as_json, latency, ratio
from tests.bench.load_photos import Upload, mixed_uploads
from tests.bench.machine import ROOT, describe_machine
from tests.bench.product import running_product
from vestibule.settings import Settings

START = "<!-- load: written by `make load`, do not edit -->"
END = "<!-- load: end -->"
DOCUMENT = ROOT / "docs" / "benchmarks.md"
SAMPLE_S = 1.0
SETTLED_AFTER = 1 / 3
"""Share of the run after which memory counts as warmed up: its slope is taken from there on."""


@dataclass(slots=True)
class Tally:
    """What the clients heard. ``unexpected`` is empty in a good run."""

    answers: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    retry_after_s: list[int] = field(default_factory=list)
    unexpected: list[str] = field(default_factory=list)
    rss: list[tuple[float, float]] = field(default_factory=list)
    """Seconds since the start, MiB of the product's process."""


async def run_load(
    *,
    base_url: str,
    token: str,
    pid: int,
    uploads: Sequence[Upload],
    clients: int,
    seconds: float,
    seed: int = 0,
) -> Tally:
    """Until ``seconds`` are over and every accepted photo has ended."""
    tally = Tally()
    serial = itertools.count()
    deadline = time.monotonic() + seconds
    sampling = asyncio.create_task(_sample_memory(psutil.Process(pid), tally))
    async with httpx.AsyncClient(
        base_url=base_url,
        headers={"Authorization": f"Bearer {token}"},
        timeout=120,
        limits=httpx.Limits(max_connections=2 * clients),
        trust_env=False,
    ) as http:
        work = [
            _client(http, uploads, tally, serial, deadline, random.Random(f"{seed}/{number}"))
            for number in range(clients)
        ]
        await asyncio.gather(*work)
    sampling.cancel()
    return tally


async def _client(
    http: httpx.AsyncClient,
    uploads: Sequence[Upload],
    tally: Tally,
    serial: "itertools.count[int]",
    deadline: float,
    chance: random.Random,
) -> None:
    shares = [upload.share for upload in uploads]
    while time.monotonic() < deadline:
        (upload,) = chance.choices(uploads, shares)
        content = upload.stamped(next(serial))
        while time.monotonic() < deadline:
            try:
                pause_s = await _send(http, upload, content, tally)
            except httpx.HTTPError as error:
                tally.unexpected.append(f"{upload.kind}: {type(error).__name__} {error}")
                break
            if pause_s is None:
                break
            await asyncio.sleep(pause_s)


async def _send(
    http: httpx.AsyncClient, upload: Upload, content: bytes, tally: Tally
) -> int | None:
    """The seconds after which to send it again, or None when it has been dealt with."""
    started = time.perf_counter()
    answer = await http.post("/v1/photos", content=content)
    tally.answers[str(answer.status_code)] += 1
    if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
        return _told_when(answer, upload, tally)
    if answer.status_code not in upload.answers:
        tally.unexpected.append(f"{upload.kind}: {answer.status_code} {answer.text[:200]}")
        return None
    if answer.status_code != httpx.codes.ACCEPTED:
        return None
    address = answer.json()["photo_url"]
    while True:
        photo = await http.get(address, params={"wait_s": 30})
        if photo.status_code != httpx.codes.OK:
            tally.unexpected.append(f"{upload.kind}: result {photo.status_code}")
            return None
        state = photo.json()["state"]
        if state in ("done", "failed"):
            break
    tally.outcomes[state] += 1
    tally.seconds.append(time.perf_counter() - started)
    if state not in upload.outcomes:
        tally.unexpected.append(f"{upload.kind}: {state} {photo.json()['error']}")
    return None


def _told_when(answer: httpx.Response, upload: Upload, tally: Tally) -> int | None:
    told = answer.headers.get("retry-after", "")
    if not told.isdigit() or answer.json().get("code") != "too_busy":
        tally.unexpected.append(f"{upload.kind}: 429 without a time: {answer.text[:200]}")
        return None
    tally.retry_after_s.append(int(told))
    return int(told)


async def _sample_memory(process: psutil.Process, tally: Tally) -> None:
    started = time.monotonic()
    while True:
        tally.rss.append((time.monotonic() - started, process.memory_info().rss / 2**20))
        await asyncio.sleep(SAMPLE_S)


def slope_mib_a_minute(series: Sequence[tuple[float, float]]) -> float:
    """Least squares over what comes after the warm-up; 0 for fewer than two samples."""
    begin_s = series[-1][0] * SETTLED_AFTER if series else 0
    settled = [(second / 60, mib) for second, mib in series if second >= begin_s]
    if len(settled) < 2:
        return 0.0
    mean_x = sum(x for x, _ in settled) / len(settled)
    mean_y = sum(y for _, y in settled) / len(settled)
    spread = sum((x - mean_x) ** 2 for x, _ in settled)
    shared = sum((x - mean_x) * (y - mean_y) for x, y in settled)
    return round(shared / spread, 2) if spread else 0.0


def summary(tally: Tally, *, clients: int, seconds: float) -> dict[str, Any]:
    ended = sum(tally.outcomes.values())
    settled = [mib for second, mib in tally.rss if second >= seconds * SETTLED_AFTER]
    return {
        "clients": clients,
        "seconds": seconds,
        "answers": dict(sorted(tally.answers.items())),
        "outcomes": dict(tally.outcomes),
        "photos_per_second": ratio(ended, seconds),
        "upload_to_result": as_json(latency(tally.seconds)),
        "told_to_come_back": len(tally.retry_after_s),
        "retry_after_s": {
            "least": min(tally.retry_after_s, default=None),
            "most": max(tally.retry_after_s, default=None),
        },
        "unexpected": tally.unexpected[:50],
        "unexpected_count": len(tally.unexpected),
        "rss_mib": {
            "first": round(tally.rss[0][1], 1),
            "last": round(tally.rss[-1][1], 1),
            "peak": round(max(mib for _, mib in tally.rss), 1),
            "settled_least": round(min(settled, default=0), 1),
            "settled_most": round(max(settled, default=0), 1),
            "slope_mib_a_minute": slope_mib_a_minute(tally.rss),
            "series": [[round(second), round(mib)] for second, mib in tally.rss[::5]],
        },
    }


def as_markdown(figures: report.Figures) -> str:
    run, rss = figures["run"], figures["run"]["rss_mib"]
    took, answers = run["upload_to_result"], run["answers"]
    said = ", ".join(f"{count} x {status}" for status, count in answers.items())
    ended = ", ".join(f"{count} {state}" for state, count in sorted(run["outcomes"].items()))
    again = run["retry_after_s"]
    rows = [
        ("answers to uploads", said),
        ("accepted photos ended", ended),
        ("anything else", str(run["unexpected_count"])),
        ("photos a second", f"{run['photos_per_second']:.2f}"),
        (
            "upload to result, p50 / p95 / p99",
            f"{took['p50_ms'] / 1000:.1f} / {took['p95_ms'] / 1000:.1f} / "
            f"{took['p99_ms'] / 1000:.1f} s",
        ),
        (
            "told to come back (429), seconds told",
            f"{run['told_to_come_back']}, {again['least']} to {again['most']}"
            if run["told_to_come_back"]
            else "0",
        ),
        (
            "memory of the product: first / settled / last",
            f"{rss['first']:.0f} / {rss['settled_least']:.0f} to {rss['settled_most']:.0f} / "
            f"{rss['last']:.0f} MiB",
        ),
        ("its slope once settled", f"{rss['slope_mib_a_minute']:+.1f} MiB a minute"),
    ]
    heading = (
        f"{run['clients']} clients for {run['seconds']:.0f} s, "
        f"`VESTIBULE_MAX_QUEUE_WAIT_S={figures['max_queue_wait_s']:g}`."
    )
    lines = [f"| {name} | {value} |" for name, value in rows]
    table = "\n".join(["| measure | figure |", "| --- | --- |", *lines])
    return "\n\n".join([report.machine_line(figures["machine"]), heading, table])


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.load", description=__doc__)
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--max-wait-s", type=float, default=Settings().max_queue_wait_s)
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "load.json")
    arguments = parser.parse_args()
    machine = describe_machine()
    uploads = mixed_uploads(limit_bytes=Settings().max_upload_bytes)
    wait = {"VESTIBULE_MAX_QUEUE_WAIT_S": str(arguments.max_wait_s)}
    with (
        tempfile.TemporaryDirectory(prefix="vestibule-load-") as folder,
        running_product(Path(folder) / "data", **wait) as product,
    ):
        tally = asyncio.run(
            run_load(
                base_url=product.base_url,
                token=product.token,
                pid=product.process.pid,
                uploads=uploads,
                clients=arguments.clients,
                seconds=arguments.seconds,
            )
        )
    run = summary(tally, clients=arguments.clients, seconds=arguments.seconds)
    figures = {"machine": machine, "max_queue_wait_s": arguments.max_wait_s, "run": run}
    report.write_json(figures, arguments.out)
    report.write_between(START, as_markdown(figures), END, DOCUMENT)
    sys.stderr.write(as_markdown(figures) + "\n")
    sys.exit(1 if tally.unexpected else 0)


if __name__ == "__main__":
    main()
