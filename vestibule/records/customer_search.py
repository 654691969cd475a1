"""Finding customers by whatever somebody typed of them, also with a slip."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Index,
    Table,
    and_,
    case,
    func,
    literal,
    or_,
    select,
    tuple_,
)
from sqlalchemy.sql import literal_column

from vestibule.domain.contact import phone_key
from vestibule.domain.names import folded
from vestibule.records.customers import CustomerOverview, overviews
from vestibule.records.database import Transaction
from vestibule.records.tables import Customer

SEARCH_TEXT = (
    "(((((((' ' || folded_name) || ' ') || lower(coalesce(reference, ''))) || ' ')"
    " || coalesce(email, '')) || ' ') || coalesce(phone, ''))"
)
"""What is searched, as its index has it, brackets as Postgres puts them: so a test can compare."""
_TEXT: ColumnElement[str] = literal_column(SEARCH_TEXT)
Index(
    "ix_customer_search",
    _TEXT.label("search"),
    postgresql_using="gin",
    postgresql_ops={"search": "gin_trgm_ops"},
    _table=cast(Table, Customer.__table__),
)

FEW = 5
"""With fewer customers who match, those whose writing is alike are shown too."""
ALIKE_LIMIT = 20
_ALIKE_FROM = 0.45
"""Of a word's trigrams: Lefevre finds Lefebvre (0.55), Dupond finds Dupont (0.57)."""
_SHORTEST_SLIP = 4
_MOST_WORDS = 8
"""Of a longer query the rest is not looked at."""
SearchPlace = tuple[int, str, UUID]
"""Rank, folded name and id of the last one that was shown."""


@dataclass(frozen=True, slots=True)
class Found:
    """``alike`` are not among ``items`` nor in ``total``; they come with the first page only."""

    items: list[CustomerOverview]
    alike: list[CustomerOverview]
    total: int
    next_after: SearchPlace | None


def search(
    transaction: Transaction,
    query: str,
    *,
    limit: int,
    tag: str | None = None,
    after: SearchPlace | None = None,
) -> Found:
    """Every word somewhere in name, loyalty number, e-mail or phone; the best matches first.

    A word of one or two letters must begin a word. Without a query everybody, by name.
    """
    words = _words(query)
    wanted = [Customer.status == "ACTIVE", *_tagged(tag)]
    matching = [*wanted, *(_holds(word) for word in words)]
    total = transaction.scalar(select(func.count()).select_from(Customer).where(*matching)) or 0
    rows = _page(transaction, matching, words, limit=limit, after=after)
    last = rows[limit - 1] if len(rows) > limit else None
    alike: list[Customer] = []
    if words and after is None and total < FEW:
        alike = _alike(transaction, words, wanted, without=[row.id for row, _ in rows])
    return Found(
        items=overviews(transaction, [row for row, _ in rows[:limit]]),
        alike=overviews(transaction, alike),
        total=total,
        next_after=(last[1], last[0].folded_name, last[0].id) if last else None,
    )


def _words(query: str) -> list[str]:
    """What looks like a phone number is one word, of the digits that tell it from others."""
    written = folded(query)
    digits = "".join(char for char in written if char.isascii() and char.isdigit())
    if len(digits) >= 6 and not written.strip("0123456789 +-./()"):
        return [phone_key(digits.removeprefix("00"))]
    return written.split()[:_MOST_WORDS]


def _tagged(tag: str | None) -> list[ColumnElement[bool]]:
    return [Customer.tags.contains([tag])] if tag else []


def _holds(word: str) -> ColumnElement[bool]:
    begins = " " if len(word) < 3 else ""
    return _TEXT.contains(begins + word, autoescape=True)


def _page(
    transaction: Transaction,
    matching: Iterable[ColumnElement[bool]],
    words: list[str],
    *,
    limit: int,
    after: SearchPlace | None,
) -> list[tuple[Customer, int]]:
    rank = _rank(words)
    query = select(Customer, rank).where(*matching)
    place: tuple[Any, ...]
    if words:
        place = (rank, Customer.folded_name, Customer.id)
    else:  # in the order of an index
        place = (Customer.folded_name, Customer.id)
    if after is not None:
        query = query.where(tuple_(*place) > (after if words else after[1:]))
    page = query.order_by(*place).limit(limit + 1)
    return [(row, found) for row, found in transaction.execute(page)]


def _rank(words: list[str]) -> ColumnElement[int]:
    """0: a number or an address that is just that. 1: the name begins so. 2: each word begins one.

    3: anything else.
    """
    if not words:
        return literal_column("0")
    whole = " ".join(words)
    is_exact = or_(
        func.lower(Customer.reference) == whole,
        Customer.email == whole,
        Customer.phone_key == whole,
    )
    begins = [_TEXT.contains(" " + word, autoescape=True) for word in words]
    return case(
        (is_exact, 0),
        (Customer.folded_name.startswith(whole, autoescape=True), 1),
        (and_(*begins), 2),
        else_=3,
    )


def _alike(
    transaction: Transaction,
    words: list[str],
    wanted: Iterable[ColumnElement[bool]],
    *,
    without: list[UUID],
) -> list[Customer]:
    transaction.execute(
        select(func.set_config("pg_trgm.word_similarity_threshold", str(_ALIKE_FROM), True))
    )
    score = func.word_similarity(literal(" ".join(words)), _TEXT)
    query = select(Customer).where(
        *wanted, *(_is_like(word) for word in words), Customer.id.not_in(without)
    )
    ranked = query.order_by(score.desc(), Customer.folded_name, Customer.id).limit(ALIKE_LIMIT)
    return list(transaction.scalars(ranked))


def _is_like(word: str) -> ColumnElement[bool]:
    """Contained, or with a slip: letters that are wrong, missing or too many, or two exchanged.

    Of an e-mail address only what stands before the @: half the guests share the rest.
    """
    word = word.partition("@")[0] or word
    if len(word) < _SHORTEST_SLIP:
        return _holds(word)
    alike: ColumnElement[bool] = literal(word).op("<%", is_comparison=True)(_TEXT)
    exchanged = [_TEXT.contains(other, autoescape=True) for other in _exchanged(word)]
    return or_(alike, *exchanged)


def _exchanged(word: str) -> list[str]:
    """The word with each pair of neighbours the other way round."""
    variants = {
        word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in range(min(len(word), 12) - 1)
    }
    return sorted(variants - {word})
