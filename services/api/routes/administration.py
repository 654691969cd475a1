"""For whoever runs it: sign-in links, the index."""

from datetime import timedelta

from fastapi import APIRouter, Depends, status

from services.api import schemas
from services.api.dependencies import EVERYTHING_ONLY, Caller, Here, Product, only, principal
from vestibule.domain.permissions import Permission
from vestibule.records import audit
from vestibule.workflows.index_templates import reconcile_index
from vestibule.workflows.sign_in import make_sign_in_link, restore_owner

router = APIRouter(tags=["administration"], dependencies=[Depends(principal)])


@router.post("/sign-in-links", status_code=status.HTTP_201_CREATED, dependencies=EVERYTHING_ONLY)
def create_sign_in_link(here: Here, caller: Caller) -> schemas.NewSignInLink:
    """A link that signs one browser in as the owner, once; also an owner who was disabled."""
    restore_owner(here.runtime.database, here.runtime.clock, actor=caller.actor)
    runtime, life = here.runtime, timedelta(minutes=here.settings.sign_in_link_minutes)
    token = make_sign_in_link(runtime.database, runtime.clock, actor="owner", life=life)
    return schemas.NewSignInLink(path=f"/sign-in/{token}", expires_at=runtime.clock.now() + life)


@router.post("/index/reconciliation", dependencies=only(Permission.OPERATE_SYSTEM))
def rebuild_index(product: Product, caller: Caller) -> schemas.IndexReconciliation:
    """Make the vector index equal to the record, without running a model."""
    added, removed = reconcile_index(product)
    with product.database.begin() as transaction:
        audit.append(
            transaction,
            at=product.clock.now(),
            actor=caller.actor,
            action="index.reconcile",
            subject="index",
            added=added,
            removed=removed,
        )
    return schemas.IndexReconciliation(added=added, removed=removed)
