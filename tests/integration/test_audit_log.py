"""The audit log in Postgres: nobody changes it, and whoever does past it all is found out."""

import itertools
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from tests.servers.postgres import PostgresServer
from vestibule.adapters.folder_blobs import FolderBlobStore
from vestibule.adapters.sealing import AesGcmSealer
from vestibule.records import audit, audit_search
from vestibule.records.audit_search import AuditQuery
from vestibule.records.database import Database, Transaction
from vestibule.records.migrating import migrate
from vestibule.workflows.anchor_audit import LATEST, AuditAnchors, verify_audit

NOW = datetime(2026, 11, 21, 23, 0, tzinfo=UTC)
PAST_THE_TRIGGER = "ALTER TABLE audit_entry DISABLE TRIGGER audit_entry_append_only"


@pytest.fixture(scope="module")
def owner(server: PostgresServer) -> Iterator[Database]:
    database = Database(server.url)
    migrate(database)
    for number in range(1, 13):
        add(database, subject=f"customer:{number}")
    yield database
    database.close()


def add(database: Database, *, action: str = "test", subject: str = "test", **details) -> None:
    with database.begin() as transaction:
        audit.append(transaction, at=NOW, actor="owner", action=action, subject=subject, **details)


@pytest.fixture
def tampering(owner: Database) -> Iterator[Transaction]:
    """A transaction of somebody who owns the table, after which nothing has happened."""
    with owner.begin() as transaction:
        transaction.execute(text(PAST_THE_TRIGGER))
        yield transaction
        transaction.rollback()


# ── the database itself ─────────────────────────────────────────────────────────────────────
@pytest.mark.duty("GDPR 5(2)", "GDPR 32")
@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit_entry SET actor = 'nobody'", "DELETE FROM audit_entry", "TRUNCATE audit_entry"],
)
@pytest.mark.parametrize("replication", ["origin", "replica"])
def test_art_32_not_even_the_owner_changes_an_entry(
    owner: Database, statement, replication
) -> None:
    refused = pytest.raises(ProgrammingError, match="the audit log is append-only")
    with refused, owner.begin() as transaction:
        transaction.execute(text(f"SET LOCAL session_replication_role = {replication}"))
        transaction.execute(text(statement))


