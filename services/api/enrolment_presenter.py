"""An enrolment as it goes over the wire, with what is held of it and whom it looks like."""

from typing import Any, cast

from services.api import enrolment_schemas as schemas
from services.api.fault_schemas import OverrideRecord
from services.api.presenters import job_error, job_state
from vestibule.domain.permissions import Permission
from vestibule.domain.quality import Fault, not_overridable
from vestibule.records import audit, customers
from vestibule.records.database import Transaction
from vestibule.records.tables import Enrolment, Job, Json
from vestibule.workflows.override_enrolment import found_codes, hold_frame
from vestibule.workflows.runtime import Runtime
from vestibule.workflows.sign_in import Principal


def accepted(row: Enrolment, job: Job) -> schemas.Enrolment:
    """One that has just been asked for."""
    return _enrolment(row, job, held=None, resembles=None)


def shown(
    runtime: Runtime, transaction: Transaction, row: Enrolment, job: Job, *, to: Principal
) -> schemas.Enrolment:
    """How it came out. To show whom a face looks like is a look at that person, and recorded."""
    is_rejected = job.state == "DONE" and row.outcome == "rejected"
    held = hold_frame(runtime, transaction, row) if is_rejected else None
    resembles = _resembled(transaction, row) if is_rejected and _may_see(to) else None
    answer = _enrolment(row, job, held=held, resembles=resembles)
    if resembles is not None:
        audit.append(
            transaction,
            at=runtime.clock.now(),
            actor=to.actor,
            action="customer.view",
            subject=f"customer:{resembles.id}",
            enrolment=str(row.id),
        )
    return answer


def _may_see(caller: Principal) -> bool:
    return caller.may(Permission.VIEW_CUSTOMERS)


def _enrolment(
    row: Enrolment, job: Job, *, held: Json | None, resembles: schemas.ResembledCustomer | None
) -> schemas.Enrolment:
    is_done = job.state == "DONE"
    checks = (row.checks if is_done else None) or {"findings": [], "passed": []}
    blocking = not_overridable({Fault(code) for code in found_codes(row)}) if is_done else set()
    return schemas.Enrolment(
        id=row.id,
        state=job_state(job),
        outcome=cast(Any, row.outcome) if is_done else None,
        reason=cast(Any, row.reason) if is_done else None,
        findings=[
            schemas.Finding(**finding, overridable=finding["code"] not in blocking)
            for finding in checks["findings"]
        ],
        passed=checks["passed"],
        picture=_picture(row, held),
        held_until=held["until"] if held else None,
        can_override=held is not None and not blocking,
        resembles=resembles,
        override=OverrideRecord.model_validate(row.override) if row.override else None,
        living_person_seen=bool(row.living_person_seen),
        presentation=checks.get("presentation"),
        customer_id=row.customer_id,
        template_id=row.template_id if is_done else None,
        error=job_error(job),
    )


def _picture(row: Enrolment, held: Json | None) -> schemas.EnrolmentPicture | None:
    if held is None or "width_px" not in held:
        return None
    return schemas.EnrolmentPicture(
        url=f"/v1/enrolments/{row.id}/picture",
        width_px=held["width_px"],
        height_px=held["height_px"],
        faces=[schemas.PicturedFace.model_validate(face) for face in held["faces"]],
    )


def _resembled(transaction: Transaction, row: Enrolment) -> schemas.ResembledCustomer | None:
    if row.resembles_id is None:
        return None
    customer = customers.find(transaction, row.resembles_id)
    if customer is None:
        return None
    return schemas.ResembledCustomer(
        id=customer.id,
        name=customer.name,
        portrait_url=f"/v1/customers/{customer.id}/portrait",
    )
