"""Batch jobs: rebuild the index, embed the gallery anew, import; follow, pause, call off."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, status

from services.api import batch_presenters as presenters
from services.api import batch_schemas as schemas
from services.api.dependencies import Caller, Here, Product, only, principal
from services.api.routes.faces import consent_given
from vestibule.domain.errors import ForbiddenError, NotFoundError
from vestibule.domain.permissions import Permission
from vestibule.records import audit, batches
from vestibule.wiring_engines import named_space
from vestibule.workflows import run_batch
from vestibule.workflows.fill_generation import request_rebuild, request_reembedding
from vestibule.workflows.request_import import request_import
from vestibule.workflows.runtime import Runtime
from vestibule.workflows.sign_in import Principal

router = APIRouter(prefix="/batches", tags=["batches"], dependencies=[Depends(principal)])


def _demand(caller: Principal, kind: str) -> None:
    """Who brings guests in need not run the installation, and the other way round."""
    is_import = kind.lower() == "import"
    permission = Permission.IMPORT_CUSTOMERS if is_import else Permission.OPERATE_SYSTEM
    if not caller.may(permission):
        raise ForbiddenError(permission=permission.value)


def in_charge(batch_id: UUID, product: Product, caller: Caller) -> None:
    """For the routes of one batch: what its kind asks for."""
    with product.database.look() as reader:
        row = batches.find(reader, batch_id)
    if row is None:
        raise NotFoundError()
    _demand(caller, row.kind)


SEEN_BY = only(Permission.VIEW_SYSTEM, Permission.IMPORT_CUSTOMERS)
DONE_BY = only(Permission.OPERATE_SYSTEM, Permission.IMPORT_CUSTOMERS)
IN_CHARGE = [*DONE_BY, Depends(in_charge)]


@router.get("", dependencies=SEEN_BY)
def list_batches(product: Product) -> schemas.BatchList:
    """The latest first."""
    with product.database.look() as reader:
        rows = batches.latest(reader, limit=20)
        now = product.clock.now()
        return schemas.BatchList(items=[presenters.batch(reader, row, now=now) for row in rows])


@router.post("", status_code=status.HTTP_202_ACCEPTED, dependencies=DONE_BY)
def start_batch(
    body: schemas.NewBatch, here: Here, product: Product, caller: Caller
) -> schemas.Batch:
    """Fill a new generation of the index while the present one answers, or import guests.

    One of either at a time.
    """
    pace = body.pace.upper()
    _demand(caller, body.kind)
    consent = consent_given(body.consent, caller)
    if body.source is not None and consent is not None:
        row = request_import(
            product,
            body.source,
            consent,
            actor=caller.actor,
            venue_id=caller.venue_id,
            pace=pace,
            at_once=body.at_once,
        )
        return _shown(product, row.id)
    if body.kind == "rebuild":
        row = request_rebuild(product, actor=caller.actor, pace=pace, at_once=body.at_once)
        return _shown(product, row.id)
    space, low_light = named_space(here.settings, body.pack, body.low_light)
    row = request_reembedding(
        product,
        space,
        low_light=low_light,
        actor=caller.actor,
        pace=pace,
        at_once=body.at_once,
    )
    return _shown(product, row.id)


@router.get("/{batch_id}", dependencies=SEEN_BY)
def get_batch(batch_id: UUID, product: Product) -> schemas.Batch:
    return _shown(product, batch_id)


@router.get("/{batch_id}/failures", dependencies=IN_CHARGE)
def list_batch_failures(
    batch_id: UUID,
    product: Product,
    caller: Caller,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> schemas.BatchFailurePage:
    """What could not be done and why. Looking at them is recorded."""
    with product.database.begin() as transaction:
        rows = batches.failures(transaction, batch_id, offset=offset, limit=limit)
        total = batches.count_failures(transaction, batch_id)
        shown = [presenters.failure(transaction, row) for row in rows]
        audit.append(
            transaction,
            at=product.clock.now(),
            actor=caller.actor,
            action="batch.view_failures",
            subject=f"batch:{batch_id}",
            customers=[str(item.customer.id) for item in shown if item.customer],
        )
    return schemas.BatchFailurePage(
        items=shown, total=total, next_offset=offset + limit if offset + limit < total else None
    )


@router.post("/{batch_id}/pause", dependencies=IN_CHARGE)
def pause_batch(batch_id: UUID, product: Product, caller: Caller) -> schemas.Batch:
    """It stops within seconds, after the step that it is in."""
    run_batch.pause_batch(product, batch_id, actor=caller.actor)
    return _shown(product, batch_id)


@router.post("/{batch_id}/resumption", dependencies=IN_CHARGE)
def resume_batch(batch_id: UUID, product: Product, caller: Caller) -> schemas.Batch:
    """Go on where it stopped, also after a failure."""
    run_batch.resume_batch(product, batch_id, actor=caller.actor)
    return _shown(product, batch_id)


@router.post("/{batch_id}/pace", dependencies=IN_CHARGE)
def set_batch_pace(
    batch_id: UUID, body: schemas.PaceChange, product: Product, caller: Caller
) -> schemas.Batch:
    """How much it gives way to people who wait, from the next step on."""
    run_batch.set_pace(product, batch_id, body.pace.upper(), actor=caller.actor)
    return _shown(product, batch_id)


@router.post("/{batch_id}/cancellation", dependencies=IN_CHARGE)
def cancel_batch(batch_id: UUID, product: Product, caller: Caller) -> schemas.Batch:
    """For good; what it was filling is dropped."""
    run_batch.cancel_batch(product, batch_id, actor=caller.actor)
    return _shown(product, batch_id)


def _shown(product: Runtime, batch_id: UUID) -> schemas.Batch:
    with product.database.look() as reader:
        row = batches.find(reader, batch_id)
        if row is None:
            raise NotFoundError()
        return presenters.batch(reader, row, now=product.clock.now())
