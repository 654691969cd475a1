"""An import is asked for: guests from a folder or a bucket that the operator set up for it."""

from uuid import UUID

from vestibule.domain.errors import (
    BlobMissingError,
    ConflictError,
    ImportRefusedError,
    ImportSourceMissingError,
)
from vestibule.ports import ImportSource
from vestibule.records import audit, batches, generations
from vestibule.records.batch_tables import Batch
from vestibule.records.tables import Json
from vestibule.workflows.record_consent import ConsentGiven
from vestibule.workflows.register_customer import NewCustomer
from vestibule.workflows.run_batch import AT_ONCE, send_window
from vestibule.workflows.runtime import Runtime


def request_import(
    runtime: Runtime,
    source: str,
    consent: ConsentGiven,
    *,
    actor: str,
    venue_id: UUID | None = None,
    pace: str = "POLITE",
    at_once: int = AT_ONCE,
) -> Batch:
    """Every photo that lies there, one folder a guest. ``consent`` is what they all gave,
    ``venue_id`` where new ones come from; None is the first venue.

    ``source`` is a name in ``runtime.imports``. Raises ImportSourceMissingError for any other, and
    ConflictError while another import may still go on.
    """
    open_import(runtime, source)
    now = runtime.clock.now()
    with runtime.database.begin() as transaction:
        generations.one_at_a_time(transaction)
        if batches.importing(transaction) is not None:
            raise ConflictError("Another import may still go on.", reason="busy")
        batch = Batch(
            kind="IMPORT",
            state="RUNNING",
            parameters=_parameters(source, consent, venue_id),
            pace=pace,
            at_once=at_once,
            requested_by=actor,
            created_at=now,
            resumed_at=now,
        )
        transaction.add(batch)
        transaction.flush()
        batches.add_listing(transaction, batch)
        audit.append(
            transaction,
            at=now,
            actor=actor,
            action="batch.request",
            subject=f"batch:{batch.id}",
            kind=batch.kind,
            source=source,
            basis=consent.basis,
            given_by=consent.given_by,
        )
    send_window(runtime, batch.id)
    return batch


def _parameters(source: str, consent: ConsentGiven, venue_id: UUID | None) -> Json:
    return {
        "source": source,
        "basis": consent.basis,
        "given_by": consent.given_by,
        "purposes": list(consent.purposes),
        "notice_version": consent.notice_version,
        "venue_id": str(venue_id) if venue_id else None,
    }


def open_import(runtime: Runtime, source: str) -> ImportSource:
    """Raises ImportSourceMissingError where the operator set up nothing of that name."""
    opened = runtime.imports.get(source)
    if opened is None:
        raise ImportSourceMissingError(source=source)
    try:
        return opened()
    except (BlobMissingError, ImportRefusedError) as error:
        raise ImportSourceMissingError(source=source) from error


def new_guest_of(batch: Batch, *, name: str, reference: str) -> NewCustomer:
    venue_id = batch.parameters["venue_id"]
    return NewCustomer(
        name=name, reference=reference, venue_id=UUID(venue_id) if venue_id else None
    )


def consent_of(batch: Batch) -> ConsentGiven:
    """What was said of everybody whom the import brings."""
    venue_id = batch.parameters["venue_id"]
    return ConsentGiven(
        basis=batch.parameters["basis"],
        given_by=batch.parameters["given_by"],
        venue_id=UUID(venue_id) if venue_id else None,
        purposes=tuple(batch.parameters.get("purposes", ("recognition",))),
        method="import",
        notice_version=batch.parameters.get("notice_version"),
    )
