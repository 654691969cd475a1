"""What is held about a person as one file to take along: JSON, tables, pictures, a page to read."""

import csv
import io
import json
import zipfile
from collections.abc import Callable, Iterable, Sequence

from services.api.personal_document import html_of
from services.api.personal_schemas import PersonalData
from services.api.personal_words import language_for
from vestibule.domain.errors import BlobMissingError
from vestibule.records.personal_data import Held

ReadPicture = Callable[[str], bytes]
NAMES = {"en": "your-data.html", "fr": "vos-donnees.html"}
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def schema_text() -> str:
    """The JSON schema that ``data.json`` follows, as ``docs/privacy`` has it."""
    schema = PersonalData.model_json_schema(mode="serialization")
    return json.dumps(schema, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def archive_of(data: PersonalData, held: Held, *, read: ReadPicture) -> bytes:
    """A ZIP in the customer's language. Names in it are ours: none comes from what people wrote."""
    language = language_for(data.profile.language)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(NAMES[language], html_of(data, language=language))
        archive.writestr("data.json", data.model_dump_json(indent=2))
        archive.writestr("schema.json", schema_text())
        archive.writestr("visits.csv", _sheet(one.model_dump(mode="json") for one in data.visits))
        archive.writestr(
            "purchases.csv", _sheet(one.model_dump(mode="json") for one in data.purchases)
        )
        for name, key in _pictures(data, held):
            content = _picture(read, key)
            if content is not None:
                archive.writestr(name, content)
    return packed.getvalue()


def _pictures(data: PersonalData, held: Held) -> Iterable[tuple[str, str]]:
    keys = {f"face-{row.id}": row.crop_key for row in held.templates}
    keys |= {f"seen-{face.id}": face.crop_key for face, _ in held.sightings if face.crop_key}
    named = [*(one.picture for one in data.faces), *(one.picture for one in data.sightings)]
    for picture in named:
        if picture is not None:
            yield picture, keys[picture.removeprefix("pictures/").removesuffix(".jpg")]


def _picture(read: ReadPicture, key: str) -> bytes | None:
    """None for one that expired a moment ago."""
    try:
        return read(key)
    except BlobMissingError:
        return None


def _sheet(rows: Iterable[dict[str, object]]) -> str:
    """CSV in which no cell is a formula to a spreadsheet."""
    found = list(rows)
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    if found:
        writer.writerow(found[0])
    writer.writerows(_harmless(list(row.values())) for row in found)
    return buffer.getvalue()


def _harmless(cells: Sequence[object]) -> list[str]:
    texts = ["" if cell is None else str(cell) for cell in cells]
    return [
        f"'{text}" if isinstance(cell, str) and text.startswith(_FORMULA_STARTS) else text
        for cell, text in zip(cells, texts, strict=True)
    ]
