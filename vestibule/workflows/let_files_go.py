"""The whole file of a guest who has had nothing to do with the chain for long goes.

It is announced first, for as long as a face's end is. Then it is erased as on request, through
every store and with a receipt; but no digest is kept, since nobody asked to stay out.
"""

from uuid import UUID

import structlog

from vestibule.domain.errors import NotFoundError, VestibuleError
from vestibule.domain.retention import Kept
from vestibule.records import audit, idle_files, legal_holds, retention_policies
from vestibule.records.database import Transaction
from vestibule.workflows.erase_customer import begin_erasure, resume_erasure
from vestibule.workflows.runtime import Runtime

ANNOUNCED = 50
FILES = 5
"""In one piece: each goes through every store."""
log = structlog.get_logger(__name__)


def remove_files(runtime: Runtime, _kind: Kept) -> tuple[int, bool]:
    """One piece: how many went, and whether that was the last. Safe to run twice."""
    with runtime.database.begin() as transaction:
        now = runtime.clock.now()
        kept_days = _kept_days(transaction)
        held = legal_holds.held(transaction, now=now)
        due = idle_files.due(transaction, kept_days=kept_days, now=now, held=held, limit=FILES)
        new = idle_files.END.to_announce(transaction, kept_days=kept_days, now=now, limit=ANNOUNCED)
        if new:
            idle_files.END.announce(transaction, new, now=now)
            audit.append(
                transaction,
                at=now,
                actor="system",
                action="retention.announce",
                subject="retention:customer",
                customers=[str(customer_id) for customer_id in new],
            )
    removed = sum(_let_go(runtime, customer_id) for customer_id in due)
    return removed, len(due) < FILES and len(new) < ANNOUNCED


def _let_go(runtime: Runtime, customer_id: UUID) -> int:
    """What stops it half way is told with the erasure, which goes on by itself."""

    def is_due(transaction: Transaction) -> bool:
        retention_policies.one_at_a_time(transaction)
        now = runtime.clock.now()
        held = legal_holds.held(transaction, now=now)
        kept_days = _kept_days(transaction)
        return idle_files.is_due(transaction, customer_id, kept_days=kept_days, now=now, held=held)

    try:
        erasure_id = begin_erasure(
            runtime, customer_id, actor="system", cause="RETENTION", only_if=is_due
        )
        resume_erasure(runtime, erasure_id)
    except NotFoundError:
        return 0
    except VestibuleError as error:
        log.warning("erasure.stopped", erasure=str(erasure_id), code=error.code)
    return 1


def _kept_days(transaction: Transaction) -> int:
    return retention_policies.in_force(transaction).policy.days[Kept.CUSTOMER]
