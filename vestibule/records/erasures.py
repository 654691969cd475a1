"""Erasures and their steps, and rows that still name somebody."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from vestibule.records.all_tables import METADATA
from vestibule.records.customer_references import REFERENCES
from vestibule.records.database import Transaction
from vestibule.records.erasure_tables import ErasureRecord, ErasureStep
from vestibule.records.key_tables import CustomerKey
from vestibule.records.tables import Customer, Enrolment, Job, Json, Template

HELD_BY_LAW = "held_by_law"
"""Stands for a trouble: what a legal hold needs is kept, and the erasure waits for its end."""
KEYRING_AWAY = "keyring_away"
"""As above: keys are destroyed, and a copy of them beside backups could not be reached yet."""
WAITING = (HELD_BY_LAW, KEYRING_AWAY)
"""What is waited for without anything being wrong with the product."""


def find(transaction: Transaction, erasure_id: UUID) -> ErasureRecord | None:
    return transaction.get(ErasureRecord, erasure_id)


def find_for_change(transaction: Transaction, erasure_id: UUID) -> ErasureRecord | None:
    query = select(ErasureRecord).where(ErasureRecord.id == erasure_id).with_for_update()
    return transaction.scalar(query.execution_options(populate_existing=True))


def open_of(transaction: Transaction, customer_id: UUID) -> ErasureRecord | None:
    query = select(ErasureRecord).where(
        ErasureRecord.customer_id == customer_id, ErasureRecord.state == "RUNNING"
    )
    return transaction.scalar(query.limit(1))


Place = tuple[bool, datetime, UUID]
"""Where one stands in the list: whether it is done, when it was asked for, its id."""


def latest(
    transaction: Transaction, *, limit: int, after: Place | None = None
) -> list[ErasureRecord]:
    """Those that are not done first, then the latest first; of either, no more is read."""
    among_done = after is not None and after[0]
    found = [] if among_done else _latest(transaction, "RUNNING", limit, after)
    done_after = after if among_done else None
    return found + _latest(transaction, "DONE", limit - len(found), done_after)


def _latest(
    transaction: Transaction, state: str, limit: int, after: Place | None
) -> list[ErasureRecord]:
    if not limit:
        return []
    key = (ErasureRecord.requested_at, ErasureRecord.id)
    query = select(ErasureRecord).where(ErasureRecord.state == state)
    if after is not None:
        query = query.where(tuple_(*key) < after[1:])
    return list(transaction.scalars(query.order_by(*(part.desc() for part in key)).limit(limit)))


def place_of(record: ErasureRecord) -> Place:
    return record.state == "DONE", record.requested_at, record.id


def count(transaction: Transaction, *, state: str) -> int:
    query = select(func.count()).where(ErasureRecord.state == state)
    return transaction.scalar(query) or 0


def count_troubled(transaction: Transaction) -> int:
    query = select(func.count()).where(
        ErasureRecord.state == "RUNNING", ErasureRecord.trouble.not_in(WAITING)
    )
    return transaction.scalar(query) or 0


def count_waiting(transaction: Transaction, trouble: str) -> int:
    """For one of ``WAITING``."""
    query = select(func.count()).where(
        ErasureRecord.state == "RUNNING", ErasureRecord.trouble == trouble
    )
    return transaction.scalar(query) or 0


def nobody_works_on(transaction: Transaction, *, now: datetime) -> list[UUID]:
    """Open ones that were left, by a kill or by a trouble whose pause is over."""
    free = or_(ErasureRecord.held_until.is_(None), ErasureRecord.held_until <= now)
    query = select(ErasureRecord.id).where(ErasureRecord.state == "RUNNING", free)
    return list(transaction.scalars(query.order_by(ErasureRecord.requested_at)))


def free_all(transaction: Transaction) -> None:
    """Right only when no other process can be at work."""
    freed = update(ErasureRecord).where(ErasureRecord.state == "RUNNING")
    transaction.execute(freed.values(held_until=None))


def free_waiting(transaction: Transaction, trouble: str) -> None:
    """What these wait for may be over: they look again with the next round."""
    freed = update(ErasureRecord).where(
        ErasureRecord.state == "RUNNING", ErasureRecord.trouble == trouble
    )
    transaction.execute(freed.values(held_until=None))


def customers_without_one(transaction: Transaction) -> list[UUID]:
    """Being erased, and no erasure is open that names them: of a restored backup, or begun by an
    earlier release. Merged files come after those that they were merged into."""
    begun = select(ErasureRecord.subjects["customers"]).where(ErasureRecord.state == "RUNNING")
    named = {UUID(one) for ids in transaction.scalars(begun) for one in ids}
    query = select(Customer.id).where(Customer.status == "ERASING")
    query = query.order_by(Customer.merged_into_id.is_not(None), Customer.id)
    return [found for found in transaction.scalars(query) if found not in named]


def steps_of(
    transaction: Transaction, erasure_ids: Iterable[UUID]
) -> dict[UUID, list[ErasureStep]]:
    """In the order in which they were begun."""
    query = select(ErasureStep).where(ErasureStep.erasure_id.in_(list(erasure_ids)))
    found: dict[UUID, list[ErasureStep]] = {}
    for step in transaction.scalars(query.order_by(ErasureStep.begun_at, ErasureStep.name)):
        found.setdefault(step.erasure_id, []).append(step)
    return found


def found_so_far(transaction: Transaction, erasure_id: UUID) -> dict[str, dict[str, int]]:
    """By step."""
    query = select(ErasureStep.name, ErasureStep.found).where(ErasureStep.erasure_id == erasure_id)
    return dict(transaction.execute(query).all())


def begin_step(
    transaction: Transaction, erasure_id: UUID, *, name: str, found: Json, now: datetime
) -> None:
    """What a step found the first time counts; another run of it finds less."""
    values = {"erasure_id": erasure_id, "name": name, "found": found, "begun_at": now}
    transaction.execute(insert(ErasureStep).values(values).on_conflict_do_nothing())


def end_step(transaction: Transaction, erasure_id: UUID, *, name: str, now: datetime) -> None:
    ended = update(ErasureStep).where(
        ErasureStep.erasure_id == erasure_id,
        ErasureStep.name == name,
        ErasureStep.done_at.is_(None),
    )
    transaction.execute(ended.values(done_at=now))


def rows_naming(transaction: Transaction, customer_ids: Sequence[UUID]) -> int:
    """How many rows of any table name one of these people, their own rows included."""
    ids = list(customer_ids)
    counts = [transaction.scalar(select(func.count()).where(Customer.id.in_(ids))) or 0]
    for reference in REFERENCES:
        column = METADATA.tables[reference.table].c[reference.column]
        counts.append(transaction.scalar(select(func.count()).where(column.in_(ids))) or 0)
    return sum(counts)


def templates_left(transaction: Transaction, template_ids: Sequence[UUID]) -> int:
    query = select(func.count()).where(Template.id.in_(list(template_ids)))
    return transaction.scalar(query) or 0


def rows_by_table(transaction: Transaction, customer_ids: Sequence[UUID]) -> dict[str, int]:
    """What goes with these people, by table; a row that names two of them counts twice."""
    ids = list(customer_ids)
    found: dict[str, int] = {}
    for reference in REFERENCES:
        column = METADATA.tables[reference.table].c[reference.column]
        rows = transaction.scalar(select(func.count()).where(column.in_(ids))) or 0
        if rows:
            found[reference.table] = found.get(reference.table, 0) + rows
    return found


def template_ids_of(transaction: Transaction, customer_ids: Sequence[UUID]) -> list[UUID]:
    query = select(Template.id).where(Template.customer_id.in_(list(customer_ids)))
    return list(transaction.scalars(query.order_by(Template.id)))


def remove_enrolment_jobs(transaction: Transaction, customer_ids: Sequence[UUID]) -> int:
    """Enrolments of these people with their jobs, whose words may be about a photo of theirs."""
    gone = delete(Enrolment).where(Enrolment.customer_id.in_(list(customer_ids)))
    jobs = list(transaction.scalars(gone.returning(Enrolment.job_id)))
    transaction.execute(delete(Job).where(Job.id.in_(jobs)))
    return len(jobs)


def was_erased_before(transaction: Transaction, customer_id: UUID) -> bool:
    """Whether their key was destroyed, though their rows are here: they came with a backup."""
    query = select(CustomerKey.customer_id).where(
        CustomerKey.customer_id == customer_id, CustomerKey.destroyed_at.is_not(None)
    )
    return transaction.scalar(query) is not None
