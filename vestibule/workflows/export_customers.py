"""Customers as a file: written while it is read, and on record before the first line goes.

Who exports at some venues gets those whose home they are; ``venues`` None is the whole chain.
"""

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from vestibule.domain.customer_csv import COLUMNS, written
from vestibule.records import audit, customer_imports
from vestibule.records.tables import Customer
from vestibule.workflows.runtime import Runtime

Venues = frozenset[UUID] | None


def export_as_csv(runtime: Runtime, *, venues: Venues, actor: str) -> Iterator[str]:
    """As ``import_customers`` takes it. Cells are no formulas to a spreadsheet."""
    _record(runtime, "csv", venues, actor=actor)
    return written(_rows(runtime, venues))


def export_as_json(runtime: Runtime, *, venues: Venues, actor: str) -> Iterator[str]:
    """One object a line."""
    _record(runtime, "json", venues, actor=actor)
    return (json.dumps(row, ensure_ascii=False) + "\n" for row in _rows(runtime, venues))


def _record(runtime: Runtime, form: str, venues: Venues, *, actor: str) -> None:
    where = {} if venues is None else {"venues": sorted(str(venue) for venue in venues)}
    with runtime.database.begin() as transaction:
        audit.append(
            transaction,
            at=runtime.clock.now(),
            actor=actor,
            action="customers.export",
            subject="customers",
            form=form,
            **where,
        )


def _rows(runtime: Runtime, venues: Venues) -> Iterator[dict[str, Any]]:
    """Each page is what is committed then: a slow reader holds nothing of the database."""
    after: UUID | None = None
    while True:
        with runtime.database.look() as reader:
            page = customer_imports.page_of_all(reader, after, venues=venues)
        if not page:
            return
        yield from (_row(customer) for customer in page)
        after = page[-1].id


def _row(customer: Customer) -> dict[str, Any]:
    values = {name: getattr(customer, name) for name in COLUMNS}
    born = customer.birth_date
    return {"id": str(customer.id), **values, "birth_date": born.isoformat() if born else None}
