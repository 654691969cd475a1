"""All customers as a file: written while it is read, and on record before the first line goes."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from vestibule.domain.customer_csv import COLUMNS, written
from vestibule.records import audit, customer_imports
from vestibule.records.tables import Customer
from vestibule.workflows.runtime import Runtime


def export_as_csv(runtime: Runtime, *, actor: str) -> Iterator[str]:
    """As ``import_customers`` takes it. Cells are no formulas to a spreadsheet."""
    _record(runtime, "csv", actor=actor)
    return written(_rows(runtime))


def export_as_json(runtime: Runtime, *, actor: str) -> Iterator[str]:
    """One object a line."""
    _record(runtime, "json", actor=actor)
    return (json.dumps(row, ensure_ascii=False) + "\n" for row in _rows(runtime))


def _record(runtime: Runtime, form: str, *, actor: str) -> None:
    with runtime.database.begin() as transaction:
        audit.append(
            transaction,
            at=runtime.clock.now(),
            actor=actor,
            action="customers.export",
            subject="customers",
            form=form,
        )


def _rows(runtime: Runtime) -> Iterator[dict[str, Any]]:
    """Each page is what is committed then: a slow reader holds nothing of the database."""
    after: UUID | None = None
    while True:
        with runtime.database.look() as reader:
            page = customer_imports.page_of_all(reader, after)
        if not page:
            return
        yield from (_row(customer) for customer in page)
        after = page[-1].id


def _row(customer: Customer) -> dict[str, Any]:
    values = {name: getattr(customer, name) for name in COLUMNS}
    born = customer.birth_date
    return {"id": str(customer.id), **values, "birth_date": born.isoformat() if born else None}
