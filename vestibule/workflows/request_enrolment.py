"""Asking for a template: who it is, on what basis, and from which photo or held face."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from vestibule.domain.errors import (
    ConflictError,
    ConsentMissingError,
    HoldExpiredError,
    InvalidInputError,
    NotFoundError,
    UnderAgeError,
)
from vestibule.domain.ids import EnrolmentId, FaceId, JobId, new_uuid
from vestibule.records import audit, customers, jobs, photos
from vestibule.records.database import Transaction
from vestibule.records.tables import Customer, Enrolment, Job
from vestibule.workflows.check_age import require_of_age
from vestibule.workflows.hold_faces import drop_hold
from vestibule.workflows.record_consent import ConsentGiven, add_consent
from vestibule.workflows.register_customer import NewCustomer, add_customer
from vestibule.workflows.restrict_use import require_unrestricted
from vestibule.workflows.runtime import Runtime
from vestibule.workflows.send_job import send_job
from vestibule.workflows.submit_photo import check_upload


@dataclass(frozen=True, slots=True)
class Who:
    """An existing customer by ``customer_id``, or a new one by ``name``.

    A ``reference`` that is known already stands for the customer who has it, so that a repeated
    import adds to the same person. ``living_person_seen``: whoever asks says that they saw the
    person and not a picture of one; nothing here can tell.
    """

    customer_id: UUID | None = None
    name: str | None = None
    reference: str | None = None
    living_person_seen: bool = False
    venue_id: UUID | None = None
    """Where a new customer comes from; None is the first venue."""
    birth_date: date | None = None


def request_enrolment_from_face(
    runtime: Runtime, face_id: FaceId, who: Who, consent: ConsentGiven | None, *, actor: str
) -> tuple[Enrolment, Job]:
    """Raises NotFoundError, HoldExpiredError, ConflictError, ConsentMissingError, and
    UnderAgeError, after which the face is no longer held."""

    def check(transaction: Transaction) -> None:
        face = photos.find_face_for_change(transaction, face_id)
        if face is None:
            raise NotFoundError()
        if face.answer is not None:
            raise ConflictError("This face was answered before.", answer=face.answer)
        if photos.hold_of(transaction, face_id, now=runtime.clock.now()) is None:
            raise HoldExpiredError()

    source = hashlib.sha256(f"face:{face_id}".encode()).hexdigest()
    source_row = {"face_id": face_id, "source_sha256": source}
    try:
        return _request(runtime, who, consent, actor=actor, check=check, source=source_row)
    except UnderAgeError:
        drop_hold(runtime, face_id)
        raise


def request_enrolment_from_photo(
    runtime: Runtime, content: bytes, who: Who, consent: ConsentGiven | None, *, actor: str
) -> tuple[Enrolment, Job]:
    """Raises what ``submit_photo`` raises, NotFoundError, ConsentMissingError, UnderAgeError."""
    check_upload(runtime, content)
    enrolment_id = EnrolmentId(new_uuid())
    upload_key = f"enrolments/{enrolment_id}/original"
    runtime.blobs.put(upload_key, content)
    source = {
        "id": enrolment_id,
        "upload_key": upload_key,
        "source_sha256": hashlib.sha256(content).hexdigest(),
    }
    try:
        return _request(runtime, who, consent, actor=actor, check=lambda _: None, source=source)
    except Exception:
        runtime.blobs.delete(upload_key)
        raise


def _request(
    runtime: Runtime,
    who: Who,
    consent: ConsentGiven | None,
    *,
    actor: str,
    check: Callable[[Transaction], None],
    source: dict[str, object],
) -> tuple[Enrolment, Job]:
    now = runtime.clock.now()
    with runtime.database.begin() as transaction:
        check(transaction)
        customer = _customer(runtime, transaction, who)
        require_of_age(runtime, transaction, customer)
        require_unrestricted(customer)
        _require_consent(runtime, transaction, customer, consent, actor=actor)
        enrolment = Enrolment(
            customer_id=customer.id,
            requested_by=actor,
            living_person_seen=who.living_person_seen,
            created_at=now,
            **{"id": new_uuid(), **source},
        )
        job = jobs.add(transaction, kind="ENROL", subject_id=enrolment.id, queue="enrol", now=now)
        enrolment.job_id = job.id
        transaction.add(enrolment)
        transaction.flush()
        audit.append(
            transaction,
            at=now,
            actor=actor,
            action="enrolment.request",
            subject=f"customer:{customer.id}",
            enrolment=str(enrolment.id),
            living_person_seen=who.living_person_seen,
        )
    send_job(runtime, JobId(job.id), queue="enrol")
    return enrolment, job


def _customer(runtime: Runtime, transaction: Transaction, who: Who) -> Customer:
    if (who.customer_id is None) == (who.name is None):
        raise InvalidInputError(
            "Say who it is: an existing customer or a name.", fields=["customer_id", "name"]
        )
    if who.customer_id is not None:
        customer = customers.lock_present(transaction, who.customer_id)
        if customer is None:
            raise NotFoundError()
        return customer
    known = customers.find_by_reference(transaction, who.reference) if who.reference else None
    if known is not None:
        return known
    new = NewCustomer(
        name=who.name or "",
        reference=who.reference,
        birth_date=who.birth_date,
        venue_id=who.venue_id,
    )
    return add_customer(runtime, transaction, new)


def _require_consent(
    runtime: Runtime,
    transaction: Transaction,
    customer: Customer,
    consent: ConsentGiven | None,
    *,
    actor: str,
) -> None:
    if customers.active_consent(transaction, customer.id) is not None:
        return
    if consent is None:
        raise ConsentMissingError()
    add_consent(runtime, transaction, customer.id, consent, actor=actor)
