"""The end of the audit log is kept apart from it, so that a cut-off end is found.

A chain alone fits also when its last entries are gone, or when somebody who may write to Postgres
wrote all of it anew. Its head goes to object storage, sealed by the installation's key: one that is
replaced again and again, and one a day that stays.
"""

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

import structlog

from vestibule.domain.errors import BlobMissingError
from vestibule.records import audit, audit_start
from vestibule.records.audit import AuditHead, ChainReport
from vestibule.workflows.runtime import Runtime

PREFIX = "audit/heads/"
START = "audit/start"
"""The last entry that went because its time was up."""
LATEST = f"{PREFIX}latest"
ANCHOR_EVERY = timedelta(minutes=1)
"""An end that is cut off within that time of its last entry leaves no trace."""
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class AuditReport:
    """``unreadable``: kept heads that somebody changed, by the names of their objects.

    ``start``: what was before it went because its time was up; ``start_is_sealed``: and a sealed
    copy outside Postgres says so too.
    """

    chain: ChainReport
    heads: int
    unreadable: tuple[str, ...]
    start: AuditHead | None = None
    start_is_sealed: bool = False

    @property
    def is_whole(self) -> bool:
        return self.chain.broken_at is None and not self.unreadable


class AuditAnchors:
    """Keeps the head, by the clock. Remembers between rounds what it kept. For one thread."""

    def __init__(self) -> None:
        self._kept: AuditHead | None = None
        self._looked_at: datetime | None = None

    def round(self, runtime: Runtime) -> bool:
        """Whether a head was kept now: it is time, and there are new entries.

        A log that does not go on from the head that was kept before is no reason to forget that.
        """
        now = runtime.clock.now()
        if self._looked_at is not None and now - self._looked_at < ANCHOR_EVERY:
            return False
        before = self._kept or _latest(runtime)
        with runtime.database.begin() as transaction:
            goes_on = before is None or audit.holds(transaction, before)
            head = audit.find_head(transaction, before) if goes_on else None
        self._looked_at = now
        if not goes_on:
            log.error("audit.does_not_go_on", kept=before.number if before else None)
        if head is None or head == self._kept:
            return False
        keep_head(runtime, head, now=now)
        self._kept = head
        return True


def _latest(runtime: Runtime) -> AuditHead | None:
    """None where nothing was kept yet, or where it cannot be read: verifying says so."""
    try:
        return _opened(runtime, LATEST)
    except (BlobMissingError, ValueError):
        return None


def _opened(runtime: Runtime, key: str) -> AuditHead:
    content = runtime.sealer.unseal(runtime.blobs.get(key), context=key)
    return AuditHead(**json.loads(content))


def keep_head(runtime: Runtime, head: AuditHead, *, now: datetime) -> None:
    """Raises StorageUnavailableError, StorageFullError."""
    for key in (f"{PREFIX}{now.date().isoformat()}", LATEST):
        content = json.dumps(asdict(head)).encode()
        runtime.blobs.put(key, runtime.sealer.seal(content, context=key))


def verify_audit(runtime: Runtime, *, told: Sequence[AuditHead] = ()) -> AuditReport:
    """Recompute the whole chain and hold it against every head that was kept.

    ``told`` are heads that the caller kept somewhere else.
    """
    kept, unreadable = _kept_heads(runtime)
    start, is_sealed, unreadable = _start_of(runtime, kept, unreadable)
    with runtime.database.look() as transaction:
        chain = audit.verify(transaction, [*kept, *told], start=start)
    if chain.broken_at is not None or unreadable:
        log.error("audit.broken", at=chain.broken_at, flaw=chain.flaw, heads=list(unreadable))
    return AuditReport(chain, len(kept), unreadable, start, is_sealed)


def keep_start(runtime: Runtime, start: AuditHead) -> None:
    """Before any entry goes; heads from before it prove nothing any more."""
    content = json.dumps(asdict(start)).encode()
    runtime.blobs.put(START, runtime.sealer.seal(content, context=START))


def forget_heads_before(runtime: Runtime, start: AuditHead) -> None:
    for key in runtime.blobs.keys(PREFIX):
        with suppress(BlobMissingError, ValueError):
            if _opened(runtime, key).number < start.number and key != LATEST:
                runtime.blobs.delete(key)


def _start_of(
    runtime: Runtime, kept: Sequence[AuditHead], unreadable: tuple[str, ...]
) -> tuple[AuditHead | None, bool, tuple[str, ...]]:
    """The sealed one counts. What the record says is taken only where nothing speaks against it:
    after a restore, which brings no heads along.
    """
    try:
        return _opened(runtime, START), True, unreadable
    except ValueError:
        return None, False, (*unreadable, START)
    except BlobMissingError:
        with runtime.database.look() as transaction:
            told = audit_start.find(transaction)
        is_doubtful = told is not None and any(head.number <= told.number for head in kept)
        return (None if is_doubtful else told), False, unreadable


def _kept_heads(runtime: Runtime) -> tuple[list[AuditHead], tuple[str, ...]]:
    heads, unreadable = list[AuditHead](), list[str]()
    for key in sorted(runtime.blobs.keys(PREFIX)):
        try:
            heads.append(_opened(runtime, key))
        except BlobMissingError:
            continue
        except ValueError:
            unreadable.append(key)
    return heads, tuple(unreadable)
