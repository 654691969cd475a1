"""Legal holds: what may not expire, why and until when."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Depends, status

from services.api import legal_hold_schemas as schemas
from services.api.dependencies import Caller, Product, only, principal
from services.api.watchlist_schemas import NamedCustomer
from vestibule.domain.permissions import Permission
from vestibule.records import consents, legal_holds, watchlist_proposals
from vestibule.records.database import Transaction
from vestibule.records.retention_tables import LegalHold
from vestibule.workflows import hold_from_expiry as holding
from vestibule.workflows.runtime import Runtime
from vestibule.workflows.show_kept import show_kept

router = APIRouter(tags=["retention"], dependencies=[Depends(principal)])
_PLACE = only(Permission.MANAGE_PRIVACY)


@router.get("/legal-holds", dependencies=_PLACE)
def list_legal_holds(product: Product, caller: Caller) -> schemas.LegalHoldList:
    """The look is recorded."""
    now = product.clock.now()
    found = holding.list_holds(product, actor=caller.actor)
    with product.database.look() as reader:
        proofs = {hold.id: _sealed_off(reader, hold, now) for hold, _ in found}
    return schemas.LegalHoldList(
        items=[_hold(hold, name, now, proofs[hold.id]) for hold, name in found]
    )


@router.post("/legal-holds", status_code=status.HTTP_201_CREATED, dependencies=_PLACE)
def place_legal_hold(
    body: schemas.NewLegalHold, product: Product, caller: Caller
) -> schemas.LegalHold:
    """Nothing of it expires from now on until ``ends_at``. It makes nobody searchable."""
    made = holding.place_hold(
        product,
        customer_id=body.customer_id,
        incident_id=body.incident_id,
        reason=body.reason,
        ends_at=body.ends_at,
        by=caller,
    )
    return _named(product, made)


@router.post("/legal-holds/{hold_id}/lift", dependencies=_PLACE)
def lift_legal_hold(
    hold_id: UUID, body: schemas.LiftedHold, product: Product, caller: Caller
) -> schemas.LegalHold:
    """Over before its end; what was due meanwhile goes within minutes."""
    lifted = holding.lift_hold(product, hold_id, reason=body.reason, by=caller)
    return _named(product, lifted)


@router.get("/customers/{customer_id}/retention", dependencies=only(Permission.VIEW_CUSTOMERS))
def get_kept_of_customer(
    customer_id: UUID, product: Product, caller: Caller
) -> schemas.KeptOfGuest:
    """Legal holds on a guest, and when their face goes. The look is recorded."""
    kept = show_kept(product, customer_id, actor=caller.actor)
    may_know = caller.may(Permission.MANAGE_PRIVACY)
    return schemas.KeptOfGuest(
        holds=[
            schemas.HoldOnGuest(
                id=hold.id,
                placed_by=hold.placed_by,
                placed_at=hold.placed_at,
                ends_at=hold.ends_at,
                reason=hold.reason if may_know else None,
            )
            for hold in kept.holds
        ],
        face_goes_at=kept.face_goes_at,
        file_goes_at=kept.file_goes_at,
    )


def _named(product: Runtime, hold: LegalHold) -> schemas.LegalHold:
    names = {}
    if hold.customer_id is not None:
        with product.database.look() as transaction:
            names = watchlist_proposals.names_of(transaction, [hold.customer_id])
    name = names.get(hold.customer_id) if hold.customer_id is not None else None
    return _hold(hold, name, product.clock.now())


def _sealed_off(
    reader: Transaction, hold: LegalHold, now: datetime
) -> list[schemas.ProofKept] | None:
    """What shows consents of those whom it is about and who were erased; None: nobody was."""
    if hold.lifted_at is not None or hold.ends_at <= now:
        return None
    erased = legal_holds.sealed_off_by(reader, hold)
    if not erased:
        return None
    return [
        schemas.ProofKept(
            kind=proof.kind,
            method=proof.method,
            recorded_at=proof.recorded_at,
            url=f"/v1/customers/{proof.customer_id}/agreements/{proof.id}/file",
        )
        for customer_id in erased
        for proof in consents.proofs_of(reader, customer_id)
    ]


def _hold(
    hold: LegalHold,
    name: str | None,
    now: datetime,
    proofs: list[schemas.ProofKept] | None = None,
) -> schemas.LegalHold:
    customer = None
    if hold.customer_id is not None:
        customer = NamedCustomer(id=hold.customer_id, name=name or "?")
    return schemas.LegalHold(
        id=hold.id,
        customer=customer,
        incident_id=hold.incident_id,
        reason=hold.reason,
        placed_by=hold.placed_by,
        placed_at=hold.placed_at,
        ends_at=hold.ends_at,
        lifted_at=hold.lifted_at,
        lifted_by=hold.lifted_by,
        lifted_reason=hold.lifted_reason,
        in_force=hold.lifted_at is None and hold.ends_at > now,
        is_sealed_off=proofs is not None,
        proofs=proofs or [],
    )
