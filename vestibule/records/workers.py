"""Worker processes: what each last said of itself."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from vestibule.records.database import Transaction
from vestibule.records.worker_tables import Worker

ALIVE_WITHIN = timedelta(seconds=30)
"""A worker's watcher says every five seconds how it is."""

KEPT_FOR = timedelta(days=1)


def say(transaction: Transaction, worker: Worker) -> None:
    """How a worker is now, in the place of what it said before."""
    said = {column.name: getattr(worker, column.name) for column in Worker.__table__.columns}
    row = insert(Worker).values(**said)
    transaction.execute(row.on_conflict_do_update(index_elements=[Worker.id], set_=said))


def leave(transaction: Transaction, worker_id: UUID) -> None:
    transaction.execute(delete(Worker).where(Worker.id == worker_id))


def alive(transaction: Transaction, *, now: datetime) -> list[Worker]:
    query = select(Worker).where(Worker.seen_at > now - ALIVE_WITHIN)
    return list(transaction.scalars(query.order_by(Worker.host, Worker.started_at)))


def are_taking(transaction: Transaction, *, now: datetime) -> int:
    """How many take jobs now."""
    query = select(func.count()).where(Worker.seen_at > now - ALIVE_WITHIN, Worker.is_taking)
    return transaction.scalar(query) or 0


def remove_dead(transaction: Transaction, *, now: datetime) -> None:
    transaction.execute(delete(Worker).where(Worker.seen_at <= now - KEPT_FOR))
