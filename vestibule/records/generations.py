"""Which generations of the index are live, and which of them serves."""

from datetime import datetime

from sqlalchemy import Select, func, select, text, update

from vestibule.domain.embedding_space import EmbeddingSpace, Metric
from vestibule.domain.index_generation import IndexGeneration
from vestibule.records.database import Transaction
from vestibule.records.generation_tables import IndexGenerationRow

_LOCK = 0x67656E65  # one advisory lock: generations begin, switch and go one after the other


def one_at_a_time(transaction: Transaction) -> None:
    """Nobody else begins, switches or drops a generation until the transaction ends."""
    transaction.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


def as_generation(row: IndexGenerationRow) -> IndexGeneration:
    space = EmbeddingSpace(row.space_id, row.pack, Metric(row.metric), row.dimension)
    return IndexGeneration(row.number, space)


def serving(transaction: Transaction) -> IndexGeneration | None:
    """The one that answers; None before the first start made one."""
    row = transaction.scalar(_rows().where(IndexGenerationRow.state == "SERVING"))
    return None if row is None else as_generation(row)


def live(transaction: Transaction) -> list[IndexGeneration]:
    """Every one that writes must reach, by number."""
    return [as_generation(row) for row in live_rows(transaction)]


def live_rows(transaction: Transaction) -> list[IndexGenerationRow]:
    return list(transaction.scalars(_rows().where(IndexGenerationRow.state != "DROPPED")))


def all_rows(transaction: Transaction) -> list[IndexGenerationRow]:
    """The latest first, also dropped ones."""
    query = select(IndexGenerationRow).order_by(IndexGenerationRow.number.desc())
    return list(transaction.scalars(query))


def find(transaction: Transaction, number: int) -> IndexGenerationRow | None:
    return transaction.get(IndexGenerationRow, number)


def get(transaction: Transaction, number: int | None) -> IndexGeneration:
    """One that a row names, also a dropped one."""
    return as_generation(transaction.get_one(IndexGenerationRow, number))


def to_be_cleared(transaction: Transaction) -> IndexGenerationRow | None:
    """A dropped one whose templates are to go and are not all gone."""
    query = _rows().where(
        IndexGenerationRow.state == "DROPPED",
        IndexGenerationRow.clears_templates,
        IndexGenerationRow.cleared_at.is_(None),
    )
    return transaction.scalars(query.with_for_update(skip_locked=True)).first()


def find_for_change(transaction: Transaction, number: int) -> IndexGenerationRow | None:
    query = _rows().where(IndexGenerationRow.number == number).with_for_update()
    return transaction.scalar(query.execution_options(populate_existing=True))


def is_live(transaction: Transaction, generation: IndexGeneration) -> bool:
    """Whether it was not dropped; it cannot be until the transaction ends."""
    query = _rows().where(IndexGenerationRow.number == generation.number)
    row = transaction.scalar(query.with_for_update(read=True))
    return row is not None and row.state != "DROPPED"


def holds_space(transaction: Transaction, space_id: str) -> bool:
    """Whether a live generation is of this space; it stays until the transaction ends."""
    query = select(IndexGenerationRow.number).where(
        IndexGenerationRow.space_id == space_id, IndexGenerationRow.state != "DROPPED"
    )
    return transaction.scalars(query.with_for_update(read=True)).first() is not None


def add(
    transaction: Transaction,
    space: EmbeddingSpace,
    *,
    low_light: str,
    state: str,
    actor: str,
    now: datetime,
) -> IndexGenerationRow:
    """With the next number. Call ``one_at_a_time`` first."""
    last = transaction.scalar(select(func.max(IndexGenerationRow.number))) or 0
    row = IndexGenerationRow(
        number=last + 1,
        space_id=space.id,
        pack=space.pack,
        low_light=low_light,
        metric=space.metric.value,
        dimension=space.dimension,
        state=state,
        created_by=actor,
        created_at=now,
    )
    transaction.add(row)
    transaction.flush()
    return row


def low_light_of(transaction: Transaction, number: int) -> str:
    return transaction.get_one(IndexGenerationRow, number).low_light


def configured(transaction: Transaction) -> IndexGenerationRow | None:
    return transaction.scalar(_rows().where(IndexGenerationRow.is_configured))


def make_configured(transaction: Transaction, row: IndexGenerationRow) -> None:
    others = update(IndexGenerationRow).where(IndexGenerationRow.is_configured)
    transaction.execute(others.values(is_configured=False))
    row.is_configured = True
    transaction.flush()


def make_serving(transaction: Transaction, row: IndexGenerationRow, *, now: datetime) -> None:
    """The former one stands by. Call ``one_at_a_time`` first."""
    former = update(IndexGenerationRow).where(
        IndexGenerationRow.state == "SERVING", IndexGenerationRow.number != row.number
    )
    transaction.execute(former.values(state="STANDBY"))
    row.state, row.served_at = "SERVING", now
    transaction.flush()


def _rows() -> Select[IndexGenerationRow]:
    return select(IndexGenerationRow).order_by(IndexGenerationRow.number)
