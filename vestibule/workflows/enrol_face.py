"""From an enrolment request to a template that the next photo finds."""

from dataclasses import dataclass
from uuid import UUID

from vestibule.domain.errors import (
    LeaseLostError,
    NotFoundError,
    TransientError,
    UnderAgeError,
    VestibuleError,
)
from vestibule.domain.ids import FaceId
from vestibule.domain.quality import Fault
from vestibule.records import audit, customers, gallery, jobs, photos
from vestibule.records.database import Transaction
from vestibule.records.tables import Enrolment, EnrolmentHold, Job, Json, Template
from vestibule.workflows.carry_over import carry_to_other_spaces
from vestibule.workflows.check_age import require_of_age
from vestibule.workflows.check_presentation import check_presentation
from vestibule.workflows.choose_templates import choose_templates
from vestibule.workflows.enrolment_source import Source, drop_source, seal_source, source_of
from vestibule.workflows.hold_faces import drop_hold
from vestibule.workflows.index_templates import index_templates
from vestibule.workflows.make_template import (
    Override,
    Rejection,
    as_json,
    template_from_source,
)
from vestibule.workflows.restrict_use import require_unrestricted
from vestibule.workflows.runtime import Runtime


class CustomerMergedError(TransientError):
    """The customer's file became a part of another meanwhile: it is done again, for that one."""

    code = "customer_merged"


@dataclass(frozen=True, slots=True)
class _Outcome:
    """``checks`` is what was found and what passed; ``hold`` the pixels to look at it again."""

    outcome: str
    reason: str | None = None
    template: Template | None = None
    template_id: UUID | None = None
    checks: Json | None = None
    resembles: UUID | None = None
    hold: EnrolmentHold | None = None


def enrol_face(runtime: Runtime, job: Job) -> None:
    """Run the whole job. Safe to run twice: the outcome is stored once, then indexed, then done.

    The job ends only after the index holds the template, so the next photo finds the person.
    """
    enrolment = _load(runtime, job)
    if enrolment.outcome is None:
        try:
            enrolment = _store(runtime, job, enrolment, _decide(runtime, enrolment))
        except UnderAgeError:
            _forget_source(runtime, enrolment)
            raise
    if enrolment.template_id is not None:
        of_customer = _templates_of(runtime, enrolment)
        index_templates(runtime, of_customer)
        carry_to_other_spaces(runtime, of_customer)
    with runtime.database.begin() as transaction:
        jobs.finish(transaction, job, now=runtime.clock.now())
    _forget_source(runtime, enrolment)


def _templates_of(runtime: Runtime, enrolment: Enrolment) -> list[UUID]:
    """All of the customer's: the new one may have taken the place of another."""
    with runtime.database.look() as transaction:
        return [row.id for row in gallery.templates_of(transaction, enrolment.customer_id)]


def _load(runtime: Runtime, job: Job) -> Enrolment:
    with runtime.database.begin() as transaction:
        found = photos.find_enrolment(transaction, job.subject_id)
    if found is None:
        raise NotFoundError()
    return found[0]


def _decide(runtime: Runtime, enrolment: Enrolment) -> _Outcome:
    with runtime.database.begin() as transaction:
        existing = gallery.template_from_source(
            transaction,
            customer_id=enrolment.customer_id,
            space_id=runtime.engine.space.id,
            source_sha256=enrolment.source_sha256,
        )
    if existing is not None:
        return _Outcome("already_enrolled", template_id=existing.id)
    source = source_of(runtime, enrolment)
    made = template_from_source(
        runtime,
        source,
        customer_id=enrolment.customer_id,
        source_sha256=enrolment.source_sha256,
        override=_override(enrolment),
    )
    if isinstance(made, Rejection):
        return _rejected(runtime, enrolment, source, made)
    checks = {name: made.quality[name] for name in ("findings", "passed")}
    checks |= check_presentation(runtime, source)
    return _Outcome("enrolled", template=made, template_id=made.id, checks=checks)


