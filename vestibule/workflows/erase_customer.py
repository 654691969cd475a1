"""A person is removed from every store, and cannot be found when this returns.

The erasure is a row with a step for each store. Whatever ends the process, the next round of the
schedule goes on at the step that was not done. At its end every store is looked through once more,
and a signed receipt says what was there, what is left and what law keeps.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

import structlog

from vestibule.domain.erasure_receipt import STORES, Found, Kept, Receipt, StoreCheck, left_in
from vestibule.domain.errors import NotFoundError, VestibuleError
from vestibule.domain.ids import CustomerId
from vestibule.records import audit, customers, erasures, merges
from vestibule.records.database import Transaction
from vestibule.records.erasure_tables import ErasureRecord
from vestibule.records.tables import Customer
from vestibule.workflows.check_erasure import check_sealed_off, check_stores, what_is_kept
from vestibule.workflows.erasure_steps import STEPS, Step, StillFindableError
from vestibule.workflows.erasure_subjects import Subjects, keep_out, note_given_up
from vestibule.workflows.keys_beside_backups import Beside, rewrite_beside
from vestibule.workflows.runtime import Runtime
from vestibule.workflows.seal_off import held_until, seal_off

__all__ = [
    "Erasure",
    "Resumed",
    "StillFindableError",
    "erase_customer",
    "resume_erasure",
    "resume_erasures",
]

HELD_FOR = timedelta(seconds=60)
"""Whoever works on it says so again at each step; after that long without a word it was killed."""
LONGEST_PAUSE = timedelta(minutes=5)
_LAST_FOR_HOLDS = "rows"
"""Faces and pictures are gone by then; whom a claim is about stands in the rows."""
assert tuple(step.name for step in STEPS) == STORES
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Erasure:
    """How much of a person was removed."""

    erasure_id: UUID
    customer_id: CustomerId
    templates: int
    vectors: int
    images: int
    visits: int
    held_until: datetime | None = None
    """Until when a legal hold keeps what its claim needs, sealed off; then the rest goes."""
    waits_for: str | None = None
    """One of ``erasures.WAITING`` where it is not complete."""


class _Outcome(StrEnum):
    FINISHED = "finished"
    WAITING = "waiting"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Resumed:
    """What came of a round, in erasures: complete; done but for what a legal hold keeps or a
    place of backups that is away; stopped by a trouble."""

    finished: int
    waiting: int
    stopped: int


def erase_customer(runtime: Runtime, customer_id: CustomerId, *, actor: str) -> Erasure:
    """Erase, look everywhere again, then return. Safe to run twice and after a crash.

    Files that were merged into one are one person: all of them go, with what was kept for taking
    the merge back. From the first commit on no search finds the person: results are re-checked
    against ACTIVE rows. Raises NotFoundError if there is no such customer; what stops it half way
    is raised, and the erasure goes on by itself later. Under a legal hold it returns with
    ``held_until``, and completes by itself when the hold is over.
    """
    return _carry_out(runtime, begin_erasure(runtime, customer_id, actor=actor))


def begin_erasure(
    runtime: Runtime,
    customer_id: UUID,
    *,
    actor: str,
    cause: str = "REQUEST",
    only_if: Callable[[Transaction], bool] | None = None,
) -> UUID:
    """Nobody finds the person from here on. The id of the erasure, which may have begun before.

    ``only_if`` is asked in the transaction in which it begins; where it says no, or there is no
    such customer, NotFoundError is raised.
    """
    while True:
        with runtime.database.begin() as transaction:
            if only_if is not None and not only_if(transaction):
                raise NotFoundError()
            files = _files_of(transaction, customer_id)
            rows = [customers.find_in_any_state(transaction, one) for one in sorted(files)]
            if _files_of(transaction, customer_id) != files:
                continue  # a merge was faster
            present = {row.id: row for row in rows if row is not None}
            known = erasures.open_of(transaction, files[-1])
            if known is not None:
                return known.id
            if files[-1] not in present:
                raise NotFoundError()
            in_order = [present[one] for one in files if one in present]
            return _add(runtime, transaction, in_order, actor=actor, cause=cause)


def _add(
    runtime: Runtime, transaction: Transaction, files: list[Customer], *, actor: str, cause: str
) -> UUID:
    """Mark every file of the person as being erased; the one that the others point to is last."""
    for row in files:
        row.status = "ERASING"
    now, ids = runtime.clock.now(), [row.id for row in files]
    record = ErasureRecord(
        customer_id=ids[-1],
        subjects={
            "customers": [str(one) for one in ids],
            "templates": [str(one) for one in erasures.template_ids_of(transaction, ids)],
        },
        cause=cause,
        requested_by=actor,
        requested_at=now,
        held_until=now + HELD_FOR,
    )
    transaction.add(record)
    transaction.flush()
    if cause != "RETENTION":
        keep_out(runtime, transaction, record.id, files)
    audit.append(
        transaction,
        at=now,
        actor=actor,
        action="erasure.begin",
        subject=f"erasure:{record.id}",
        customers=[str(one) for one in ids],
        cause=cause,
    )
    return record.id


def _files_of(transaction: Transaction, customer_id: UUID) -> list[UUID]:
    kept = customers.standing_for(transaction, customer_id)
    return [*merges.merged_into(transaction, kept), kept]


# ── going on ────────────────────────────────────────────────────────────────────────────────
def resume_erasures(runtime: Runtime, *, is_alone: bool = False) -> Resumed:
    """Finish what a crash or a trouble interrupted.

    ``is_alone``: no other process can be at work, as at the start of the embedded mode. One that
    meets trouble again does not keep the others.
    """
    with runtime.database.begin() as transaction:
        if is_alone:
            erasures.free_all(transaction)
    while forgotten := _forgotten(runtime):
        with suppress(NotFoundError):  # another process was faster
            _begin_forgotten(runtime, forgotten[0])  # may name others of them too
    with runtime.database.begin() as transaction:
        left = erasures.nobody_works_on(transaction, now=runtime.clock.now())
    outcomes = Counter(_try(runtime, erasure_id) for erasure_id in left)
    resumed = Resumed(**{outcome.value: outcomes[outcome] for outcome in _Outcome})
    if left:
        log.info("erasures.resumed", **asdict(resumed))
    return resumed


def resume_erasure(runtime: Runtime, erasure_id: UUID) -> Erasure:
    """Now, whatever its pause. Raises NotFoundError, and what stops it again."""
    return _carry_out(runtime, erasure_id)


def _forgotten(runtime: Runtime) -> list[UUID]:
    with runtime.database.begin() as transaction:
        return erasures.customers_without_one(transaction)


def _begin_forgotten(runtime: Runtime, customer_id: UUID) -> None:
    """Marked by an earlier release, or by a restore that found their key destroyed."""
    with runtime.database.look() as reader:
        is_restored = erasures.was_erased_before(reader, customer_id)
    cause = "RESTORE" if is_restored else "REQUEST"
    erasure_id = begin_erasure(runtime, customer_id, actor="system", cause=cause)
    with runtime.database.begin() as transaction:
        record = erasures.find_for_change(transaction, erasure_id)
        if record is not None:
            record.held_until = None


def _try(runtime: Runtime, erasure_id: UUID) -> _Outcome:
    try:
        told = _carry_out(runtime, erasure_id)
    except VestibuleError as error:
        log.warning("erasure.stopped", erasure=str(erasure_id), code=error.code)
        return _Outcome.STOPPED
    return _Outcome.FINISHED if told.waits_for is None else _Outcome.WAITING


def _carry_out(runtime: Runtime, erasure_id: UUID) -> Erasure:
    try:
        for step in STEPS:
            subjects = _hold(runtime, erasure_id)
            if _is_done(runtime, erasure_id, step.name):
                continue
            _begin_step(runtime, subjects, step)
            until = held_until(runtime, subjects) if step.name == _LAST_FOR_HOLDS else None
            if until is not None:
                return _wait(runtime, erasure_id, until)
            step.empty(runtime, subjects)
            with runtime.database.begin() as transaction:
                now = runtime.clock.now()
                erasures.end_step(transaction, erasure_id, name=step.name, now=now)
        return _finish(runtime, erasure_id)
    except VestibuleError as error:
        if not isinstance(error, NotFoundError):
            _note_trouble(runtime, erasure_id, error.code)
        raise


def _hold(runtime: Runtime, erasure_id: UUID) -> Subjects:
    with runtime.database.begin() as transaction:
        record = erasures.find_for_change(transaction, erasure_id)
        if record is None:
            raise NotFoundError()
        record.held_until = runtime.clock.now() + HELD_FOR
        return Subjects.of(record)


def _is_done(runtime: Runtime, erasure_id: UUID, name: str) -> bool:
    with runtime.database.look() as reader:
        steps = erasures.steps_of(reader, [erasure_id]).get(erasure_id, [])
    return any(step.name == name and step.done_at is not None for step in steps)


def _note_trouble(runtime: Runtime, erasure_id: UUID, code: str) -> None:
    """It is tried again after a pause that grows: what is away may be away for long."""
    with runtime.database.begin() as transaction:
        record = erasures.find_for_change(transaction, erasure_id)
        if record is None or record.state == "DONE":
            return
        record.attempts += 1
        record.trouble = code
        pause = min(timedelta(seconds=2 ** min(record.attempts, 10)), LONGEST_PAUSE)
        record.held_until = runtime.clock.now() + pause


def _begin_step(runtime: Runtime, subjects: Subjects, step: Step) -> None:
    found = dict(step.count(runtime, subjects))
    with runtime.database.begin() as transaction:
        now = runtime.clock.now()
        erasures.begin_step(transaction, subjects.erasure_id, name=step.name, found=found, now=now)


def _wait(runtime: Runtime, erasure_id: UUID, until: datetime) -> Erasure:
    """Only where nothing is left but what the law keeps is there a receipt of that.

    The key goes now: what backups hold of the face is unreadable, and a restore finds them erased.
    """
    seal_off(runtime, _subjects(runtime, erasure_id), until)
    subjects = _subjects(runtime, erasure_id)
    _begin_step(runtime, subjects, STEPS[-1])
    STEPS[-1].empty(runtime, subjects)
    checks = check_sealed_off(runtime, subjects)
    beside = rewrite_beside(runtime, subjects)
    receipt = _receipt(runtime, subjects, checks, beside, finished_at=None)
    _keep_for_now(runtime, receipt)
    told = _told(erasure_id, subjects, receipt.found)
    return replace(told, held_until=until, waits_for=erasures.HELD_BY_LAW)


def _subjects(runtime: Runtime, erasure_id: UUID) -> Subjects:
    with runtime.database.look() as reader:
        record = erasures.find(reader, erasure_id)
    if record is None:
        raise NotFoundError()
    return Subjects.of(record)


# ── the end ─────────────────────────────────────────────────────────────────────────────────
def _finish(runtime: Runtime, erasure_id: UUID) -> Erasure:
    """Look everywhere again; only where nothing is left is there a receipt."""
    subjects = _subjects(runtime, erasure_id)
    checks = check_stores(runtime, subjects)
    beside = rewrite_beside(runtime, subjects)
    finished_at = None if beside.away else runtime.clock.now()
    receipt = _receipt(runtime, subjects, checks, beside, finished_at=finished_at)
    told = _told(erasure_id, subjects, receipt.found)
    if beside.away:
        _keep_for_now(runtime, receipt)
        _note_trouble(runtime, erasure_id, erasures.KEYRING_AWAY)
        return replace(told, waits_for=erasures.KEYRING_AWAY)
    _store(runtime, receipt)
    return told


def _receipt(
    runtime: Runtime,
    subjects: Subjects,
    checks: tuple[StoreCheck, ...],
    beside: Beside,
    *,
    finished_at: datetime | None,
) -> Receipt:
    """Raises StillFindableError where something is left that nothing keeps."""
    if left_in(checks):
        raise StillFindableError(stores=[check.store for check in checks if check.left])
    with runtime.database.look() as reader:
        record = erasures.find(reader, subjects.erasure_id)
        assert record is not None
        found = erasures.found_so_far(reader, subjects.erasure_id)
    away = (Kept("keyring_copy_not_reached", beside.away, None),) if beside.away else ()
    return Receipt(
        erasure_id=subjects.erasure_id,
        customer_ids=subjects.customers,
        requested_at=record.requested_at,
        finished_at=finished_at,
        found=found,
        checks=checks,
        kept=(*what_is_kept(runtime, subjects, found), *away),
        key_id=runtime.receipts.key_id,
        not_rewritten=beside.given_up,
    )


def _keep_for_now(runtime: Runtime, receipt: Receipt) -> None:
    """Signed as things are, until the one of the end takes its place."""
    with runtime.database.begin() as transaction:
        record = erasures.find_for_change(transaction, receipt.erasure_id)
        if record is not None and record.state != "DONE":
            _put(runtime, record, receipt)


def _put(runtime: Runtime, record: ErasureRecord, receipt: Receipt) -> None:
    text = receipt.as_text()
    note_given_up(record, receipt.not_rewritten)
    record.receipt, record.signature = text, runtime.receipts.sign(text.encode())


def _store(runtime: Runtime, receipt: Receipt) -> None:
    """Whoever is first writes it; another process that did the same work leaves it."""
    with runtime.database.begin() as transaction:
        record = erasures.find_for_change(transaction, receipt.erasure_id)
        if record is None or record.state == "DONE":
            return
        record.state, record.trouble, record.held_until = "DONE", None, None
        record.finished_at = receipt.finished_at
        _put(runtime, record, receipt)
        audit.append(
            transaction,
            at=runtime.clock.now(),
            actor=record.requested_by,
            action="erasure.complete",
            subject=f"erasure:{receipt.erasure_id}",
            found={store: dict(found) for store, found in receipt.found.items()},
            not_rewritten=len(receipt.not_rewritten),
        )


def _told(erasure_id: UUID, subjects: Subjects, found: Mapping[str, Found]) -> Erasure:
    pictures, rows = found.get("pictures", {}), found.get("rows", {})
    objects = found.get("objects", {}).get("objects", 0)
    return Erasure(
        erasure_id=erasure_id,
        customer_id=CustomerId(subjects.customers[-1]),
        templates=len(subjects.templates),
        vectors=found.get("index", {}).get("vectors", 0),
        images=pictures.get("photos", 0) + pictures.get("crops", 0) + objects,
        visits=rows.get("visit", 0),
    )
