"""`make load-stack`: many clients send mixed photos to the distributed product, by workers.

Writes build/load-stack-TEMPLATES.json, and a section of docs/benchmarks.md from all of those that
there are. Everything (clients, entry, two
APIs, workers, servers) runs on this machine, so figures say what share each part takes of it; they
do not say what several machines would do.
"""

import argparse
import asyncio
import json
import os
import re
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil

from tests.bench import report
from tests.bench.figures import ratio
from tests.bench.gallery_rows import fill_rows
from tests.bench.http_load import enrol
from tests.bench.load import run_load, summary
from tests.bench.load_photos import mixed_uploads
from tests.bench.machine import ROOT, describe_machine
from tests.bench.photos import sample_photos
from tests.bench.product import model_run_seconds
from tests.stack.entry import entry
from tests.stack.stack import SERVERS, Stack, free_port, servers
from vestibule.settings import Settings

START = "<!-- load-stack: written by `make load-stack`, do not edit -->"
END = "<!-- load-stack: end -->"
DOCUMENT = ROOT / "docs" / "benchmarks.md"
BUSY = 503
FILL_PATIENCE_S = 3600
QUIET = 1.0
WAIT_FOR_QUIET_S = 600


@dataclass(frozen=True, slots=True)
class Spent:
    """Since the start: processor seconds by part, and sums of the product's own metrics."""

    cpu_s: Mapping[str, float]
    in_models_s: float
    in_jobs_s: float
    requests: float
    in_upload_requests_s: float
    upload_requests: float


def spent(stack: Stack, metrics_ports: Mapping[str, int]) -> Spent:
    workers = [_metrics(f"http://127.0.0.1:{port}") for port in metrics_ports.values()]
    apis = [_metrics(stack.url(name)) for name in stack.processes if name.startswith("api")]
    upload = 'method="POST",route="/v1/photos"'
    return Spent(
        cpu_s=cpu_by_part(stack),
        in_models_s=sum(sum(model_run_seconds(page).values()) for page in workers),
        in_jobs_s=sum(
            _sum(page, "vestibule_job_seconds_sum", 'kind="IDENTIFY"') for page in workers
        ),
        requests=sum(_sum(page, "vestibule_request_seconds_count") for page in apis),
        in_upload_requests_s=sum(
            _sum(page, "vestibule_request_seconds_sum", upload) for page in apis
        ),
        upload_requests=sum(_sum(page, "vestibule_request_seconds_count", upload) for page in apis),
    )


def _metrics(base_url: str) -> str:
    return httpx.get(f"{base_url}/metrics", timeout=30, trust_env=False).raise_for_status().text


def _sum(page: str, name: str, labels: str = "") -> float:
    """Of all series of that name whose labels hold ``labels``."""
    found = re.findall(rf"(?m)^{name}(?:\{{(.*)\}})? (\S+)$", page)
    wanted = labels.split(",") if labels else []
    return sum(float(value) for said, value in found if all(one in said for one in wanted))


def cpu_by_part(stack: Stack) -> dict[str, float]:
    parts: dict[str, float] = {"clients and entry": _cpu(psutil.Process(os.getpid()))}
    for name, process in stack.processes.items():
        if process.is_running:
            part = name.split("-")[0]
            parts[part] = parts.get(part, 0.0) + _family_cpu(process.pid)
    for name in SERVERS:
        parts[name] = _family_cpu(getattr(stack, name).pid)
    return parts


def _family_cpu(pid: int) -> float:
    own = psutil.Process(pid)
    return sum(_cpu(one) for one in [own, *own.children(recursive=True)])


