"""A till's CSV file: rows that fit become lines, the others are told with what is wrong."""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from services.api.purchase_schemas import RowProblem, SoldLine
from vestibule.domain.errors import InvalidInputError

MOST_BYTES = 5_000_000
MOST_ROWS = 20_000
_NEEDED = ("till", "receipt", "time", "amount_minor", "currency", "category")
_OPTIONAL = ("line", "alcohol_units", "customer_id", "loyalty_number", "venue_id")
_COLUMNS = frozenset((*_NEEDED, *_OPTIONAL))
_DELIMITERS = ",;\t"
_MOST_PROBLEMS = 200


@dataclass(slots=True)
class ReadFile:
    """``problems`` are the first few hundred."""

    rows: int = 0
    lines: list[SoldLine] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)

    def complain(self, row: int, column: str, problem: str) -> None:
        if len(self.problems) < _MOST_PROBLEMS:
            self.problems.append(RowProblem(row=row, field=column, problem=problem))


def read_purchases(content: bytes, *, timezone: str) -> ReadFile:
    """Comma, semicolon or tab between values, names in the first row, UTF-8.

    A time without a zone is the venue's. Raises InvalidInputError for what is no such file.
    """
    text = _text(content)
    head = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=head.count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    _require_columns([name.strip() for name in reader.fieldnames or ()])
    reader.fieldnames = [name.strip() for name in reader.fieldnames or ()]
    found = ReadFile()
    try:
        _read_rows(reader, found, ZoneInfo(timezone))
    except csv.Error as error:
        raise _refused(f"after row {reader.line_num}: {error}") from error
    return found


def _text(content: bytes) -> str:
    if len(content) > MOST_BYTES:
        raise _refused(f"more than {MOST_BYTES} bytes")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _refused("is not UTF-8: save it as CSV UTF-8") from error


def _require_columns(names: list[str]) -> None:
    missing = [name for name in _NEEDED if name not in names]
    unknown = sorted(set(names) - _COLUMNS)
    if missing or unknown or len(set(names)) < len(names):
        raise _refused(f"columns missing: {_listed(missing)}; unknown: {_listed(unknown)}")


def _listed(names: list[str]) -> str:
    return ", ".join(names)[:300] or "none"


def _read_rows(rows: Iterable[Mapping[str, object]], found: ReadFile, zone: ZoneInfo) -> None:
    for number, row in enumerate(rows, start=2):
        found.rows += 1
        if found.rows > MOST_ROWS:
            raise _refused(f"more than {MOST_ROWS} rows")
        if None in row or None in row.values():
            found.complain(number, "", "has more or fewer values than there are names")
            continue
        given = {name: str(value).strip() for name, value in row.items() if str(value).strip()}
        try:
            moment = _moment(given.pop("time", ""), zone)
            found.lines.append(SoldLine.model_validate({**given, "occurred_at": moment}))
        except ValidationError as error:
            for item in error.errors():
                column = str(item["loc"][0]) if item["loc"] else ""
                found.complain(number, column.replace("occurred_at", "time"), item["msg"])
        except ValueError as error:
            found.complain(number, "time", str(error))


def _moment(written: str, zone: ZoneInfo) -> datetime:
    """Raises ValueError, also for an hour that the clocks skip at that venue."""
    moment = datetime.fromisoformat(written)
    if moment.tzinfo is not None:
        return moment
    local = moment.replace(tzinfo=zone)
    back = datetime.fromtimestamp(local.timestamp(), zone).replace(tzinfo=None)
    if back != moment:
        raise ValueError("the clocks skip this hour there: write the time with its zone")
    return local


def _refused(why: str) -> InvalidInputError:
    return InvalidInputError(
        f"The file cannot be read: {why}.", fields=[{"field": "file", "problem": why}]
    )
