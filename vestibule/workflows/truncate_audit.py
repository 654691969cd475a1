"""Entries of the audit log go when their time is up, and what is left stays provable.

Only the oldest go, never one from the middle. The last that goes is named, with its hash, by an
entry that stays, by a row, and by a sealed object outside Postgres, before any goes; the chain is
proven from its hash on.
"""

from datetime import datetime, timedelta

import structlog

from vestibule.domain.retention import Kept
from vestibule.records import (
    audit,
    audit_start,
    legal_holds,
    retention,
    retention_policies,
)
from vestibule.records.audit import AuditHead
from vestibule.telemetry import RETAINED_REMOVED
from vestibule.workflows.anchor_audit import (
    AuditReport,
    forget_heads_before,
    keep_start,
    verify_audit,
)
from vestibule.workflows.runtime import Runtime

LOOK_EVERY = timedelta(days=1)
log = structlog.get_logger(__name__)


class AuditTruncation:
    """By the clock, once a day. For one thread."""

    def __init__(self) -> None:
        self._looked_at: datetime | None = None

    def round(self, runtime: Runtime) -> int:
        now = runtime.clock.now()
        if self._looked_at is not None and timedelta() <= now - self._looked_at < LOOK_EVERY:
            return 0
        self._looked_at = now
        return truncate_audit(runtime)


def truncate_audit(runtime: Runtime) -> int:
    """How many entries went. Nothing goes where the log is not whole: that is for people to see.

    Safe to run twice, and to be killed at any moment: what was named and is still there goes next.
    """
    if _next_start(runtime, _told(runtime)) is None and not _has_left_over(runtime):
        return _note(runtime, 0)
    report = verify_audit(runtime)
    if not report.is_whole:
        log.error("audit.not_truncated", broken_at=report.chain.broken_at)
        return _note(runtime, 0)
    start = _moved(runtime, report) or report.start
    if start is None:
        return _note(runtime, 0)
    keep_start(runtime, start)
    removed = 0
    while gone := _forget(runtime, start):
        removed += gone
    forget_heads_before(runtime, start)
    return _note(runtime, removed)


def _told(runtime: Runtime) -> AuditHead | None:
    with runtime.database.look() as transaction:
        return audit_start.find(transaction)


def _has_left_over(runtime: Runtime) -> bool:
    told = _told(runtime)
    with runtime.database.look() as transaction:
        return told is not None and audit.holds(transaction, told)


def _next_start(runtime: Runtime, after: AuditHead | None) -> AuditHead | None:
    now = runtime.clock.now()
    with runtime.database.look() as transaction:
        policy = retention_policies.in_force(transaction).policy
        return audit_start.last_that_may_go(
            transaction,
            written_before=policy.begun_before(Kept.AUDIT, now),
            held=legal_holds.held(transaction, now=now),
            after=after,
        )


def _moved(runtime: Runtime, report: AuditReport) -> AuditHead | None:
    """The new start, once the log itself says so."""
    with runtime.database.begin() as transaction:
        retention_policies.one_at_a_time(transaction)
        now, current = runtime.clock.now(), retention_policies.in_force(transaction)
        start = audit_start.last_that_may_go(
            transaction,
            written_before=current.policy.begun_before(Kept.AUDIT, now),
            held=legal_holds.held(transaction, now=now),
            after=report.start,
        )
        if start is None:
            return None
        audit_start.keep(transaction, start, now=now)
        audit.append(
            transaction,
            at=now,
            actor="system",
            action="audit.truncate",
            subject="audit",
            up_to=start.number,
            entry_sha256=start.entry_sha256,
            entries=start.entries,
            kept_days=current.policy.days[Kept.AUDIT],
            policy=current.number,
        )
    return start


def _forget(runtime: Runtime, start: AuditHead) -> int:
    with runtime.database.begin() as transaction:
        return audit_start.forget(transaction, start)


def _note(runtime: Runtime, removed: int) -> int:
    with runtime.database.begin() as transaction:
        now = runtime.clock.now()
        retention.note_round(transaction, Kept.AUDIT, now=now, removed=removed)
    if removed:
        RETAINED_REMOVED.labels(Kept.AUDIT.value).inc(removed)
        log.info("audit.truncated", removed=removed)
    return removed
