"""``vestibule enrol-folder``: one folder a person; run it again and it goes on where it was."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from services.client import ApiClient, RefusedError
from services.commands.files import IN_FLIGHT, UnreadableError, read_photo


@dataclass(frozen=True, slots=True)
class Enrolled:
    """How one file came out: enrolled, already_enrolled, rejected (``reason``) or ``error``."""

    file: str
    person: str
    customer_id: str | None
    outcome: str | None
    reason: str | None
    error: dict[str, str] | None

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def people_in(folder: Path) -> dict[str, list[Path]]:
    """Files by person: every visible sub-folder is one, its name is theirs."""
    return {
        person.name: sorted(
            f for f in person.iterdir() if f.is_file() and not f.name.startswith(".")
        )
        for person in sorted(folder.iterdir())
        if person.is_dir() and not person.name.startswith(".")
    }


def enrol_people(
    client: ApiClient, people: dict[str, list[Path]], *, consent_basis: str, limit_bytes: int
) -> Iterator[Enrolled]:
    """Several people at a time, each person's files in order. Yields as files are done."""
    with ThreadPoolExecutor(IN_FLIGHT) as pool:
        running = [
            pool.submit(_enrol_person, client, name, files, consent_basis, limit_bytes)
            for name, files in people.items()
        ]
        for person in as_completed(running):
            yield from person.result()


def _enrol_person(
    client: ApiClient, name: str, files: list[Path], consent_basis: str, limit_bytes: int
) -> list[Enrolled]:
    fields = {
        "name": name.replace("_", " "),
        "reference": f"folder:{name}",
        "consent_basis": consent_basis,
        "notice_shown": "true",
        "given_by": "the operator, for the customer",
    }
    return [_enrol(client, name, file, fields, limit_bytes) for file in files]


def _enrol(
    client: ApiClient, name: str, file: Path, fields: dict[str, str], limit_bytes: int
) -> Enrolled:
    try:
        result = client.enrol(read_photo(file, limit_bytes=limit_bytes), fields)
    except (UnreadableError, RefusedError) as error:
        problem = {"code": error.code, "detail": error.detail}
        return Enrolled(str(file), name, None, None, None, problem)
    return Enrolled(
        file=str(file),
        person=name,
        customer_id=result["customer_id"],
        outcome=result["outcome"],
        reason=result["reason"],
        error=result["error"],
    )
