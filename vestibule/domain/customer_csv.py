"""Customers as spreadsheets write them: read in whatever encoding and with whatever separators,
and written so that no spreadsheet takes a name for a formula."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from vestibule.domain.names import folded

MAX_ROWS = 200_000
MAX_CELL = 8_000
_DELIMITERS = ";,\t|"
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
COLUMNS = (
    "reference",
    "name",
    "birth_date",
    "phone",
    "email",
    "language",
    "tags",
    "notes",
)
"""In the order in which an export writes them. An import takes them in any order."""
_CALLED: Mapping[str, tuple[str, ...]] = {
    "reference": (
        "reference",
        "loyalty number",
        "loyalty",
        "card",
        "card number",
        "customer number",
        "numero de fidelite",
        "numero client",
        "carte",
        "n° carte",
        "numero de carte",
        "n° client",
        "n° de fidelite",
        "fidelite",
    ),
    "name": ("name", "full name", "guest", "customer", "nom", "nom complet", "client"),
    "first_name": ("first name", "firstname", "given name", "prenom"),
    "last_name": ("last name", "lastname", "surname", "family name", "nom de famille"),
    "birth_date": ("birth date", "birthdate", "birthday", "date of birth", "date de naissance"),
    "phone": ("phone", "telephone", "mobile", "phone number", "portable", "tel"),
    "email": ("email", "e-mail", "mail", "courriel", "adresse e-mail"),
    "language": ("language", "langue"),
    "tags": ("tags", "tag", "labels", "etiquettes"),
    "notes": ("notes", "note", "comment", "comments", "remarques", "commentaire"),
}


class NotCsvError(ValueError):
    """The file cannot be read as customers; ``code`` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Row:
    """``number`` is the line of the file's table, the heading being 1. Empty cells are left out.

    ``problems`` are codes by field, of cells that cannot be read.
    """

    number: int
    fields: Mapping[str, Any]
    problems: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """``columns`` maps a heading of the file to a field; headings that mean nothing to None."""

    encoding: str
    delimiter: str
    columns: Mapping[str, str | None]
    _text: str

    def rows(self) -> Iterator[Row]:
        """Raises NotCsvError for what turns out later to be no table."""
        reader = csv.reader(io.StringIO(self._text, newline=""), delimiter=self.delimiter)
        fields = [self.columns[heading] for heading in _headings(next(reader))]
        try:
            for number, cells in enumerate(reader, start=2):
                if number - 1 > MAX_ROWS:
                    raise NotCsvError("too_many_rows")
                if any(cell.strip() for cell in cells):
                    yield _row(number, fields, cells)
        except csv.Error as error:
            raise NotCsvError("not_csv") from error


def read_sheet(content: bytes) -> Sheet:
    """Raises NotCsvError: no text, no heading, or no column for a name."""
    encoding = _encoding(content)
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        raise NotCsvError("not_text") from error
    if "\x00" in text:
        raise NotCsvError("not_text")
    lines = text.lstrip().splitlines()
    if not lines:
        raise NotCsvError("empty")
    text = text[len(text) - len(text.lstrip()) :]
    if lines[0].lower().startswith("sep=") and len(lines[0]) == 5:  # what Excel writes for itself
        delimiter, text = lines[0][4], text.split("\n", 1)[-1]
        lines = lines[1:]
    else:
        delimiter = max(_DELIMITERS, key=lines[0].count)
    if not lines or delimiter not in _DELIMITERS:
        raise NotCsvError("not_csv")
    try:
        headings = _headings(next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)))
    except csv.Error as error:
        raise NotCsvError("not_csv") from error
    columns = _columns(headings)
    if not {"name", "last_name", "first_name"} & set(columns.values()):
        raise NotCsvError("no_name_column")
    return Sheet(encoding, delimiter, columns, text)


def written(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """CSV with commas, the heading first. A cell that a spreadsheet would compute is quoted so
    that it does not, and ``read_sheet`` takes that off again."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([_harmless(row[name]) for name in COLUMNS])
        if buffer.tell() > 32_000:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def _harmless(value: Any) -> str:
    if value is None:
        return ""
    text = "|".join(value) if isinstance(value, list | tuple) else str(value)
    return f"'{text}" if text.lstrip("'").startswith(_FORMULA_STARTS) else text


def _encoding(content: bytes) -> str:
    for mark, name in _BOMS:
        if content.startswith(mark):
            return name
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "windows-1252"
    return "utf-8"


def _headings(cells: list[str]) -> list[str]:
    """Each once: a second column of the same heading is another one."""
    found: list[str] = []
    for cell in cells:
        heading = cell.strip()[:100]
        found.append(heading if heading not in found else f"{heading} ({len(found) + 1})")
    return found


def _columns(headings: list[str]) -> dict[str, str | None]:
    meanings = {word: field for field, words in _CALLED.items() for word in words}
    taken: set[str] = set()
    columns: dict[str, str | None] = {}
    for heading in headings:
        field = meanings.get(folded(heading.replace("_", " ")))
        columns[heading] = field if field not in taken else None
        if field:
            taken.add(field)
    if "first_name" in taken and "name" in taken and "last_name" not in taken:
        # French lists write "nom" and "prénom"
        columns = {k: ("last_name" if v == "name" else v) for k, v in columns.items()}
    return columns


def _row(number: int, fields: list[str | None], cells: list[str]) -> Row:
    values: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for field, cell in zip(fields, cells, strict=False):
        text = _unquoted(cell.strip())
        if field is None or not text:
            continue
        if len(text) > MAX_CELL:
            problems[field] = "too_long"
        elif field == "birth_date":
            born = _date(text)
            if born is None:
                problems[field] = "not_a_date"
            else:
                values[field] = born
        elif field == "tags":
            values[field] = [tag.strip() for tag in re.split(r"[|,;]", text) if tag.strip()]
        else:
            values[field] = text
    parts = [values.pop(part, "") for part in ("first_name", "last_name")]
    if any(parts):
        values["name"] = " ".join(part for part in parts if part)
    return Row(number, values, problems)


def _unquoted(text: str) -> str:
    is_quoted = text.startswith("'") and text.lstrip("'").startswith(_FORMULA_STARTS)
    return text[1:] if is_quoted else text


def _date(text: str) -> date | None:
    """Year first, or day first as Europe writes it."""
    found = re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ].*)?", text)
    if found:
        year, month, day = (int(part) for part in found.groups())
    else:
        found = re.fullmatch(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})", text)
        if not found:
            return None
        day, month, year = (int(part) for part in found.groups())
    try:
        return date(year, month, day)
    except ValueError:
        return None
