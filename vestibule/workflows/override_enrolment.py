"""A rejected enrolment taken up again: accepted in spite of findings, or with the face picked.

Both need the pixels, so they end when the hold does. The job looks at everything again: what has
come up since, or was not named, is still in the way.
"""

import hashlib
from collections.abc import Collection
from uuid import UUID

from vestibule.domain.errors import (
    ConflictError,
    ConsentMissingError,
    HoldExpiredError,
    InvalidInputError,
    NotFoundError,
    NotOverridableError,
)
from vestibule.domain.ids import JobId
from vestibule.domain.quality import Fault, not_overridable
from vestibule.domain.quality.faults import worst_first
from vestibule.records import audit, customers, enrolments, jobs, photos
from vestibule.records.database import Transaction
from vestibule.records.tables import Enrolment, Job, Json
from vestibule.workflows.runtime import Runtime
from vestibule.workflows.send_job import send_job

SHORTEST_REASON, LONGEST_REASON = 10, 500
"""Characters of a reason: enough to say something, and not a file on a person."""


def override_enrolment(
    runtime: Runtime, enrolment_id: UUID, codes: Collection[Fault], reason: str, *, actor: str
) -> tuple[Enrolment, Job]:
    """Accept the photo in spite of ``codes``, which must name every finding.

    Raises NotFoundError, ConflictError, HoldExpiredError, NotOverridableError, ConsentMissingError,
    InvalidInputError.
    """
    words = reason.strip()
    if not SHORTEST_REASON <= len(words) <= LONGEST_REASON:
        raise InvalidInputError(fields=["reason"], least=SHORTEST_REASON, limit=LONGEST_REASON)
    with runtime.database.begin() as transaction:
        enrolment = _rejected(transaction, enrolment_id)
        found = {Fault(code) for code in found_codes(enrolment)}
        if blocking := not_overridable(found):
            raise NotOverridableError(codes=worst_first(blocking))
        if missing := found - set(codes):
            raise InvalidInputError(
                "Name every finding that is to be outweighed.",
                fields=["codes"],
                missing=worst_first(missing),
            )
        _require_held(runtime, transaction, enrolment)
        enrolment.override = {
            "codes": worst_first(found),
            "reason": words,
            "by": actor,
            "at": runtime.clock.now().isoformat(),
        }
        job = _again(runtime, transaction, enrolment)
        _audit(
            runtime,
            transaction,
            enrolment,
            "enrolment.override",
            actor=actor,
            codes=worst_first(found),
            reason_sha256=hashlib.sha256(words.encode()).hexdigest(),
        )
    send_job(runtime, JobId(job.id), queue="enrol")
    return enrolment, job


def pick_face(
    runtime: Runtime, enrolment_id: UUID, position: int, *, actor: str
) -> tuple[Enrolment, Job]:
    """Say which of the two held faces is meant, 0 for the left one.

    Raises NotFoundError, ConflictError, HoldExpiredError, InvalidInputError, ConsentMissingError.
    """
    with runtime.database.begin() as transaction:
        enrolment = _rejected(transaction, enrolment_id)
        if found_codes(enrolment) != [Fault.SEVERAL_FACES]:
            raise ConflictError("There is no choice of faces in this enrolment.")
        held = _require_held(runtime, transaction, enrolment)
        if not 0 <= position < len(held["faces"]):
            raise InvalidInputError(fields=["face"])
        enrolment.picked_face = position
        job = _again(runtime, transaction, enrolment)
        _audit(runtime, transaction, enrolment, "enrolment.pick", actor=actor, face=position)
    send_job(runtime, JobId(job.id), queue="enrol")
    return enrolment, job


def found_codes(enrolment: Enrolment) -> list[str]:
    return [finding["code"] for finding in (enrolment.checks or {}).get("findings", [])]


def hold_frame(runtime: Runtime, transaction: Transaction, enrolment: Enrolment) -> Json | None:
    """Size and faces of what is held of it, and until when; None once it is forgotten."""
    now = runtime.clock.now()
    if enrolment.face_id is None:
        held = enrolments.hold_of(transaction, enrolment.id, now=now)
        return {**held.frame, "until": held.expires_at} if held else None
    face = photos.hold_of(transaction, enrolment.face_id, now=now)
    return {**face.frame, "faces": [face.frame], "until": face.expires_at} if face else None


def _rejected(transaction: Transaction, enrolment_id: UUID) -> Enrolment:
    """Locked until the transaction ends."""
    enrolment = enrolments.find_for_change(transaction, enrolment_id)
    if enrolment is None:
        raise NotFoundError()
    if enrolment.outcome != "rejected":
        raise ConflictError("This enrolment was not rejected.", outcome=enrolment.outcome)
    return enrolment


def _require_held(runtime: Runtime, transaction: Transaction, enrolment: Enrolment) -> Json:
    """Its pixels are still held, and the customer's consent still stands."""
    held = hold_frame(runtime, transaction, enrolment)
    if held is None:
        raise HoldExpiredError()
    if customers.active_consent(transaction, enrolment.customer_id) is None:
        raise ConsentMissingError()
    return held


def _again(runtime: Runtime, transaction: Transaction, enrolment: Enrolment) -> Job:
    now = runtime.clock.now()
    job = jobs.add(transaction, kind="ENROL", subject_id=enrolment.id, queue="enrol", now=now)
    enrolment.job_id = job.id
    enrolment.outcome, enrolment.reason, enrolment.checks = None, None, None
    enrolment.resembles_id = None
    transaction.flush()
    return job


def _audit(
    runtime: Runtime,
    transaction: Transaction,
    enrolment: Enrolment,
    action: str,
    *,
    actor: str,
    **details: object,
) -> None:
    audit.append(
        transaction,
        at=runtime.clock.now(),
        actor=actor,
        action=action,
        subject=f"customer:{enrolment.customer_id}",
        enrolment=str(enrolment.id),
        **details,
    )
