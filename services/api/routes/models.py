"""Model packs: what there is, on what terms, and whether the files are sound."""

from dataclasses import asdict

from fastapi import APIRouter, Depends, status

from services.api import pack_schemas
from services.api.dependencies import Caller, Here, only, principal
from vestibule import wiring_models
from vestibule.domain.permissions import Permission
from vestibule.records import audit, gallery
from vestibule.wiring_models import PackDescription
from vestibule.wiring_parts import Installation
from vestibule.workflows.audit_acceptance import audit_acceptance

router = APIRouter(tags=["models"], dependencies=[Depends(principal)])


@router.get("/models", dependencies=only(Permission.VIEW_SYSTEM))
def list_models(here: Here) -> list[pack_schemas.Pack]:
    """The model packs there are, with licence and what is to be known of their data."""
    return [_pack(here, pack) for pack in wiring_models.describe_packs(here.settings)]


@router.post("/models/{name}/verification", dependencies=only(Permission.OPERATE_SYSTEM))
def verify_model(name: str, here: Here, caller: Caller) -> pack_schemas.PackCheck:
    """Compare every file of an installed pack with its pinned hash."""
    check = wiring_models.check_models(here.settings, name, at=here.runtime.clock.now())
    with here.runtime.database.begin() as transaction:
        audit.append(
            transaction,
            at=check.at,
            actor=caller.actor,
            action="models.verify",
            subject=name,
            faults=len(check.faults),
        )
    return pack_schemas.PackCheck.model_validate(check, from_attributes=True)


@router.post(
    "/models/{name}/acceptance",
    status_code=status.HTTP_201_CREATED,
    dependencies=only(Permission.OPERATE_SYSTEM),
)
def accept_terms(
    name: str, body: pack_schemas.TermsAcceptance, here: Here, caller: Caller
) -> pack_schemas.Pack:
    """Accept a pack's terms, in the words that ``terms_sha256`` names."""
    pack = wiring_models.find_pack(here.settings, name)
    with here.runtime.database.begin() as transaction:
        acceptance = wiring_models.accept_terms(
            here.settings,
            pack,
            by=caller.actor,
            at=here.runtime.clock.now(),
            terms_sha256=body.terms_sha256,
        )
        audit_acceptance(
            transaction,
            pack=name,
            by=acceptance.by,
            at=acceptance.at,
            terms_sha256=acceptance.terms_sha256,
        )
    return _pack(here, wiring_models.describe_pack(here.settings, name))


def _pack(here: Installation, pack: PackDescription) -> pack_schemas.Pack:
    with here.runtime.database.begin() as transaction:
        elsewhere = gallery.customers_elsewhere(transaction, pack.space_id)
    return pack_schemas.Pack.model_validate({**asdict(pack), "customers_elsewhere": elsewhere})
