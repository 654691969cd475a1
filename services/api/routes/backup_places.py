"""Places of backups: how the keyring beside each stands, and giving one up."""

from fastapi import APIRouter, Depends

from services.api import backup_place_schemas as schemas
from services.api.dependencies import Caller, Product, only, principal
from vestibule.domain.backup_places import Fate
from vestibule.domain.keyring_file import KeyringCopy
from vestibule.domain.permissions import Permission
from vestibule.records import erasures
from vestibule.workflows.give_up_place import give_up_place

router = APIRouter(prefix="/backup-places", tags=["erasures"], dependencies=[Depends(principal)])


@router.get("", dependencies=only(Permission.ERASE_CUSTOMERS, Permission.MANAGE_PRIVACY))
def list_backup_places(product: Product) -> schemas.BackupPlaceList:
    """Where keys of guests lie beside backups, and whether who was erased is out of each."""
    with product.database.look() as reader:
        waiting = erasures.count_waiting(reader, erasures.KEYRING_AWAY)
    return schemas.BackupPlaceList(
        items=[_place(copy) for copy in product.keyrings.copies()], waiting=waiting
    )


@router.post("/given-up", dependencies=only(Permission.MANAGE_PRIVACY))
def give_up_backup_place(
    body: schemas.PlaceToGiveUp, product: Product, caller: Caller
) -> schemas.BackupPlace:
    """Declare that a place is no more. Erasures that wait for it complete, and their receipts say
    that it was not rewritten, and why. 409 ``backup_place_reached`` while the product reaches it.
    """
    copy = give_up_place(
        product,
        body.place,
        fate=Fate(body.fate),
        reason=body.reason.strip(),
        confirmation=body.confirmation,
        actor=caller.actor,
    )
    return _place(copy)


def _place(copy: KeyringCopy) -> schemas.BackupPlace:
    declared = copy.given_up
    return schemas.BackupPlace(
        place=copy.place,
        written_at=copy.written_at,
        is_behind=copy.is_behind,
        given_up=declared
        and schemas.PlaceGivenUp(
            fate=declared.fate.value, reason=declared.reason, declared_at=declared.at
        ),
    )
