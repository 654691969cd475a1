"""Old entries of the audit log go as the services' role, and what is left is proven."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest
from sqlalchemy import make_url, select, text
from sqlalchemy.exc import ProgrammingError

from tests.servers.postgres import PostgresServer
from vestibule.adapters.folder_blobs import FolderBlobStore
from vestibule.adapters.sealing import AesGcmSealer
from vestibule.domain.retention import Kept, as_shipped
from vestibule.records import audit, audit_start, legal_holds
from vestibule.records.application_role import grant_application_role
from vestibule.records.audit import AuditHead
from vestibule.records.audit_tables import AuditEntry
from vestibule.records.database import Database
from vestibule.records.legal_holds import Held
from vestibule.records.migrating import migrate
from vestibule.workflows.anchor_audit import START, AuditAnchors, verify_audit
from vestibule.workflows.truncate_audit import truncate_audit

NOW = datetime.now(UTC)
OLD = timedelta(days=as_shipped().days[Kept.AUDIT])
PAST_THE_TRIGGER = "ALTER TABLE audit_entry DISABLE TRIGGER audit_entry_append_only"


@pytest.fixture(scope="module")
def databases(server: PostgresServer) -> Iterator[SimpleNamespace]:
    """As the owner of the tables, and as services connect."""
    owner = Database(server.url)
    migrate(owner)
    grant_application_role(owner, role="service", password="a b")
    url = make_url(server.url).set(username="service", password="a b")
    service = Database(url.render_as_string(hide_password=False))
    yield SimpleNamespace(owner=owner, service=service)
    service.close()
    owner.close()


@pytest.fixture
def log(databases, tmp_path) -> SimpleNamespace:
    """Ten entries that are due and five that are not. Each with a head kept beside it."""
    with databases.owner.begin() as transaction:
        transaction.execute(text(PAST_THE_TRIGGER))
        transaction.execute(text("DELETE FROM audit_entry"))
        transaction.execute(text("DELETE FROM audit_start"))
        transaction.execute(
            text("ALTER TABLE audit_entry ENABLE ALWAYS TRIGGER audit_entry_append_only")
        )
    clock = SimpleNamespace(moment=NOW)
    clock.now = lambda: clock.moment
    runtime = SimpleNamespace(
        database=databases.service,
        blobs=FolderBlobStore(tmp_path, sealer=AesGcmSealer(bytes(32)), reserve_bytes=0),
        sealer=AesGcmSealer(bytes(32)),
        clock=clock,
    )
    for days in [*range(10, 0, -1), *range(-1, -6, -1)]:
        clock.moment = NOW - OLD - timedelta(days=days)
        add(runtime, subject=f"customer:{days}")
        AuditAnchors().round(runtime)
    clock.moment = NOW
    assert verify_audit(runtime).is_whole
    return SimpleNamespace(runtime=runtime, owner=databases.owner, clock=clock)


def add(runtime, *, subject: str = "test") -> None:
    with runtime.database.begin() as transaction:
        audit.append(
            transaction, at=runtime.clock.now(), actor="owner", action="test", subject=subject
        )


def numbers(log) -> list[int]:
    with log.owner.begin() as transaction:
        return list(transaction.scalars(select(AuditEntry.number).order_by(AuditEntry.number)))


@pytest.mark.duty("GDPR 5(1)(e)")
def test_art_5_1_e_old_entries_go_and_the_log_says_from_where_on_it_proves(log):
    before = numbers(log)
    assert truncate_audit(log.runtime) == 10
    assert numbers(log)[:-1] == before[10:]
    report = verify_audit(log.runtime)
    assert report.is_whole and report.start_is_sealed
    assert (report.start.number, report.start.entries) == (before[9], 10)
    assert report.chain.entries == 6, "and one that says what went"
    assert truncate_audit(log.runtime) == 0


def test_again_a_month_later_the_start_moves_on(log):
    truncate_audit(log.runtime)
    log.clock.moment += timedelta(days=3)
    add(log.runtime)
    assert truncate_audit(log.runtime) == 2
    report = verify_audit(log.runtime)
    assert report.is_whole and report.start.entries == 12


@pytest.mark.parametrize("step", ["keep_start", "_forget", "forget_heads_before"])
def test_kill_at_any_step_leaves_a_log_that_is_whole_and_goes_on(log, monkeypatch, step):
    class KilledError(BaseException):
        pass

    def kill(*_args):
        raise KilledError

    with monkeypatch.context() as patched:
        patched.setattr(f"vestibule.workflows.truncate_audit.{step}", kill)
        with pytest.raises(KilledError):
            truncate_audit(log.runtime)
    assert verify_audit(log.runtime).is_whole
    truncate_audit(log.runtime)
    report = verify_audit(log.runtime)
    assert report.is_whole and report.start_is_sealed and report.start.entries == 10
    assert numbers(log)[0] == report.start.number + 1


def test_in_pieces(log, monkeypatch):
    monkeypatch.setattr(audit_start, "PIECE", 3)
    assert truncate_audit(log.runtime) == 10
    assert verify_audit(log.runtime).is_whole


def test_service_deletes_nothing_itself_and_nothing_young_through_the_function(log):
    newest = numbers(log)[-1]
    for statement in ("DELETE FROM audit_entry", "TRUNCATE audit_entry"):
        with pytest.raises(ProgrammingError), log.runtime.database.begin() as transaction:
            transaction.execute(text("SET LOCAL vestibule.forgets = 'on'"))
            transaction.execute(text(statement))
    with log.runtime.database.begin() as transaction:
        transaction.execute(text("SELECT forget_audit_entries(:n)"), {"n": newest})
    with log.owner.begin() as transaction:
        youngest_gone = NOW - timedelta(days=180)
        left = transaction.scalars(select(AuditEntry.at).order_by(AuditEntry.number)).all()
    assert all(at >= youngest_gone for at in left)


def test_beginning_that_somebody_cut_off_is_found(log):
    """Whoever holds the database alone, whatever row they write."""
    first = numbers(log)[3]
    with log.owner.begin() as transaction:
        transaction.execute(text(PAST_THE_TRIGGER))
        cut = transaction.get_one(AuditEntry, first)
        audit_start.keep(transaction, AuditHead(first, 4, cut.entry_sha256), now=NOW)
        transaction.execute(text("DELETE FROM audit_entry WHERE number <= :n"), {"n": first})
        transaction.execute(
            text("ALTER TABLE audit_entry ENABLE ALWAYS TRIGGER audit_entry_append_only")
        )
    report = verify_audit(log.runtime)
    assert report.chain.flaw == "missing"
    assert truncate_audit(log.runtime) == 0, "people see to it first"


def test_start_that_somebody_wrote_anew_is_found(log):
    truncate_audit(log.runtime)
    log.runtime.blobs.put(START, b"another")
    report = verify_audit(log.runtime)
    assert START in report.unreadable and not report.is_whole


def test_after_a_restore_the_record_alone_says_where_it_begins(log):
    truncate_audit(log.runtime)
    for key in log.runtime.blobs.keys("audit/"):
        log.runtime.blobs.delete(key)
    report = verify_audit(log.runtime)
    assert report.is_whole and report.start is not None and not report.start_is_sealed


def test_what_names_somebody_under_a_legal_hold_stays_with_all_that_came_after(log):
    held = uuid4()
    holding = Held(frozenset({held}), frozenset())
    with log.owner.begin() as transaction:
        transaction.execute(text(PAST_THE_TRIGGER))
        fifth = transaction.scalars(select(AuditEntry).order_by(AuditEntry.number)).all()[4]
        number = fifth.number
        transaction.execute(
            text("UPDATE audit_entry SET subject = :s WHERE number = :n"),
            {"s": f"customer:{held}", "n": number},
        )
        transaction.execute(
            text("ALTER TABLE audit_entry ENABLE ALWAYS TRIGGER audit_entry_append_only")
        )
    with log.owner.begin() as transaction:
        start = audit_start.last_that_may_go(
            transaction, written_before=NOW - OLD, held=holding, after=None
        )
        free = audit_start.last_that_may_go(
            transaction, written_before=NOW - OLD, held=legal_holds.NOTHING, after=None
        )
    assert start.number == number - 1 and free.number > number


def test_log_that_is_all_old_keeps_its_end(log):
    log.clock.moment += timedelta(days=10_000)
    assert truncate_audit(log.runtime) == 0
