"""One photo of an import becomes a template, by the gate that every enrolment goes through."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from vestibule.domain.errors import (
    BlobMissingError,
    ImportRefusedError,
    InvalidInputError,
    PhotoRefusedError,
    TransientError,
    VestibuleError,
)
from vestibule.domain.names import MAX_NAME_LENGTH, named_by_folder
from vestibule.ports import ImportPhoto, ImportSource
from vestibule.records import audit, customers, gallery
from vestibule.records.batch_tables import Batch
from vestibule.records.database import Transaction
from vestibule.records.tables import Customer, Json, Template
from vestibule.workflows.carry_over import carry_to_other_spaces
from vestibule.workflows.check_presentation import check_presentation
from vestibule.workflows.choose_templates import choose_templates
from vestibule.workflows.enrolment_source import source_from_photo
from vestibule.workflows.erasure_subjects import suppressed_among
from vestibule.workflows.index_templates import index_templates
from vestibule.workflows.make_template import Rejection, as_json, template_from_source
from vestibule.workflows.record_consent import add_consent
from vestibule.workflows.register_customer import add_customer
from vestibule.workflows.request_import import consent_of, new_guest_of
from vestibule.workflows.runtime import Runtime
from vestibule.workflows.submit_photo import check_upload


class _MergedMeanwhileError(TransientError):
    """The guest was merged into another while the photo was looked at; it is looked at again."""

    code = "merged_meanwhile"


@dataclass(frozen=True, slots=True)
class NotImported:
    """Why a photo became no template; ``customer_id`` is whose it is, where they are on file."""

    code: str
    customer_id: UUID | None


class _LeftAloneError(VestibuleError):
    """The guest is on file, and nothing may be added: a person has to decide that."""

    def __init__(self, code: str, customer_id: UUID | None) -> None:
        super().__init__(code)
        self.why = NotImported(code, customer_id)


def import_photo(
    runtime: Runtime,
    source: ImportSource,
    path: str,
    batch: Batch,
    *,
    require: Callable[[Transaction], None],
) -> NotImported | None:
    """None when the photo's face is on file and searchable, from now on or already.

    Safe to run twice: what the first run did is found by the photo's hash. ``require`` is called in
    each transaction that changes anything and raises when the batch was stopped. Raises what is
    wrong with the installation, never what is wrong with the photo.
    """
    folder = path.split("/", maxsplit=1)[0]
    try:
        content = source.read(ImportPhoto(path, None), limit_bytes=runtime.limits.max_upload_bytes)
        check_upload(runtime, content)
        customer_id = _guest(runtime, folder, batch, require=require)
        return _enrol(runtime, content, customer_id, batch, require=require)
    except _LeftAloneError as error:
        return error.why
    except (PhotoRefusedError, BlobMissingError, InvalidInputError) as error:
        code = "import_refused" if isinstance(error, ImportRefusedError) else error.code
        return NotImported(code, _known(runtime, folder))


# ── whose it is ─────────────────────────────────────────────────────────────────────────────
def _guest(
    runtime: Runtime, folder: str, batch: Batch, *, require: Callable[[Transaction], None]
) -> UUID:
    """The folder's guest, made with the import's consent if there is none.

    A consent that was withdrawn is not given again by an import, nor is an erased person brought
    back.
    """
    name, reference = named_by_folder(folder)
    if len(reference) > MAX_NAME_LENGTH:
        raise InvalidInputError(fields=["reference"], limit=MAX_NAME_LENGTH)
    with runtime.database.begin() as transaction:
        require(transaction)
        known = customers.find_by_reference(transaction, reference)
        if known is not None and customers.find_for_change(transaction, known.id) is None:
            raise _LeftAloneError("being_erased", None)
        if known is not None and customers.active_consent(transaction, known.id) is not None:
            return known.id
        if known is not None and customers.consents_of(transaction, known.id):
            raise _LeftAloneError("consent_withdrawn", known.id)
        if known is None and _is_suppressed(runtime, transaction, name, reference):
            raise _LeftAloneError("was_erased", None)
        new = new_guest_of(batch, name=name, reference=reference)
        guest = known or add_customer(runtime, transaction, new)
        _consent(runtime, transaction, guest, batch, is_new=known is None)
        return guest.id


def _is_suppressed(runtime: Runtime, transaction: Transaction, name: str, reference: str) -> bool:
    told = {"name": name, "reference": reference}
    return suppressed_among(runtime, transaction, [told]).holds(told)


def _consent(
    runtime: Runtime, transaction: Transaction, guest: Customer, batch: Batch, *, is_new: bool
) -> None:
    given = add_consent(runtime, transaction, guest.id, consent_of(batch), actor=batch.requested_by)
    audit.append(
        transaction,
        at=given.given_at,
        actor=batch.requested_by,
        action="consent.give",
        subject=f"customer:{guest.id}",
        consent=str(given.id),
        purposes=[given.purpose],
        notice=given.notice_version,
        batch=str(batch.id),
        new_customer=is_new,
    )


def _known(runtime: Runtime, folder: str) -> UUID | None:
    with runtime.database.begin() as transaction:
        found = customers.find_by_reference(transaction, named_by_folder(folder)[1])
        return found.id if found is not None and found.status == "ACTIVE" else None


# ── the photo ───────────────────────────────────────────────────────────────────────────────
def _enrol(
    runtime: Runtime,
    content: bytes,
    customer_id: UUID,
    batch: Batch,
    *,
    require: Callable[[Transaction], None],
) -> NotImported | None:
    sha256 = hashlib.sha256(content).hexdigest()
    if not _is_enrolled(runtime, customer_id, sha256):
        source = source_from_photo(runtime, content)
        made = template_from_source(runtime, source, customer_id=customer_id, source_sha256=sha256)
        if isinstance(made, Rejection):
            return _rejected(runtime, made, customer_id, batch, require=require)
        checks = check_presentation(runtime, source)
        _store(runtime, made, checks, batch, require=require)
    with runtime.database.look() as reader:
        of_customer = [row.id for row in gallery.templates_of(reader, customer_id)]
    index_templates(runtime, of_customer)
    carry_to_other_spaces(runtime, of_customer)
    return None


def _is_enrolled(runtime: Runtime, customer_id: UUID, sha256: str) -> bool:
    with runtime.database.look() as reader:
        return _from_source(runtime, reader, customer_id, sha256) is not None


def _from_source(
    runtime: Runtime, transaction: Transaction, customer_id: UUID, sha256: str
) -> Template | None:
    return gallery.template_from_source(
        transaction,
        customer_id=customer_id,
        space_id=runtime.engine.space.id,
        source_sha256=sha256,
    )


def _store(
    runtime: Runtime,
    made: Template,
    checks: Json,
    batch: Batch,
    *,
    require: Callable[[Transaction], None],
) -> None:
    """The template, unless the same photo came another way meanwhile; else its crop goes too."""
    is_kept = False
    try:
        with runtime.database.begin() as transaction:
            require(transaction)
            _lock(transaction, made.customer_id)
            if customers.active_consent(transaction, made.customer_id) is None:
                raise _LeftAloneError("consent_withdrawn", made.customer_id)
            if _from_source(runtime, transaction, made.customer_id, made.source_sha256) is None:
                transaction.add(made)
                transaction.flush()
                choose_templates(runtime, transaction, made.customer_id, newest=made.id)
                _audit(runtime, transaction, batch, made.customer_id, "enrolled", checks=checks)
                is_kept = True
    finally:
        if not is_kept:
            runtime.blobs.delete(made.crop_key)


def _lock(transaction: Transaction, customer_id: UUID) -> None:
    """Until the transaction ends. Raises where there is no such guest any more."""
    guest = customers.lock_present(transaction, customer_id)
    if guest is None:
        raise _LeftAloneError("being_erased", None)
    if guest.id != customer_id:
        raise _MergedMeanwhileError()


def _rejected(
    runtime: Runtime,
    why: Rejection,
    customer_id: UUID,
    batch: Batch,
    *,
    require: Callable[[Transaction], None],
) -> NotImported:
    """Nothing overrides a finding here, and no pixels are held: the photo still lies there."""
    with runtime.database.begin() as transaction:
        require(transaction)
        _lock(transaction, customer_id)
        checks = as_json(why.verdict)
        _audit(runtime, transaction, batch, customer_id, "rejected", checks=checks, why=why)
    return NotImported(why.reason.value, customer_id)


def _audit(
    runtime: Runtime,
    transaction: Transaction,
    batch: Batch,
    customer_id: UUID,
    outcome: str,
    *,
    checks: Json,
    why: Rejection | None = None,
) -> None:
    """As of any enrolment; whom the face looks like is a look at that person."""
    audit.append(
        transaction,
        at=runtime.clock.now(),
        actor=batch.requested_by,
        action="enrolment.decide",
        subject=f"customer:{customer_id}",
        batch=str(batch.id),
        outcome=outcome,
        reason=why.reason.value if why else None,
        findings=[finding["code"] for finding in checks.get("findings", [])],
        presentation=checks.get("presentation"),
        resembles=str(why.resembles) if why and why.resembles else None,
    )
