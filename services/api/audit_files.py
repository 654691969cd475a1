"""The audit log as files: what a spreadsheet opens, and what a program verifies again."""

import csv
import io
import json
from collections.abc import Iterable, Iterator

from vestibule.records.audit_tables import AuditEntry

COLUMNS = (
    "number",
    "at",
    "actor",
    "action",
    "subject",
    "details",
    "previous_sha256",
    "entry_sha256",
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet computes what begins so; names of people and keys may."""
_LINES_AT_ONCE = 200


def json_lines(entries: Iterable[AuditEntry]) -> Iterator[str]:
    """One object a line. The hash of an entry can be computed again from it (docs/adr/0031)."""
    for entry in entries:
        values = {name: getattr(entry, name) for name in COLUMNS}
        values["at"] = entry.at.isoformat(timespec="microseconds")
        yield json.dumps(values, ensure_ascii=False) + "\n"


def csv_lines(entries: Iterable[AuditEntry]) -> Iterator[str]:
    """RFC 4180 with a row of names."""
    page = io.StringIO()
    writer = csv.writer(page)
    writer.writerow(COLUMNS)
    for count, entry in enumerate(entries, start=1):
        writer.writerow(_cells(entry))
        if count % _LINES_AT_ONCE == 0:
            yield _taken(page)
    yield _taken(page)


def _cells(entry: AuditEntry) -> list[str]:
    values = {name: getattr(entry, name) for name in COLUMNS}
    values["at"] = entry.at.isoformat(timespec="microseconds")
    values["details"] = json.dumps(entry.details, ensure_ascii=False, sort_keys=True)
    return [_harmless(str(values[name])) for name in COLUMNS]


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _taken(page: io.StringIO) -> str:
    text = page.getvalue()
    page.seek(0)
    page.truncate()
    return text
