"""How many entries a second the audit log takes, by processes that write at once.

python -m tests.bench.audit_chain starts a Postgres of its own and writes a table in Markdown.
"""

import multiprocessing
import sys
import tempfile
import time
from datetime import UTC, datetime
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from pathlib import Path

from tests.servers.postgres import PostgresServer
from vestibule.records import audit
from vestibule.records.database import Database
from vestibule.records.migrating import migrate

WRITERS = (1, 2, 4, 8)


def main(seconds: float = 5.0) -> None:
    with tempfile.TemporaryDirectory(prefix="vestibule-bench-") as folder:
        Path(folder).chmod(0o711)
        with PostgresServer(Path(folder)) as server:
            database = Database(server.url)
            migrate(database)
            say("| processes | entries a second |\n|---|---|")
            for writers in WRITERS:
                say(f"| {writers} | {_rate(server.url, writers, seconds):,.0f} |")
            began = time.monotonic()
            with database.look() as transaction:
                report = audit.verify(transaction)
            took = time.monotonic() - began
            say(f"\nverified {report.entries:,} entries at {report.entries / took:,.0f} a second")
            database.close()


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _rate(url: str, writers: int, seconds: float) -> float:
    context = multiprocessing.get_context("spawn")
    together, counts = context.Barrier(writers), context.Queue()
    processes = [
        context.Process(target=_write, args=(url, seconds, together, counts))
        for _ in range(writers)
    ]
    for process in processes:
        process.start()
    total = sum(counts.get() for _ in processes)
    for process in processes:
        process.join()
    return total / seconds


def _write(url: str, seconds: float, together: Barrier, counts: "Queue[int]") -> None:
    """Begins when all are there: what a process costs to start is not what is measured."""
    database, count = Database(url, pool_size=1), 0
    with database.begin() as transaction:
        audit.find_head(transaction)
    together.wait()
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with database.begin() as transaction:
            audit.append(
                transaction,
                at=datetime.now(UTC),
                actor="bench",
                action="photo.identify",
                subject="photo:0d0b5f5e-3f6a-4f0f-8b7d-0b8a3f6f7a11",
                decisions=["MATCH", "UNKNOWN"],
                customers=["6f0d5d0a-6a52-4b2e-9a63-0f4d7c2f4f10"],
            )
        count += 1
    database.close()
    counts.put(count)


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 5.0)
