"""Lists and folders that wait to be imported must not bring an erased person back."""

from collections.abc import Iterator, Mapping
from datetime import date

from vestibule.domain.customer_csv import NotCsvError, read_sheet
from vestibule.domain.errors import BlobMissingError, TransientError
from vestibule.domain.names import named_by_folder
from vestibule.domain.profile import cleaned
from vestibule.records import audit, batches, customer_imports, jobs, suppressions
from vestibule.records.customer_import_tables import CustomerImport
from vestibule.records.database import Transaction
from vestibule.workflows.erasure_subjects import Subjects, digests_telling, note_objects
from vestibule.workflows.runtime import Runtime

FORGOTTEN = "erased/erased"
"""In place of a photo's path: no folder can be told from it, and no photo lies there."""


class ImportRunningError(TransientError):
    """A list that names the person is being taken in; what it brought goes once it has ended."""

    code = "import_running"


def count_in_imports(runtime: Runtime, subjects: Subjects) -> Mapping[str, int]:
    with runtime.database.look() as reader:
        digests = _digests(reader, subjects)
        photos = sum(
            _names(runtime, item, digests)
            for chunk in batches.chunks_with_items(reader)
            for item in chunk.items
        )
        failures = sum(
            _names(runtime, failure.item or "", digests)
            for failure in batches.failures_with_items(reader)
        )
    lists = sum(1 for _ in _lists_naming(runtime, digests))
    return {"lists": lists, "photos": photos, "failures": failures}


def forget_in_imports(runtime: Runtime, subjects: Subjects) -> None:
    """A list that waits for its confirmation is discarded: it is easily sent again, without them.

    One that is being taken in leaves them out by itself; the erasure waits for its end.
    """
    with runtime.database.look() as reader:
        digests = _digests(reader, subjects)
    for found in list(_lists_naming(runtime, digests)):
        _discard(runtime, subjects, found)
    with runtime.database.begin() as transaction:
        noted = note_objects(transaction, subjects.erasure_id, [])
    for key in noted:
        runtime.blobs.delete(key)
    with runtime.database.begin() as transaction:
        for chunk in batches.chunks_with_items(transaction):
            kept = [FORGOTTEN if _names(runtime, item, digests) else item for item in chunk.items]
            if kept != chunk.items and chunk.kind == "WORK":
                chunk.items = kept
        for failure in batches.failures_with_items(transaction):
            if _names(runtime, failure.item or "", digests):
                failure.item = None


def _digests(transaction: Transaction, subjects: Subjects) -> set[str]:
    rows = suppressions.of_erasure(transaction, subjects.erasure_id)
    return {row.digest for row in rows}


def _names(runtime: Runtime, path: str, digests: set[str]) -> bool:
    """Whether a photo of an import lies in a folder of theirs."""
    if "/" not in path:
        return False
    name, reference = named_by_folder(path.split("/", maxsplit=1)[0])
    told = digests_telling(runtime.receipts, {"name": name, "reference": reference})
    return not digests.isdisjoint(told)


def _lists_naming(runtime: Runtime, digests: set[str]) -> Iterator[CustomerImport]:
    with runtime.database.look() as reader:
        waiting = customer_imports.with_file(reader)
    for found in waiting:
        told = (*_sample(runtime, found), *_rows(runtime, found))
        if any(not digests.isdisjoint(row) for row in told):
            yield found


def _sample(runtime: Runtime, of: CustomerImport) -> Iterator[list[str]]:
    """What the first rows tell of somebody. A restored list has nothing else."""
    for row in of.sample:
        fields = dict(row["fields"])
        if "birth_date" in fields:
            fields["birth_date"] = date.fromisoformat(fields["birth_date"])
        yield digests_telling(runtime.receipts, fields)


def _rows(runtime: Runtime, of: CustomerImport) -> Iterator[list[str]]:
    """What each row of the list tells; none where it is done or discarded meanwhile."""
    key = of.file_key or ""
    today = runtime.clock.now().date()
    try:
        content = runtime.sealer.unseal(runtime.blobs.get(key), context=key)
        for row in read_sheet(content).rows():
            profile = cleaned({"name": "", **row.fields}, today=today)
            yield digests_telling(runtime.receipts, profile.values)
    except (BlobMissingError, NotCsvError):
        return


def _discard(runtime: Runtime, subjects: Subjects, found: CustomerImport) -> None:
    """The file is noted in the commit that lets go of it, for a run after a kill."""
    with runtime.database.begin() as transaction:
        row = customer_imports.find_for_change(transaction, found.id)
        if row is None or row.file_key is None:
            return
        job = jobs.find(transaction, row.job_id) if row.job_id else None
        if row.state == "RUNNING" and job is not None and job.finished_at is None:
            raise ImportRunningError()
        note_objects(transaction, subjects.erasure_id, [row.file_key])
        if row.state == "PREVIEWED":
            customer_imports.remove(transaction, row.id)
        else:
            row.state, row.file_key, row.sample = "FAILED", None, []
            row.finished_at = row.finished_at or runtime.clock.now()
        audit.append(
            transaction,
            at=runtime.clock.now(),
            actor="system",
            action="customers.import_discard",
            subject=f"customer_import:{row.id}",
            reason="names_somebody_erased",
        )
