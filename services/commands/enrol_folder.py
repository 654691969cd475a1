"""``vestibule enrol-folder``: one folder a person; run it again and it goes on where it was."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, get_args

from services.api.fault_schemas import FaultName
from services.client import ApiClient, RefusedError
from services.commands.files import IN_FLIGHT, UnreadableError, read_photo
from vestibule.domain.names import named_by_folder
from vestibule.workflows.override_enrolment import LONGEST_REASON, SHORTEST_REASON


@dataclass(frozen=True, slots=True)
class Enrolled:
    """How one file came out: enrolled, already_enrolled, rejected or ``error``.

    ``reason`` is the worst of ``findings`` where it was rejected; ``overridden`` are the findings
    in spite of which it was enrolled.
    """

    file: str
    person: str
    customer_id: str | None
    outcome: str | None
    reason: str | None
    error: dict[str, str] | None
    findings: tuple[str, ...] = ()
    overridden: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    def in_words(self) -> str:
        outcome = (self.outcome or "error").replace("_", " ")
        why = ", ".join(self.findings) or (self.error["detail"] if self.error else "")
        if self.overridden:
            why = f"in spite of {', '.join(self.overridden)}"
        return f"{self.file}: {outcome}{f' ({why})' if why else ''}"


@dataclass(frozen=True, slots=True)
class Override:
    """A manager's word: photos with no other findings than ``codes`` are enrolled all the same."""

    codes: frozenset[str]
    reason: str


def parse_override(codes: str | None, reason: str | None) -> Override | None:
    """From the two options; raises ValueError where they do not make sense together."""
    if codes is None and reason is None:
        return None
    named = frozenset(code.strip() for code in (codes or "").split(",") if code.strip())
    if not named or not reason:
        raise ValueError("--override and --override-reason belong together.")
    if unknown := named - set(get_args(FaultName)):
        known = ", ".join(get_args(FaultName))
        raise ValueError(f"Not a finding: {', '.join(sorted(unknown))}. There are: {known}.")
    if not SHORTEST_REASON <= len(reason.strip()) <= LONGEST_REASON:
        raise ValueError(f"A reason has {SHORTEST_REASON} to {LONGEST_REASON} characters.")
    return Override(named, reason.strip())


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
    client: ApiClient,
    people: dict[str, list[Path]],
    *,
    consent_basis: str,
    limit_bytes: int,
    override: Override | None = None,
) -> Iterator[Enrolled]:
    """Several people at a time, each person's files in order. Yields as files are done."""
    with ThreadPoolExecutor(IN_FLIGHT) as pool:
        running = [
            pool.submit(_enrol_person, client, name, files, consent_basis, limit_bytes, override)
            for name, files in people.items()
        ]
        for person in as_completed(running):
            yield from person.result()


def _enrol_person(
    client: ApiClient,
    name: str,
    files: list[Path],
    consent_basis: str,
    limit_bytes: int,
    override: Override | None,
) -> list[Enrolled]:
    shown, reference = named_by_folder(name)
    fields = {
        "name": shown,
        "reference": reference,
        "consent_basis": consent_basis,
        "notice_shown": "true",
        "given_by": "the operator, for the customer",
    }
    return [_enrol(client, name, file, fields, limit_bytes, override) for file in files]


def _enrol(
    client: ApiClient,
    name: str,
    file: Path,
    fields: dict[str, str],
    limit_bytes: int,
    override: Override | None,
) -> Enrolled:
    try:
        result = client.enrol(read_photo(file, limit_bytes=limit_bytes), fields)
        if override is not None and _may_override(result, override):
            result = client.override_enrolment(result["id"], _codes(result), override.reason)
    except (UnreadableError, RefusedError) as error:
        problem = {"code": error.code, "detail": error.detail}
        return Enrolled(str(file), name, None, None, None, problem)
    is_enrolled = result["outcome"] == "enrolled"
    return Enrolled(
        file=str(file),
        person=name,
        customer_id=result["customer_id"],
        outcome=result["outcome"],
        reason=result["reason"],
        error=result["error"],
        findings=tuple(_codes(result)),
        overridden=tuple(_codes(result)) if is_enrolled else (),
    )


def _codes(enrolment: dict[str, Any]) -> list[str]:
    return [finding["code"] for finding in enrolment["findings"]]


def _may_override(enrolment: dict[str, Any], override: Override) -> bool:
    if enrolment["outcome"] != "rejected" or not enrolment["can_override"]:
        return False
    return set(_codes(enrolment)) <= override.codes
