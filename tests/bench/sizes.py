"""`make bench-sizes`: what one photo, guest and template take of each system, at rest and to do.

Writes build/sizes.json and a section of docs/benchmarks.md; docs/operations/scale.md calculates
with it. The distributed product runs for real on this machine: Postgres, two Redis, SeaweedFS, and
in Qdrant's place the stand-in with its engine. Sizes are growth over many, so that pages of 8 KiB
and what a server holds empty are not counted for one.
"""

import argparse
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import numpy as np
import psycopg
import redis
from minio import Minio

from tests.bench import report
from tests.bench.figures import ratio
from tests.bench.gallery_rows import fill_rows
from tests.bench.http_load import enrol, identify
from tests.bench.machine import ROOT, describe_machine
from tests.bench.photos import SamplePhotos, sample_photos
from tests.bench.stack_load import cpu_by_part
from tests.bench.synthetic_gallery import TEMPLATES_A_PERSON
from tests.stack.stack import BUCKET, Stack, free_port, servers
from vestibule.adapters.celery_queue import CeleryJobQueue, build_celery
from vestibule.adapters.database_clock import DatabaseClock
from vestibule.adapters.redis_rejected_probes import RedisRejectedProbes
from vestibule.adapters.sealing import AesGcmSealer
from vestibule.domain.embedding_space import EmbeddingSpace, Metric
from vestibule.domain.ids import CustomerId, JobId
from vestibule.ports import RejectedProbe
from vestibule.records.database import Database

START = "<!-- sizes: written by `make bench-sizes`, do not edit -->"
END = "<!-- sizes: end -->"
DOCUMENT = ROOT / "docs" / "benchmarks.md"
KEPT = ("audit_entry", "visit", "answered_alert", "face_count")
"""Of what a photo writes, what is still there when the photo is gone."""
FILL_PATIENCE_S = 1_800
IDLE_S = 30.0
_SETTLE_S = 3.0


def measure(folder: Path, *, templates: int, photos: int, messages: int) -> dict[str, Any]:
    """In the form of build/sizes.json."""
    port = free_port()
    with servers(folder) as stack:
        stack.add("api", 1).start()
        stack.add("scheduler").start()
        stack.add("worker", 1, VESTIBULE_METRICS_PORT=str(port)).start()
        sample = sample_photos()
        with stack.client(timeout_s=FILL_PATIENCE_S) as http:
            for number, photo in enumerate(sample.enrolled):
                enrol(http, photo, name=f"Guest {number}")
            crops = _object_bytes(stack)
            for photo in sample.mixture:
                identify(http, photo)
            filled = _filled(stack, http, templates)
            seen = _seen(stack, http, sample, photos, metrics=f"http://127.0.0.1:{port}/metrics")
        stack["worker-1"].stop()
        stack["scheduler"].stop()
        queue = _growth_of(stack.redis.url, _enqueue(stack), messages)
        remembered = _growth_of(stack.volatile.url, _remember(stack, filled["dimension"]), 500)
    enrolled = [size for key, size in crops.items() if key.startswith("customers/")]
    return {
        "machine": describe_machine(),
        **filled,
        **seen,
        "crop_bytes": ratio(sum(enrolled), len(enrolled)),
        "queued_job_bytes": queue,
        "rejected_face_bytes": remembered,
    }


