"""Consents whose end is near, and provisions of law for the watchlist."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, status

from services.api import provision_schemas as schemas
from services.api.dependencies import Caller, Product, only, principal
from vestibule.domain.jurisdiction import FRANCE
from vestibule.domain.permissions import Permission
from vestibule.records import consents, provisions
from vestibule.records.consent_tables import LegalProvision
from vestibule.workflows.approve_provision import (
    NewProvision,
    approve_provision,
    end_provision,
    propose_provision,
    refuse_provision,
)
from vestibule.workflows.principal import Principal
from vestibule.workflows.record_look import record_look

router = APIRouter(tags=["consent"], dependencies=[Depends(principal)])

_PROPOSERS = only(Permission.EDIT_POLICY, Permission.MANAGE_PRIVACY)
_OFFICERS = only(Permission.MANAGE_PRIVACY)


@router.get(
    "/ending-consents", dependencies=only(Permission.RECORD_CONSENT, Permission.MANAGE_PRIVACY)
)
def list_ending_consents(
    product: Product,
    caller: Caller,
    offset: Annotated[int, Query(ge=0, le=100_000, description="How many to leave out.")] = 0,
    limit: Annotated[int, Query(ge=1, le=100, description="How many to tell of.")] = 50,
) -> schemas.EndingConsents:
    """Whom to ask again in the weeks to come. Who was shown is recorded."""
    now = product.clock.now()
    until = now + FRANCE.reminder_before
    with product.database.look() as transaction:
        page = consents.ending(transaction, after=now, until=until, offset=offset, limit=limit)
    if page.items:
        record_look(
            product,
            actor=caller.actor,
            action="consent.list_ending",
            subject="customers",
            customers=[item.customer.id for item in page.items],
        )
    following = offset + len(page.items)
    return schemas.EndingConsents(
        items=[
            schemas.EndingConsent.model_validate(
                {
                    "customer_id": item.customer.id,
                    "name": item.customer.name,
                    "purpose": item.purpose,
                    "ends_at": item.ends_at,
                }
            )
            for item in page.items
        ],
        total=page.total,
        next_offset=following if following < page.total else None,
        until=until,
    )


@router.get(
    "/legal-provisions",
    dependencies=only(Permission.MANAGE_PRIVACY, Permission.EDIT_POLICY, Permission.VIEW_WATCHLIST),
)
def list_provisions(product: Product, caller: Caller) -> schemas.Provisions:
    """The latest first. Where none counts, nobody is found by face who did not agree to it."""
    with product.database.look() as transaction:
        rows = provisions.all_of_them(transaction)
    now = product.clock.now()
    return schemas.Provisions(items=[_shown(row, now=now, to=caller) for row in rows])


@router.post("/legal-provisions", status_code=status.HTTP_201_CREATED, dependencies=_PROPOSERS)
def add_provision(
    body: schemas.NewProvision, product: Product, caller: Caller
) -> schemas.Provision:
    """It counts once somebody else, a data protection officer, approves it."""
    row = propose_provision(product, NewProvision(**body.model_dump()), by=caller)
    return _shown(row, now=product.clock.now(), to=caller)


@router.post("/legal-provisions/{provision_id}/decision", dependencies=_OFFICERS)
def decide_provision(
    provision_id: UUID, body: schemas.ProvisionDecision, product: Product, caller: Caller
) -> schemas.Provision:
    """Nobody approves their own."""
    decide = approve_provision if body.verdict == "approve" else refuse_provision
    return _shown(decide(product, provision_id, by=caller), now=product.clock.now(), to=caller)


@router.post("/legal-provisions/{provision_id}/end", dependencies=_OFFICERS)
def stop_provision(provision_id: UUID, product: Product, caller: Caller) -> schemas.Provision:
    """From the answer on, no photo finds anybody on it."""
    return _shown(
        end_provision(product, provision_id, by=caller), now=product.clock.now(), to=caller
    )


def _shown(row: LegalProvision, *, now: datetime, to: Principal) -> schemas.Provision:
    names = schemas.Provision.model_fields
    values: dict[str, Any] = {
        name: getattr(row, name) for name in names if name not in ("state", "counts", "may_approve")
    }
    counts = row.state == "APPROVED" and row.ended_at is None and row.ends_at > now
    may_approve = (
        row.state == "PROPOSED"
        and row.ends_at > now
        and to.account_id not in (None, row.proposed_by_id)
        and to.may(Permission.MANAGE_PRIVACY)
    )
    return schemas.Provision(
        **values, state=row.state.lower(), counts=counts, may_approve=may_approve
    )