def test_entries_of_many_at_once_make_one_chain(owner: Database) -> None:
    with owner.begin() as transaction:
        before = audit.verify(transaction).entries
    workers = [
        threading.Thread(target=lambda: [add(owner, action="many") for _ in range(10)])
        for _ in range(6)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    with owner.begin() as transaction:
        report = audit.verify(transaction)
    assert (report.broken_at, report.entries) == (None, before + 60)


# ── what verifying finds ────────────────────────────────────────────────────────────────────
SWAP = """
UPDATE audit_entry AS one SET (actor, action, subject, details, at, previous_sha256, entry_sha256) =
  (SELECT actor, action, subject, details, at, previous_sha256, entry_sha256
     FROM audit_entry AS other WHERE other.number = 9 - one.number)
 WHERE number IN (4, 5)
"""


@pytest.mark.parametrize(
    ("subject", "details"),
    [
        ('"previous": "x", "subject": "y', {}),
        ("s", {"previous": "nested", "é": "ü\U0001f600\u2028", "n": [1.5, 10**20, None]}),
        ("zürich \\ ' $$ :at %s %(x)s", {"deep": {"b": {"previous": ""}, "a": '"'}}),
        ("", {"z": True, "aa": False, "b": 1e-7}),
    ],
)
def test_database_chains_by_the_hash_that_verifying_works_out(
    owner: Database, subject: str, details: dict[str, Any]
) -> None:
    at = datetime(2026, 3, 29, 2, 30, tzinfo=timezone(timedelta(hours=2)))
    for moment in (at, at.replace(microsecond=7)):
        with owner.begin() as transaction:
            audit.append(
                transaction, at=moment, actor="a\tb", action="x.y", subject=subject, **details
            )
    with owner.look() as transaction:
        assert audit.verify(transaction).broken_at is None


@pytest.mark.duty("GDPR 5(2)")
@pytest.mark.parametrize(
    ("statement", "broken_at", "flaw"),
    [
        ("UPDATE audit_entry SET actor = 'nobody' WHERE number = 7", 7, "changed"),
        ("UPDATE audit_entry SET details = '{\"x\": 1}' WHERE number = 7", 7, "changed"),
        ("UPDATE audit_entry SET at = at + interval '1 ms' WHERE number = 7", 7, "changed"),
        ("DELETE FROM audit_entry WHERE number = 7", 8, "missing"),
        ("DELETE FROM audit_entry WHERE number = 1", 2, "missing"),
        (SWAP, 4, "missing"),
        ("DELETE FROM audit_entry WHERE number > 9", 10, "cut_off"),
        ("DELETE FROM audit_entry", 1, "cut_off"),
    ],
)
@pytest.mark.parametrize("page", [3, 5_000])
def test_tampering_is_found_with_the_first_number(
    tampering, monkeypatch, statement, broken_at, flaw, page
) -> None:
    monkeypatch.setattr(audit, "_PAGE", page)
    kept = audit.find_head(tampering)
    assert audit.verify(tampering, [kept]).broken_at is None

    tampering.execute(text(statement))

    report = audit.verify(tampering, [kept])
    assert (report.broken_at, report.flaw) == (broken_at, flaw)


def test_chain_that_was_written_anew_does_not_fit_its_head(tampering) -> None:
    kept = audit.find_head(tampering)
    rows = list(audit._in_order(tampering))
    tampering.execute(text("DELETE FROM audit_entry"))
    previous = audit.GENESIS
    for row in rows:
        forged = SimpleNamespace(**{**row._mapping, "actor": "nobody", "previous_sha256": previous})
        previous = audit._digest(forged)
        values = {**vars(forged), "entry_sha256": previous, "details": json.dumps(forged.details)}
        tampering.execute(
            text(
                "INSERT INTO audit_entry OVERRIDING SYSTEM VALUE VALUES "
                "(:number, :at, :actor, :action, :subject, :details, :previous_sha256,"
                " :entry_sha256)"
            ),
            values,
        )

    assert audit.verify(tampering).broken_at is None
    report = audit.verify(tampering, [kept])
    assert (report.broken_at, report.flaw) == (kept.number, "changed")


# ── heads that are kept apart ───────────────────────────────────────────────────────────────
@pytest.fixture
def runtime(owner: Database, tmp_path: Path):
    moment = itertools.count()
    return SimpleNamespace(
        database=owner,
        blobs=FolderBlobStore(tmp_path, sealer=AesGcmSealer(bytes(32)), reserve_bytes=0),
        sealer=AesGcmSealer(bytes(32)),
        clock=SimpleNamespace(now=lambda: NOW + timedelta(minutes=next(moment))),
    )


def test_head_is_kept_where_there_are_new_entries(runtime, owner) -> None:
    anchors = AuditAnchors()
    add(owner)
    assert anchors.round(runtime)
    assert not anchors.round(runtime)
    add(owner)
    assert anchors.round(runtime)

    report = verify_audit(runtime)

    assert report.is_whole
    assert report.heads == 2, "today's and the latest"
    assert report.chain.head.entries == report.chain.entries


def test_cut_off_end_is_found_and_does_not_replace_the_kept_head(runtime, owner) -> None:
    add(owner)
    AuditAnchors().round(runtime)
    with owner.begin() as transaction:
        last = audit.find_head(transaction)
        transaction.execute(text(PAST_THE_TRIGGER))
        saved = transaction.execute(
            text("SELECT * FROM audit_entry WHERE number = :n"), {"n": last.number}
        ).one()
        transaction.execute(text("DELETE FROM audit_entry WHERE number = :n"), {"n": last.number})
    try:
        assert not AuditAnchors().round(runtime), "after a restart too"
        report = verify_audit(runtime)
        assert (report.chain.broken_at, report.chain.flaw) == (last.number, "cut_off")
        assert not report.is_whole
    finally:
        with owner.begin() as transaction:
            values = {**saved._mapping, "details": json.dumps(saved.details)}
            columns = ", ".join(values)
            marks = ", ".join(f":{name}" for name in values)
            transaction.execute(
                text(
                    f"INSERT INTO audit_entry ({columns}) OVERRIDING SYSTEM VALUE VALUES ({marks})"
                ),
                values,
            )
            transaction.execute(text(PAST_THE_TRIGGER.replace("DISABLE", "ENABLE ALWAYS")))
    assert verify_audit(runtime).is_whole


def test_kept_head_that_was_changed_or_moved_is_named(runtime) -> None:
    AuditAnchors().round(runtime)
    sealed = runtime.blobs.get(LATEST)
    runtime.blobs.put("audit/heads/2020-01-01", sealed)
    runtime.blobs.put(LATEST, sealed[:-1] + bytes([sealed[-1] ^ 1]))

    report = verify_audit(runtime)

    assert report.unreadable == ("audit/heads/2020-01-01", LATEST)
    assert not report.is_whole


# ── looking things up ───────────────────────────────────────────────────────────────────────
def test_pages_of_entries_of_one_moment_hold_each_once(owner) -> None:
    name = uuid4().hex
    for _ in range(7):
        add(owner, action=name)
    seen, before = [], None
    with owner.begin() as transaction:
        while rows := audit_search.page(
            transaction, AuditQuery(action=name), limit=3, before=before
        ):
            seen += [row.number for row in rows]
            before = (rows[-1].at, rows[-1].number)
    assert seen == sorted(set(seen), reverse=True)
    assert len(seen) == 7


@pytest.mark.duty("GDPR 33")
def test_art_33_customer_is_found_wherever_an_entry_names_them(owner) -> None:
    someone, other = str(uuid4()), str(uuid4())
    add(owner, action="one", subject=f"customer:{someone}")
    add(owner, action="two", subject="photo:1", customers=[other, someone])
    add(owner, action="three", subject="face:1", customer=someone)
    add(owner, action="four", subject="photo:2", customers=[other])

    found = audit_search.all_of(owner, AuditQuery(subject=f"customer:{someone}"))

    assert [row.action for row in found] == ["one", "two", "three"]


@pytest.mark.parametrize(
    "query",
    [
        AuditQuery(),
        AuditQuery(since=NOW - timedelta(days=3), until=NOW - timedelta(days=2)),
        AuditQuery(actor="actor 7"),
        AuditQuery(action="action 3"),
        AuditQuery(subject="photo:12345"),
        AuditQuery(subject=f"customer:{uuid4()}"),
    ],
)
def test_no_search_reads_the_whole_log(tampering, query) -> None:
    tampering.execute(
        text(
            "INSERT INTO audit_entry (at, actor, action, subject, details, previous_sha256,"
            " entry_sha256) SELECT now() - n * interval '1 minute', 'actor ' || n % 50,"
            " 'action ' || n % 40, 'photo:' || n, jsonb_build_object('customers',"
            " jsonb_build_array(gen_random_uuid())), '', '' FROM generate_series(1, 30000) AS n"
        )
    )
    tampering.execute(text("ANALYZE audit_entry"))
    wanted = audit_search._wanted(query).order_by(
        audit_search.AuditEntry.at.desc(), audit_search.AuditEntry.number.desc()
    )
    compiled = wanted.limit(50).compile(tampering.get_bind())
    values = {
        name: json.dumps(value) if isinstance(value, dict) else value
        for name, value in compiled.params.items()
    }
    plan = tampering.connection().exec_driver_sql(f"EXPLAIN {compiled}", values)

    lines = [row[0] for row in plan]

    assert not any("Seq Scan" in line for line in lines), lines