def _filled(stack: Stack, http: httpx.Client, templates: int) -> dict[str, Any]:
    """What a gallery takes of Postgres and of the index, by its growth from a quarter to all."""
    fill_rows(stack, templates=templates // 4, seed=1)
    http.post("/v1/index/reconciliation").raise_for_status()
    tables, quarter = _table_bytes(stack), _index_sizes(stack)
    more = templates - templates // 4
    fill_rows(stack, templates=more, seed=2)
    began = time.monotonic()
    http.post("/v1/index/reconciliation").raise_for_status()
    index_s = time.monotonic() - began
    grown, full = _grown(tables, _table_bytes(stack)), _index_sizes(stack)
    guests = -(-more // TEMPLATES_A_PERSON)
    with psycopg.connect(_conninfo(stack)) as link:
        asked = "SELECT dimension FROM index_generation WHERE state = 'SERVING'"
        (dimension,) = link.execute(asked).fetchone() or (0,)
    return {
        "templates": templates,
        "dimension": int(dimension),
        "index_filled_a_second": ratio(more, index_s),
        "template_row_bytes": ratio(grown["template"], more),
        "guest_row_bytes": ratio(grown["customer"] + grown["consent"], guests),
        "index_memory_bytes": ratio(full["memory"] - quarter["memory"], more),
        "index_disk_bytes": ratio(full["disk"] - quarter["disk"], more),
    }


def _seen(
    stack: Stack, http: httpx.Client, sample: SamplePhotos, photos: int, *, metrics: str
) -> dict[str, Any]:
    """What photos take, one after the other, the whole mixture in turns."""
    idle = _idle_cpu(stack)
    tables, objects, cpu = _table_bytes(stack), _object_bytes(stack), cpu_by_part(stack)
    began = time.monotonic()
    statements = _statements(metrics) + _statements(f"{stack.url('api-1')}/metrics")
    faces = 0
    for number in range(photos):
        faces += identify(http, sample.mixture[number % len(sample.mixture)]).faces
    now, took_s = cpu_by_part(stack), time.monotonic() - began
    spent = {part: now[part] - cpu.get(part, 0) - idle.get(part, 0) * took_s for part in now}
    grown = _grown(tables, _table_bytes(stack))
    added = {key: size for key, size in _object_bytes(stack).items() if key not in objects}
    asked = _statements(metrics) + _statements(f"{stack.url('api-1')}/metrics") - statements
    kept = sum(grown.get(table, 0) for table in KEPT)
    return {
        "photos": photos,
        "faces_a_photo": ratio(faces, photos),
        "upload_bytes": ratio(sum(len(one.jpeg) for one in sample.mixture), len(sample.mixture)),
        "photo_kept_row_bytes": ratio(kept, photos),
        "photo_passing_row_bytes": ratio(sum(grown.values()) - kept, photos),
        "photo_object_bytes": ratio(sum(added.values()), photos),
        "photo_objects": ratio(len(added), photos),
        "statements_a_photo": ratio(asked, photos),
        "cpu_s_a_photo": {
            part: max(0.001, ratio(spent[part], photos) or 0) for part in sorted(spent)
        },
    }


def _idle_cpu(stack: Stack) -> dict[str, float]:
    """What each part does by the clock, in processor seconds a second, with nobody there."""
    before = cpu_by_part(stack)
    time.sleep(IDLE_S)
    after = cpu_by_part(stack)
    return {part: (after[part] - before.get(part, 0.0)) / IDLE_S for part in after}


# ── Postgres ────────────────────────────────────────────────────────────────────────────────
def _conninfo(stack: Stack) -> str:
    return stack.postgres.url.replace("+psycopg", "")


def _table_bytes(stack: Stack) -> Counter[str]:
    """With indexes and what is stored out of line."""
    query = "SELECT relname, pg_total_relation_size(relid) FROM pg_stat_user_tables"
    with psycopg.connect(_conninfo(stack)) as link:
        return Counter(dict(link.execute(query).fetchall()))


def _grown(before: Counter[str], after: Counter[str]) -> Counter[str]:
    return after - before


def _statements(metrics_url: str) -> float:
    """How many a process has sent to Postgres."""
    page = httpx.get(metrics_url, timeout=30, trust_env=False).raise_for_status().text
    pattern = r'(?m)^vestibule_dependency_seconds_count\{dependency="database"[^}]*\} (\S+)$'
    return sum(float(value) for value in re.findall(pattern, page))


# ── the others ──────────────────────────────────────────────────────────────────────────────
def _index_sizes(stack: Stack) -> dict[str, int]:
    """Of a process that was started anew: what it holds for the collection, not for filling it.

    Memory without that of files, which the system takes back when it needs it.
    """
    stack.index.stop()
    stack.index.start()
    time.sleep(_SETTLE_S)
    status = Path(f"/proc/{stack.index.pid}/status").read_text()
    resident = 1024 * int(re.findall(r"(?m)^RssAnon:\s+(\d+) kB$", status)[0])
    files = [path for path in (stack.folder / "index").rglob("*") if path.is_file()]
    return {"memory": resident, "disk": sum(path.stat().st_blocks * 512 for path in files)}


def _object_bytes(stack: Stack) -> dict[str, int]:
    client = Minio(
        stack.objects.endpoint,
        access_key=stack.objects.access_key,
        secret_key=stack.objects.secret_key,
        secure=False,
    )
    found = client.list_objects(BUCKET, recursive=True)
    return {str(one.object_name): int(one.size or 0) for one in found}


def _growth_of(url: str, add: Callable[[int], None], count: int) -> float | None:
    """Memory of a Redis for one of ``count`` things that ``add`` puts there."""
    with redis.Redis.from_url(url) as link:
        before = _used(link.info("memory"))
        add(count)
        return ratio(_used(link.info("memory")) - before, count)


def _used(memory: Mapping[str, Any]) -> int:
    return int(memory["used_memory"])


def _enqueue(stack: Stack) -> Callable[[int], None]:
    def add(count: int) -> None:
        app = build_celery(stack.redis.url)
        queue = CeleryJobQueue(app)
        for _ in range(count):
            queue.enqueue(JobId(uuid4()), queue="identify")
        app.close()

    return add


def _remember(stack: Stack, dimension: int) -> Callable[[int], None]:
    def add(count: int) -> None:
        database = Database(stack.postgres.url, pool_size=1)
        until = DatabaseClock(database).now()
        database.close()
        space = EmbeddingSpace("a" * 64, "any", Metric.COSINE, dimension)
        held = RedisRejectedProbes(stack.volatile.url, AesGcmSealer(bytes(32)))
        random = np.random.default_rng(0)
        for _ in range(count):
            embedding = random.standard_normal(dimension).astype(np.float32)
            held.remember(
                space,
                RejectedProbe(uuid4(), CustomerId(uuid4()), embedding, until.replace(year=2999)),
            )
        held.close()

    return add


# ── words ───────────────────────────────────────────────────────────────────────────────────
def as_markdown(figures: report.Figures) -> str:
    words = (
        f"{figures['templates']:,} templates of {figures['dimension']} numbers; "
        f"{figures['photos']} photos with {figures['faces_a_photo']:.2f} faces each, one after "
        "the other. The index is the stand-in with Qdrant's engine."
    )
    cpu = figures["cpu_s_a_photo"]
    parts = sorted(cpu, key=lambda part: -cpu[part])
    rows = [
        ("a template: row in Postgres", _bytes(figures["template_row_bytes"])),
        ("a guest: rows in Postgres", _bytes(figures["guest_row_bytes"])),
        ("a template: memory of the index", _bytes(figures["index_memory_bytes"])),
        ("a template: disk of the index", _bytes(figures["index_disk_bytes"])),
        ("a template: its crop", _bytes(figures["crop_bytes"])),
        ("a photo: objects until it expires", _bytes(figures["photo_object_bytes"])),
        ("a photo: number of objects", f"{figures['photo_objects']:.2f}"),
        ("a photo: rows until it expires", _bytes(figures["photo_passing_row_bytes"])),
        ("a photo: rows that stay", _bytes(figures["photo_kept_row_bytes"])),
        ("a photo: as it was uploaded", _bytes(figures["upload_bytes"])),
        ("a photo: statements to Postgres", f"{figures['statements_a_photo']:.1f}"),
        ("a waiting job: memory of Redis", _bytes(figures["queued_job_bytes"])),
        ("a rejected face: memory of Redis", _bytes(figures["rejected_face_bytes"])),
        ("filling the index, templates a second", _pace(figures)),
        *((f"a photo: processor time, {part}", f"{cpu[part] * 1000:.1f} ms") for part in parts),
    ]
    lines = [("what", "takes"), ("---", "---"), *rows]
    table = "\n".join(f"| {what} | {takes} |" for what, takes in lines)
    return "\n\n".join([report.machine_line(figures["machine"]), words, table])


def _bytes(size: float) -> str:
    return f"{size:,.0f} B"


def _pace(figures: report.Figures) -> str:
    return f"{figures['index_filled_a_second']:,.0f}"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.sizes", description=__doc__)
    parser.add_argument("--templates", type=int, default=100_000)
    parser.add_argument("--photos", type=int, default=200)
    parser.add_argument("--messages", type=int, default=2_000)
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "sizes.json")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="vestibule-sizes-") as folder:
        Path(folder).chmod(0o711)
        figures = measure(
            Path(folder) / "stack",
            templates=arguments.templates,
            photos=arguments.photos,
            messages=arguments.messages,
        )
    report.write_json(figures, arguments.out)
    report.write_between(START, as_markdown(figures), END, DOCUMENT)
    sys.stderr.write(as_markdown(figures) + "\n")


if __name__ == "__main__":
    main()
