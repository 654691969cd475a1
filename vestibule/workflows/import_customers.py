"""A list of customers: looked at first, then taken in by a job, batch by batch."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from vestibule.domain.age import is_minor
from vestibule.domain.contact import phone_key
from vestibule.domain.customer_csv import NotCsvError, Row, Sheet, read_sheet
from vestibule.domain.errors import (
    ConflictError,
    InvalidInputError,
    LeaseLostError,
    NotFoundError,
)
from vestibule.domain.ids import JobId, new_uuid
from vestibule.domain.names import folded
from vestibule.domain.profile import cleaned
from vestibule.records import audit, customer_imports, customers, jobs
from vestibule.records.customer_import_tables import CustomerImport
from vestibule.records.database import Transaction
from vestibule.records.tables import Job, Json, Venue
from vestibule.workflows.check_age import today_at
from vestibule.workflows.erasure_subjects import Suppressed, suppressed_among
from vestibule.workflows.register_customer import NewCustomer, add_customer, change_customer
from vestibule.workflows.runtime import Runtime
from vestibule.workflows.send_job import send_job

MAX_FILE_BYTES = 30_000_000
BATCH_ROWS = 200
PROBLEMS_SHOWN = 500
SAMPLE_ROWS = 5
WAITS_FOR = timedelta(hours=24)
"""For somebody to confirm; then the file goes."""


@dataclass(frozen=True, slots=True)
class Fit:
    """A row that can be taken in (no ``problems``), or why not."""

    row: Row
    values: Mapping[str, Any]
    problems: Mapping[str, str]


def preview_import(
    runtime: Runtime, content: bytes, *, venue_id: UUID, actor: str
) -> CustomerImport:
    """Read the whole list and say what would come of it. Nothing is among the customers after it.

    Raises InvalidInputError: ``problem`` says why the file is no list of customers.
    """
    import_id, now = new_uuid(), runtime.clock.now()
    with runtime.database.begin() as transaction:
        venue = transaction.get_one(Venue, venue_id)
        today = today_at(runtime, venue)
        minimum_age = venue.minimum_age
    try:
        sheet = read_sheet(content)
        fits = list(_judged(sheet, today=today, minimum_age=minimum_age))
        fits = _without_erased(runtime, fits)
    except NotCsvError as error:
        raise InvalidInputError(
            "This file is no list of customers.", fields=["file"], problem=error.code
        ) from error
    file_key = f"imports/{import_id}"
    runtime.blobs.put(file_key, runtime.sealer.seal(content, context=file_key))
    made = CustomerImport(
        id=import_id,
        state="PREVIEWED",
        venue_id=venue_id,
        file_key=file_key,
        encoding=sheet.encoding,
        delimiter=sheet.delimiter,
        columns=dict(sheet.columns),
        rows=len(fits),
        fitting=sum(not fit.problems for fit in fits),
        problems=list(islice(_problems(fits), PROBLEMS_SHOWN)),
        sample=[_shown(fit) for fit in fits if not fit.problems][:SAMPLE_ROWS],
        requested_by=actor,
        created_at=now,
        expires_at=now + WAITS_FOR,
    )
    with runtime.database.begin() as transaction:
        transaction.add(made)
        transaction.flush()
        _audit(runtime, transaction, made, "customers.import_preview", actor=actor, rows=made.rows)
    return made


def confirm_import(runtime: Runtime, import_id: UUID, *, actor: str) -> CustomerImport:
    """Begin. Confirmed twice it begins once. Raises NotFoundError, ConflictError."""
    now = runtime.clock.now()
    with runtime.database.begin() as transaction:
        found = customer_imports.find_for_change(transaction, import_id)
        if found is None:
            raise NotFoundError()
        if found.state != "PREVIEWED":
            return found
        if not found.fitting:
            raise ConflictError("No row of this list can be taken in.")
        job = jobs.add(transaction, kind="CUSTOMERS", subject_id=found.id, queue="bulk", now=now)
        found.state, found.job_id, found.sample = "RUNNING", job.id, []
        transaction.flush()
        _audit(runtime, transaction, found, "customers.import", actor=actor, rows=found.rows)
    send_job(runtime, JobId(job.id), queue="bulk")
    return found


def discard_import(runtime: Runtime, import_id: UUID, *, actor: str) -> None:
    """Nothing was taken in. Raises NotFoundError, ConflictError once it began."""
    with runtime.database.begin() as transaction:
        found = customer_imports.find_for_change(transaction, import_id)
        if found is None:
            raise NotFoundError()
        if found.state != "PREVIEWED":
            raise ConflictError("This import began.", state=found.state)
        file_key = found.file_key
        customer_imports.remove(transaction, import_id)
        _audit(runtime, transaction, found, "customers.import_discard", actor=actor)
    if file_key:
        runtime.blobs.delete(file_key)


def expire_imports(runtime: Runtime) -> int:
    """Previews that nobody confirmed go, with their files; of imports that failed, the files."""
    now = runtime.clock.now()
    with runtime.database.begin() as transaction:
        due = customer_imports.expired(transaction, now=now)
        keys = [found.file_key for found in due if found.file_key]
        for found in due:
            customer_imports.remove(transaction, found.id)
        for found in customer_imports.stranded(transaction, now=now):
            keys += [found.file_key] if found.file_key else []
            found.state, found.file_key, found.finished_at = "FAILED", None, now
    for key in keys:
        runtime.blobs.delete(key)
    return len(keys)


def import_customers(runtime: Runtime, job: Job) -> None:
    """Run the whole job. Safe to run twice and after a kill: a batch commits with its count."""
    with runtime.database.begin() as transaction:
        found = customer_imports.find(transaction, job.subject_id)
        if found is None or found.file_key is None:
            raise NotFoundError()
        venue = transaction.get_one(Venue, found.venue_id)
        today, minimum_age = today_at(runtime, venue), venue.minimum_age
    file_key = found.file_key
    content = runtime.sealer.unseal(runtime.blobs.get(file_key), context=file_key)
    judged = _judged(read_sheet(content), today=today, minimum_age=minimum_age)
    for _ in islice(judged, found.position):
        pass
    while batch := list(islice(judged, BATCH_ROWS)):
        _take_in(runtime, job, found, batch)
    with runtime.database.begin() as transaction:
        done = customer_imports.find_for_change(transaction, found.id)
        if done is None or not jobs.holds(transaction, job):
            raise LeaseLostError()
        now = runtime.clock.now()
        done.state, done.finished_at, done.file_key = "DONE", now, None
        jobs.finish(transaction, job, now=now)
    runtime.blobs.delete(file_key)


def _take_in(runtime: Runtime, job: Job, of: CustomerImport, batch: list[Fit]) -> None:
    with runtime.database.begin() as transaction:
        customer_imports.one_batch_at_a_time(transaction)
        found = customer_imports.find_for_change(transaction, of.id)
        if found is None or not jobs.holds(transaction, job):
            raise LeaseLostError()
        made: list[UUID] = []
        changed: list[UUID] = []
        fitting = [fit.values for fit in batch if not fit.problems]
        erased = suppressed_among(runtime, transaction, fitting)
        for values in fitting:
            customer_id, is_new = _one(runtime, transaction, found, values, erased)
            if customer_id is not None:
                (made if is_new else changed).append(customer_id)
        found.position += len(batch)
        found.created += len(made)
        found.updated += len(changed)
        found.refused += len(batch) - len(made) - len(changed)
        now = runtime.clock.now()
        jobs.mark_stage(transaction, job, now=now, step=f"{found.position}/{found.rows}")
        transaction.flush()
        _audit(
            runtime,
            transaction,
            found,
            "customers.import_batch",
            actor=found.requested_by,
            created=[str(one) for one in made],
            updated=[str(one) for one in changed],
        )


def _one(
    runtime: Runtime,
    transaction: Transaction,
    of: CustomerImport,
    values: Mapping[str, Any],
    erased: Suppressed,
) -> tuple[UUID | None, bool]:
    """By loyalty number; without one by name and e-mail or phone. An empty cell changes nothing.

    None for somebody who was erased: a list does not bring them back.
    """
    reference, phone = values.get("reference"), values.get("phone")
    if reference:
        known = customers.find_by_reference(transaction, reference)
    else:
        known = customer_imports.of_name_and_contact(
            transaction,
            folded(values["name"]),
            email=values.get("email"),
            phone_key=phone_key(phone) if phone else None,
        )
    present = customers.lock_present(transaction, known.id) if known else None
    if present is None and erased.holds(values):
        return None, False
    if present is None:
        fields = {**values, "tags": tuple(values.get("tags", ()))}
        new = NewCustomer(**fields, venue_id=of.venue_id)
        return add_customer(runtime, transaction, new).id, True
    fields = {name: value for name, value in values.items() if name != "reference"}
    if reference and not present.reference:
        fields["reference"] = reference
    change_customer(runtime, transaction, present, fields)
    return present.id, False


def _judged(sheet: Sheet, *, today: date, minimum_age: int) -> Iterator[Fit]:
    seen: dict[str, int] = {}
    for row in sheet.rows():
        profile = cleaned({"name": "", **row.fields}, today=today)
        problems = {**profile.problems, **row.problems}
        values = {name: value for name, value in profile.values.items() if value not in (None, "")}
        if is_minor(values.get("birth_date"), today, minimum_age=minimum_age):
            problems["birth_date"] = "under_age"
        reference = values.get("reference")
        if reference and seen.setdefault(reference, row.number) != row.number:
            problems["reference"] = "twice"
        yield Fit(row, values, problems)


def _without_erased(runtime: Runtime, fits: list[Fit]) -> list[Fit]:
    with runtime.database.look() as reader:
        erased = suppressed_among(runtime, reader, [fit.values for fit in fits])
    return [
        replace(fit, problems={**fit.problems, "name": "erased"})
        if erased.holds(fit.values)
        else fit
        for fit in fits
    ]


def _problems(fits: list[Fit]) -> Iterator[Json]:
    for fit in fits:
        for field, code in fit.problems.items():
            yield {"row": fit.row.number, "field": field, "code": code}


def _shown(fit: Fit) -> Json:
    return {
        "row": fit.row.number,
        "fields": {
            name: value.isoformat() if isinstance(value, date) else value
            for name, value in fit.values.items()
        },
    }


def _audit(
    runtime: Runtime,
    transaction: Transaction,
    of: CustomerImport,
    action: str,
    *,
    actor: str,
    **details: Any,
) -> None:
    audit.append(
        transaction,
        at=runtime.clock.now(),
        actor=actor,
        action=action,
        subject=f"customer_import:{of.id}",
        **details,
    )
