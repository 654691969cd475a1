"""`make bench-lists`: every list and every search over the rows of a chain that has run for years.

Writes build/lists.json and a section of docs/benchmarks.md. The time is what an HTTP client on the
same machine waits for, so the server's own is less.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import httpx
import numpy as np
from sqlalchemy import event, text
from sqlalchemy.engine import Connection

from services.serve import Product
from services.started_here import started_here
from services.worker import schedule
from tests.bench import report
from tests.bench.machine import ROOT, describe_machine
from tests.bench.many_rows import BIG_TABLES, FULL, SMALL, Amount, fill
from vestibule.settings import Settings

START = "<!-- lists: written by `make bench-lists`, do not edit -->"
END = "<!-- lists: end -->"
DOCUMENT = ROOT / "docs" / "benchmarks.md"
AIM_MS = 200
SOMEBODY = "{somebody}"

REQUESTS = (
    "/v1/customers",
    "/v1/customers?query=lefevre",
    "/v1/customers?query=zoe%20lef",
    "/v1/customers?query=lefevbre",
    "/v1/customers?query=L-4711",
    "/v1/customers?query=a",
    "/v1/customers?tag=vip",
    f"/v1/customers/{SOMEBODY}",
    f"/v1/customers/{SOMEBODY}/timeline",
    f"/v1/customers/{SOMEBODY}/offers",
    "/v1/data-requests",
    "/v1/erasures",
    "/v1/ending-consents",
    f"/v1/customers/{SOMEBODY}/duplicates",
    f"/v1/customers/{SOMEBODY}/merges",
    "/v1/customer-duplicates",
    "/v1/tonight",
    f"/v1/customers/{SOMEBODY}/purchases",
    f"/v1/customers/{SOMEBODY}/consumption",
    f"/v1/watchlist/customers/{SOMEBODY}",
    "/v1/incidents",
    "/v1/incidents?state=reported",
    "/v1/incidents?state=verified&kind=theft&least_severity=4",
    "/v1/incidents?mine=true",
    f"/v1/incidents?customer_id={SOMEBODY}",
    "/v1/watchlist/proposals",
    "/v1/watchlist/entries",
    "/v1/watchlist/entries?query=lef",
    "/v1/watchlist/appeals",
    "/v1/alerts",
    "/v1/alerts/figures",
    "/v1/audit/entries",
    "/v1/audit/entries?actor=Staff%207",
    "/v1/audit/entries?action=customer.view",
    "/v1/audit/entries?subject=customer",
    "/v1/photos",
    "/v1/jobs",
    "/v1/status",
    "/v1/gallery/health",
    "/v1/gallery/findings?kind=duplicate",
    "/v1/gallery/gaps?kind=single_face",
    "/v1/gallery/gaps?kind=no_face",
    "/v1/gallery/gaps?kind=no_consent",
    "/v1/gallery/judgements",
)
"""A test sees that every list of the API is among them."""


@dataclass(slots=True)
class Asked:
    request: str
    seconds: list[float] = field(default_factory=list)
    sequential: list[str] = field(default_factory=list)
    """Queries that read a big table from end to end, each with the table."""
    refused: str = ""

    def as_json(self) -> dict[str, Any]:
        p50, p95 = (float(np.percentile(self.seconds, q) * 1000) for q in (50, 95))
        return {
            "request": self.request,
            "p50_ms": round(p50, 1),
            "p95_ms": round(p95, 1),
            "sequential": self.sequential,
            "refused": self.refused,
        }


@contextmanager
def filled_product(amount: Amount, settings: Settings) -> Iterator[tuple[Product, httpx.Client]]:
    # The made-up faces open with no key: the index is not to be mended by them meanwhile.
    once = patch.object(schedule, "RECONCILE_EVERY", timedelta(days=1))
    with once, started_here(settings) as product:
        with product.installation.runtime.database.connect() as connection:
            fill(connection, amount, space_id=product.installation.runtime.engine.space.id)
        with httpx.Client(base_url=product.url, timeout=120, trust_env=False) as http:
            token = product.sign_in_url().rsplit("/", 1)[-1]
            said = http.post("/v1/session", json={"token": token}).raise_for_status().json()
            http.headers["Authorization"] = f"Bearer {said['access_token']}"
            yield product, http


def ask_all(product: Product, http: httpx.Client, *, repeats: int) -> list[Asked]:
    """Each request a few times in a row; the plans are those of its first time."""
    with product.installation.runtime.database.connect() as connection:
        somebody = connection.scalar(
            text("SELECT customer_id FROM incident_person ORDER BY id LIMIT 1")
        )
        return [
            _ask(connection, http, Asked(request), str(somebody), repeats=repeats)
            for request in REQUESTS
        ]


def _ask(
    connection: Connection, http: httpx.Client, asked: Asked, somebody: str, *, repeats: int
) -> Asked:
    address = asked.request.replace(SOMEBODY, somebody)
    rounds = []
    for _ in range(2):  # what only one of them has is the product's own work beside it
        with _overheard(connection) as statements:
            answer = http.get(address)
        rounds.append({one[0] for one in statements})
    if answer.status_code != httpx.codes.OK:
        asked.refused = f"{answer.status_code} {answer.text[:200]}"
    asked.sequential = [
        found
        for one in statements
        if one[0] in rounds[0]
        for found in _sequential(connection, *one)
    ]
    for _ in range(repeats):
        started = time.perf_counter()
        http.get(address)
        asked.seconds.append(time.perf_counter() - started)
    return asked


@contextmanager
def _overheard(connection: Connection) -> Iterator[list[tuple[str, Any]]]:
    """The SELECTs that the product sends meanwhile, with their values."""
    heard: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, statement: str, values: Any, *_rest: Any) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "WITH")):
            heard.append((statement, values))

    event.listen(connection.engine, "before_cursor_execute", note)
    try:
        yield heard
    finally:
        event.remove(connection.engine, "before_cursor_execute", note)


def _sequential(connection: Connection, statement: str, values: Any) -> list[str]:
    plan = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", values).scalar_one()
    connection.rollback()
    tables = set(_scanned(plan if isinstance(plan, list) else json.loads(plan)))
    return [f"{table}: {' '.join(statement.split())[:300]}" for table in sorted(tables)]


def _scanned(plan: Any) -> Iterator[str]:
    if isinstance(plan, list):
        for part in plan:
            yield from _scanned(part)
    elif isinstance(plan, dict):
        if plan.get("Node Type") == "Seq Scan" and plan.get("Relation Name") in BIG_TABLES:
            yield plan["Relation Name"]
        for part in plan.values():
            yield from _scanned(part)


def as_markdown(figures: dict[str, Any]) -> str:
    amount, asked = figures["rows"], figures["asked"]
    rows = [
        f"| `GET {one['request']}` | {one['p50_ms']:.0f} ms | {one['p95_ms']:.0f} ms |"
        for one in asked
    ]
    worst = max(one["p95_ms"] for one in asked)
    scans = sum(len(one["sequential"]) for one in asked)
    return "\n".join(
        [
            report.machine_line(figures["machine"]),
            "",
            f"{amount['customers']:,} customers, {amount['visits']:,} visits, "
            f"{amount['incidents']:,} incidents, {amount['purchases']:,} purchases, "
            f"{amount['audit_entries']:,} audit entries; {figures['repeats']} requests each. "
            f"Slowest p95 {worst:.0f} ms (aim: at most {AIM_MS} ms). "
            f"Queries that read a big table from end to end: {scans}.",
            "",
            "| request | p50 | p95 |",
            "| --- | --- | --- |",
            *rows,
        ]
    )


def measure(amount: Amount, settings: Settings, *, repeats: int) -> dict[str, Any]:
    machine = describe_machine()
    with filled_product(amount, settings) as (product, http):
        asked = ask_all(product, http, repeats=repeats)
    rows = {name: getattr(amount, name) for name in Amount.__slots__}
    return {
        "machine": machine,
        "rows": rows,
        "repeats": repeats,
        "asked": [one.as_json() for one in asked],
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.lists", description=__doc__)
    parser.add_argument("--small", action="store_true", help="fewer rows; not published")
    parser.add_argument("--repeats", type=int, default=40)
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "lists.json")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="vestibule-lists-") as folder:
        Path(folder).chmod(0o711)
        settings = Settings(_env_file=None, data_dir=Path(folder) / "data", min_free_bytes=0)
        amount = SMALL if arguments.small else FULL
        figures = measure(amount, settings, repeats=arguments.repeats)
    report.write_json(figures, arguments.out)
    if not arguments.small:
        report.write_between(START, as_markdown(figures), END, DOCUMENT)
    sys.stderr.write(as_markdown(figures) + "\n")
    for one in figures["asked"]:
        for found in [*one["sequential"], *([one["refused"]] if one["refused"] else [])]:
            sys.stderr.write(f"{one['request']}\n    {found}\n")


if __name__ == "__main__":
    main()
