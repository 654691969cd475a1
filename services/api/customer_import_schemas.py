"""Lists of customers over the wire: what would come of one, and how far it is."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field


class RowProblem(BaseModel):
    """Why a row is left out. ``row`` is the line of the table, the heading being 1."""

    row: int
    field: str
    code: str


class RowSample(BaseModel):
    row: int
    fields: dict[str, Any] = Field(description="As they would be kept.")


class CustomerImport(BaseModel):
    """``previewed``: nothing of it is among the customers. ``fitting`` of ``rows`` can be taken in.

    ``problems`` are the first 500. ``columns`` maps headings to fields, null where they mean none.
    """

    id: UUID
    state: Literal["previewed", "running", "done", "failed"]
    encoding: str
    delimiter: str
    columns: dict[str, str | None]
    rows: int
    fitting: int
    problems: list[RowProblem]
    sample: list[RowSample] = Field(description="The first that fit, until the import begins.")
    position: int = Field(description="So many rows are settled.")
    created: int
    updated: int
    refused: int
    requested_by: str
    created_at: datetime
    expires_at: datetime = Field(description="Until then it can be confirmed.")
    finished_at: datetime | None


class CustomerImportList(BaseModel):
    items: list[CustomerImport]


_IMPORT = {
    "id": "7c6b5a49-7777-4777-8777-000000000020",
    "state": "previewed",
    "encoding": "windows-1252",
    "delimiter": ";",
    "columns": {"N° carte": None, "Nom": "name", "E-mail": "email"},
    "rows": 1204,
    "fitting": 1201,
    "problems": [{"row": 17, "field": "email", "code": "not_an_email"}],
    "sample": [{"row": 2, "fields": {"name": "Zoé Lefèvre", "email": "zoe@example.org"}}],
    "position": 0,
    "created": 0,
    "updated": 0,
    "refused": 0,
    "requested_by": "Mia",
    "created_at": "2026-11-22T14:05:00Z",
    "expires_at": "2026-11-23T14:05:00Z",
    "finished_at": None,
}
CUSTOMER_IMPORT_EXAMPLES: dict[str, Any] = {
    "CustomerImport": _IMPORT,
    "CustomerImportList": {"items": [_IMPORT]},
}
