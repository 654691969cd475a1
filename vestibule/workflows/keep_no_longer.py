"""What was kept for its time goes, kind by kind, in pieces that are short and can be repeated."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from vestibule.domain.ids import TemplateId
from vestibule.domain.retention import Kept
from vestibule.records import (
    audit,
    customers,
    gallery,
    idle_faces,
    legal_holds,
    retention,
    retention_policies,
)
from vestibule.records.retained import IN_TABLES
from vestibule.records.tables import Template
from vestibule.telemetry import RETAINED_REMOVED
from vestibule.workflows.index_templates import unindex_templates
from vestibule.workflows.let_files_go import remove_files
from vestibule.workflows.runtime import Runtime

LOOK_EVERY = timedelta(minutes=10)
JUMP = timedelta(days=1)
"""Rounds are seconds apart: a clock that went on by so much is not believed for ``LOOK_EVERY``."""
BY_CLOCK = (*IN_TABLES, Kept.TEMPLATE, Kept.CUSTOMER)
PIECES_A_ROUND = 4
"""Of one kind; what is left waits for the next round of the schedule, seconds later."""
ROWS = 500
"""In one transaction, of kinds with much of it; ``ROWS_OF_WEIGHT`` of those with much behind it."""
ROWS_OF_WEIGHT = 50
_PLENTY = (
    Kept.VISIT,
    Kept.PURCHASE,
    Kept.ALERT,
    Kept.OFFER,
    Kept.CONSENT,
    Kept.ENROLMENT,
    Kept.JOB,
    Kept.LINK,
    Kept.SESSION,
)
log = structlog.get_logger(__name__)


class RetentionRounds:
    """By the clock. Remembers when it looked and what was not finished. For one thread."""

    def __init__(self) -> None:
        self._looked_at: datetime | None = None
        self._unfinished: set[Kept] = set()

    def round(self, runtime: Runtime) -> int:
        """How many things went now."""
        now = runtime.clock.now()
        passed = None if self._looked_at is None else now - self._looked_at
        if passed is not None and passed > JUMP:
            log.warning("retention.clock_jumped", by_s=passed.total_seconds())
            self._looked_at, self._unfinished = now, set()
            return 0
        if passed is None or not timedelta() <= passed < LOOK_EVERY:
            self._looked_at = now
            self._unfinished = set(BY_CLOCK)
        gone = 0
        for kind in sorted(self._unfinished):
            removed, is_done = remove_some(runtime, kind)
            gone += removed
            if is_done:
                self._unfinished.discard(kind)
        return gone


def remove_some(runtime: Runtime, kind: Kept) -> tuple[int, bool]:
    """Some pieces of one kind; how much went, and whether nothing more is due.

    Safe to run twice, from several processes, and to be killed at any moment.
    """
    piece = _OTHERWISE.get(kind, _remove_rows)
    removed = 0
    for _ in range(PIECES_A_ROUND):
        in_piece, is_last = piece(runtime, kind)
        removed += in_piece
        if is_last:
            break
    else:
        is_last = False
    with runtime.database.begin() as transaction:
        retention.note_round(transaction, kind, now=runtime.clock.now(), removed=removed)
    if removed:
        RETAINED_REMOVED.labels(kind.value).inc(removed)
        log.info("retention.removed", kind=kind.value, removed=removed)
    return removed, is_last


def remove_everything_due(runtime: Runtime) -> Mapping[Kept, int]:
    """All kinds to their end, for a command and for tests."""
    gone = {}
    for kind in BY_CLOCK:
        removed, is_done = remove_some(runtime, kind)
        while not is_done:
            more, is_done = remove_some(runtime, kind)
            removed += more
        gone[kind] = removed
    return gone


def _remove_rows(runtime: Runtime, kind: Kept) -> tuple[int, bool]:
    limit = ROWS if kind in _PLENTY else ROWS_OF_WEIGHT
    with runtime.database.begin() as transaction:
        retention_policies.one_at_a_time(transaction)
        now, current = runtime.clock.now(), retention_policies.in_force(transaction)
        ids, objects = retention.remove_due(
            transaction,
            kind,
            begun_before=current.policy.begun_before(kind, now),
            now=now,
            held=legal_holds.held(transaction, now=now),
            limit=limit,
        )
        if ids:
            audit.append(
                transaction,
                at=now,
                actor="system",
                action="retention.expire",
                subject=f"retention:{kind.value}",
                count=len(ids),
                kept_days=current.policy.days[kind],
                policy=current.number,
                **({} if kind in _PLENTY else {"ids": [str(one) for one in ids]}),
            )
    for key in objects:  # unreadable from the commit on, and tidied away if this is cut short
        runtime.blobs.delete(key)
    return len(ids), len(ids) < limit


# ── faces of guests who no longer come ──────────────────────────────────────────────────────
def _remove_faces(runtime: Runtime, _kind: Kept) -> tuple[int, bool]:
    with runtime.database.begin() as transaction:
        now = runtime.clock.now()
        kept_days = retention_policies.in_force(transaction).policy.days[Kept.TEMPLATE]
        held = legal_holds.held(transaction, now=now)
        due = idle_faces.due(
            transaction, kept_days=kept_days, now=now, held=held, limit=ROWS_OF_WEIGHT
        )
        new = idle_faces.END.to_announce(
            transaction, kept_days=kept_days, now=now, limit=ROWS_OF_WEIGHT
        )
        if new:
            idle_faces.END.announce(transaction, new, now=now)
            audit.append(
                transaction,
                at=now,
                actor="system",
                action="retention.remind",
                subject="retention:template",
                customers=[str(customer_id) for customer_id in new],
            )
    removed = sum(_let_go(runtime, customer_id) for customer_id in due)
    return removed, len(due) < ROWS_OF_WEIGHT and len(new) < ROWS_OF_WEIGHT


def _let_go(runtime: Runtime, customer_id: UUID) -> int:
    """Out of every search first, then the pictures, then the rows: a kill leaves what is found
    again and finished. Under a legal hold they stay, and are searched no more.
    """
    found = _set_aside(runtime, customer_id)
    if found is None:
        return 0
    rows, is_held = found
    unindex_templates(runtime, [TemplateId(row.id) for row in rows])
    if is_held:
        return 0
    for key in {row.crop_key for row in rows}:
        runtime.blobs.delete(key)
    with runtime.database.begin() as transaction:
        if customers.find_in_any_state(transaction, customer_id) is None:
            return 0
        count = idle_faces.remove_set_aside(transaction, [row.id for row in rows])
        audit.append(
            transaction,
            at=runtime.clock.now(),
            actor="system",
            action="retention.remove_faces",
            subject=f"customer:{customer_id}",
            templates=count,
        )
    return 1


def _set_aside(runtime: Runtime, customer_id: UUID) -> tuple[list[Template], bool] | None:
    """The faces, and whether they are held back; None where they are not due after all."""
    with runtime.database.begin() as transaction:
        retention_policies.one_at_a_time(transaction)
        now = runtime.clock.now()
        kept_days = retention_policies.in_force(transaction).policy.days[Kept.TEMPLATE]
        if customers.find_in_any_state(transaction, customer_id) is None:
            return None
        if not idle_faces.is_due(transaction, customer_id, kept_days=kept_days, now=now):
            return None
        is_held = customer_id in legal_holds.held(transaction, now=now).customers
        rows = gallery.templates_of(transaction, customer_id)
        for row in rows:
            if row.status == "ACTIVE":
                row.status, row.retired_at = "RETIRED", now
            row.decided_by = idle_faces.BY_CLOCK
        if is_held:
            audit.append(
                transaction,
                at=now,
                actor="system",
                action="retention.set_aside",
                subject=f"customer:{customer_id}",
                templates=len(rows),
            )
    return rows, is_held


_OTHERWISE: Mapping[Kept, Callable[[Runtime, Kept], tuple[int, bool]]] = {
    Kept.TEMPLATE: _remove_faces,
    Kept.CUSTOMER: remove_files,
}