def _cpu(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    # Postgres' backends that have ended count for the process that started them.
    return times.user + times.system + times.children_user + times.children_system


def measured(
    stack: Stack, url: str, *, workers: int, clients: int, seconds: float, ports: Mapping[str, int]
) -> dict[str, Any]:
    """One run, with the workers that there are."""
    before, began = spent(stack, ports), time.monotonic()
    tally = asyncio.run(
        run_load(
            base_url=url,
            token=stack.api_key(),
            pid=stack["api-1"].pid,
            uploads=mixed_uploads(limit_bytes=Settings().max_upload_bytes),
            clients=clients,
            seconds=seconds,
        )
    )
    took_s, after = time.monotonic() - began, spent(stack, ports)
    run = summary(tally, clients=clients, seconds=took_s)
    photos = sum(tally.outcomes.values())
    cpu = {part: round(after.cpu_s[part] - before.cpu_s.get(part, 0.0), 2) for part in after.cpu_s}
    api_requests = after.requests - before.requests
    uploads = after.upload_requests - before.upload_requests
    return {
        "workers": workers,
        "run": run,
        "cpu_s": cpu,
        "cpu_s_a_photo": ratio(sum(cpu.values()), photos),
        "models_over_jobs": ratio(
            after.in_models_s - before.in_models_s, after.in_jobs_s - before.in_jobs_s
        ),
        "models_s_a_photo": ratio(after.in_models_s - before.in_models_s, photos),
        "api_requests": api_requests,
        "api_cpu_ms_a_request": ratio(1000 * cpu["api"], api_requests),
        "upload_answer_mean_ms": ratio(
            1000 * (after.in_upload_requests_s - before.in_upload_requests_s), uploads
        ),
    }


@contextmanager
def loaded_stack(folder: Path, ports: Mapping[str, int]) -> Iterator[tuple[Stack, str]]:
    """Two APIs behind one address, a scheduler, and as many workers as have ports, none started."""
    at = free_port()
    with servers(folder) as stack:
        for number in (1, 2):
            stack.add("api", number)
        stack.add("scheduler")
        for process in list(stack.processes.values()):
            process.start()
        for name, port in ports.items():
            number = int(name.split("-")[1])
            stack.add("worker", number, VESTIBULE_METRICS_PORT=str(port))
        with entry([stack.url("api-1"), stack.url("api-2")], [], port=at) as url:
            yield stack, url


def fill(stack: Stack, templates: int) -> float:
    """Rows first, then the index from them; how long it took."""
    began = time.monotonic()
    fill_rows(stack, templates=templates)
    with stack.client(timeout_s=FILL_PATIENCE_S) as http:
        while (answer := http.post("/v1/index/reconciliation")).status_code == BUSY:
            # The index arranges what it got and answers nothing meanwhile; what is in stays in.
            if time.monotonic() - began > FILL_PATIENCE_S:
                break
            time.sleep(float(answer.headers["Retry-After"]))
        answer.raise_for_status()
    return round(time.monotonic() - began, 1)


def publish(folder: Path, document: Path) -> None:
    """One table a size of the gallery, the smallest first."""
    found = [json.loads(path.read_text()) for path in folder.glob("load-stack-*.json")]
    tables = [as_markdown(one) for one in sorted(found, key=lambda one: one["templates"])]
    report.write_between(START, "\n\n".join(tables), END, document)


def as_markdown(figures: report.Figures) -> str:
    runs = figures["runs"]
    heads = ("measure", *(f"{one['workers']} worker{'s' * (one['workers'] > 1)}" for one in runs))
    rows = [
        ("photos a second", *(f"{one['run']['photos_per_second']:.2f}" for one in runs)),
        ("upload to result, p50 / p95 / p99", *(_took(one) for one in runs)),
        ("answers to uploads", *(_answers(one) for one in runs)),
        ("anything else", *(str(one["run"]["unexpected_count"]) for one in runs)),
        ("time in models over time in jobs", *(_share(one["models_over_jobs"]) for one in runs)),
        ("processor time a photo, everything", *(f"{one['cpu_s_a_photo']:.3f} s" for one in runs)),
        *_cpu_rows(runs),
        (
            "processor time of the API a request",
            *(_ms(one["api_cpu_ms_a_request"]) for one in runs),
        ),
        ("mean time to answer an upload", *(_ms(one["upload_answer_mean_ms"]) for one in runs)),
    ]
    lines = [heads, ("---",) * len(heads), *rows]
    table = "\n".join("| " + " | ".join(line) + " |" for line in lines)
    words = (
        f"{runs[0]['run']['clients']} clients for {figures['seconds']:.0f} s each, "
        f"{figures['templates']:,} synthetic templates in Postgres and the index "
        f"(filled in {figures['filled_s']:.0f} s). Clients, entry, two APIs, workers and all "
        f"servers share these {figures['machine']['cores']} cores: another worker is no other "
        "machine."
    )
    return "\n\n".join([report.machine_line(figures["machine"]), words, table])


def _cpu_rows(runs: list[Any]) -> list[tuple[str, ...]]:
    parts = sorted(runs[-1]["cpu_s"], key=lambda part: -runs[-1]["cpu_s"][part])
    totals = [sum(one["cpu_s"].values()) for one in runs]
    return [
        (
            f"share of that: {part}",
            *(
                _share(ratio(one["cpu_s"].get(part, 0.0), total))
                for one, total in zip(runs, totals, strict=True)
            ),
        )
        for part in parts
    ]


def _took(one: report.Figures) -> str:
    took = one["run"]["upload_to_result"]
    return " / ".join(f"{took[name] / 1000:.1f}" for name in ("p50_ms", "p95_ms", "p99_ms")) + " s"


def _answers(one: report.Figures) -> str:
    return ", ".join(f"{count} x {status}" for status, count in one["run"]["answers"].items())


def _share(value: float | None) -> str:
    return "not measured" if value is None else f"{value:.0%}"


def _ms(value: float | None) -> str:
    return "not measured" if value is None else f"{value:.1f} ms"


def wait_until_quiet(patience_s: float) -> None:
    give_up_at = time.monotonic() + patience_s
    while os.getloadavg()[0] > QUIET and time.monotonic() < give_up_at:
        time.sleep(5)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.stack_load", description=__doc__)
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--workers", type=int, default=2, help="1 to this many, one run each")
    parser.add_argument("--templates", type=int, default=100_000)
    parser.add_argument(
        "--patience", type=float, default=WAIT_FOR_QUIET_S, help="seconds for the machine to calm"
    )
    parser.add_argument("--out", type=Path, default=ROOT / "build")
    arguments = parser.parse_args()
    names = [f"worker-{number}" for number in range(1, arguments.workers + 1)]
    ports = {name: free_port() for name in names}
    runs = []
    with (
        tempfile.TemporaryDirectory(prefix="vestibule-load-") as folder,
    ):
        Path(folder).chmod(0o711)
        with loaded_stack(Path(folder) / "stack", ports) as (stack, url):
            filled_s = fill(stack, arguments.templates)
            wait_until_quiet(arguments.patience)
            machine = describe_machine()
            for number, name in enumerate(names, start=1):
                stack[name].start()
                if number == 1:
                    with stack.client() as http:
                        for place, photo in enumerate(sample_photos().enrolled):
                            enrol(http, photo, name=f"Guest {place}")
                runs.append(
                    measured(
                        stack,
                        url,
                        workers=number,
                        clients=arguments.clients,
                        seconds=arguments.seconds,
                        ports={one: ports[one] for one in names[:number]},
                    )
                )
    figures = {
        "machine": machine,
        "seconds": arguments.seconds,
        "templates": arguments.templates,
        "filled_s": filled_s,
        "runs": runs,
    }
    report.write_json(figures, arguments.out / f"load-stack-{arguments.templates}.json")
    publish(arguments.out, DOCUMENT)
    sys.stderr.write(as_markdown(figures) + "\n")
    sys.exit(1 if any(one["run"]["unexpected_count"] for one in runs) else 0)


if __name__ == "__main__":
    main()