def _override(enrolment: Enrolment) -> Override | None:
    given = enrolment.override
    if given is None:
        return None
    return Override(frozenset(Fault(code) for code in given["codes"]), given)


def _rejected(runtime: Runtime, enrolment: Enrolment, source: Source, why: Rejection) -> _Outcome:
    """With what is needed to show what is wrong, unless it is held already."""
    is_upload = enrolment.face_id is None
    is_first = enrolment.override is None and enrolment.picked_face is None
    return _Outcome(
        "rejected",
        reason=why.reason.value,
        checks=as_json(why.verdict),
        resembles=why.resembles,
        hold=seal_source(runtime, enrolment.id, source) if is_upload and is_first else None,
    )


def _store(runtime: Runtime, job: Job, enrolment: Enrolment, outcome: _Outcome) -> Enrolment:
    try:
        with runtime.database.begin() as transaction:
            _require_customer(runtime, transaction, enrolment)
            if not jobs.holds(transaction, job):
                raise LeaseLostError()
            return _write_outcome(runtime, transaction, enrolment, outcome)
    except VestibuleError:
        if outcome.template is not None:
            runtime.blobs.delete(outcome.template.crop_key)
        if outcome.hold is not None:
            runtime.blobs.delete(outcome.hold.region_key)
        raise


def _require_customer(runtime: Runtime, transaction: Transaction, enrolment: Enrolment) -> None:
    """Still there, under the id that the face was compared for, and old enough."""
    customer = customers.find_for_change(transaction, enrolment.customer_id)
    if customer is not None:
        require_of_age(runtime, transaction, customer)
        require_unrestricted(customer)
    elif customers.standing_for(transaction, enrolment.customer_id) != enrolment.customer_id:
        raise CustomerMergedError()
    else:
        raise NotFoundError()


def _write_outcome(
    runtime: Runtime, transaction: Transaction, enrolment: Enrolment, outcome: _Outcome
) -> Enrolment:
    stored = transaction.get_one(Enrolment, enrolment.id)
    if outcome.template is not None:
        transaction.add(outcome.template)
        transaction.flush()
        choose_templates(runtime, transaction, enrolment.customer_id, newest=outcome.template.id)
    if outcome.hold is not None:
        transaction.merge(outcome.hold)
    stored.outcome, stored.reason = outcome.outcome, outcome.reason
    stored.checks, stored.resembles_id = outcome.checks, outcome.resembles
    stored.template_id = outcome.template_id
    if enrolment.face_id is not None and outcome.outcome == "enrolled":
        face = photos.find_face_for_change(transaction, enrolment.face_id)
        if face is not None:
            face.answer = "enrolled"
    _audit(runtime, transaction, enrolment, outcome)
    return stored


def _audit(
    runtime: Runtime, transaction: Transaction, enrolment: Enrolment, outcome: _Outcome
) -> None:
    """Whom the face looks like is a look at that person, so it stands here too."""
    found = (outcome.checks or {}).get("findings", [])
    audit.append(
        transaction,
        at=runtime.clock.now(),
        actor=enrolment.requested_by,
        action="enrolment.decide",
        subject=f"customer:{enrolment.customer_id}",
        enrolment=str(enrolment.id),
        outcome=outcome.outcome,
        reason=outcome.reason,
        findings=[finding["code"] for finding in found],
        presentation=(outcome.checks or {}).get("presentation"),
        resembles=str(outcome.resembles) if outcome.resembles else None,
        overridden=(enrolment.override or {}).get("codes", []),
    )


def _forget_source(runtime: Runtime, enrolment: Enrolment) -> None:
    """The uploaded photo goes at once; what is held goes too, unless another try may be wanted."""
    if enrolment.upload_key is not None:
        runtime.blobs.delete(enrolment.upload_key)
    if enrolment.outcome == "rejected":
        return
    drop_source(runtime, enrolment.id)
    if enrolment.face_id is not None:
        drop_hold(runtime, FaceId(enrolment.face_id))
