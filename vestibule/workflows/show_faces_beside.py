"""The faces on a guest's file beside those of visits, alerts and incidents, for who decides."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from vestibule.domain.errors import ForbiddenError, NotFoundError
from vestibule.domain.permissions import Permission
from vestibule.records import audit, customers, faces_beside, watchlist_names
from vestibule.records.database import Transaction
from vestibule.records.faces_beside import SeenPicture
from vestibule.records.tables import Customer, Template
from vestibule.records.watchlist_names import Names
from vestibule.workflows.runtime import Runtime
from vestibule.workflows.see_faces import require_face_shown
from vestibule.workflows.sign_in import Principal


@dataclass(frozen=True, slots=True)
class FacesBeside:
    enrolled: Sequence[Template]
    seen: Sequence[SeenPicture]
    names: Names


def show_faces_beside(runtime: Runtime, customer_id: UUID, *, caller: Principal) -> FacesBeside:
    """Only pictures that the caller may open. Looking is recorded. Raises NotFoundError."""
    with runtime.database.begin() as transaction:
        customer = customers.find_present(transaction, customer_id)
        if customer is None:
            raise NotFoundError()
        shown = FacesBeside(
            enrolled=_enrolled(transaction, customer, caller),
            seen=faces_beside.seen(
                transaction,
                customer.id,
                faces_at=caller.venues(Permission.IDENTIFY),
                incidents_at=caller.venues(Permission.VIEW_INCIDENTS),
            ),
            names=watchlist_names.of_venues(transaction),
        )
        audit.append(
            transaction,
            at=runtime.clock.now(),
            actor=caller.actor,
            action="customer.view",
            subject=f"customer:{customer.id}",
            of="faces to compare",
        )
    return shown


def _enrolled(
    transaction: Transaction, customer: Customer, caller: Principal
) -> Sequence[Template]:
    try:
        require_face_shown(transaction, customer, caller, Permission.VIEW_CUSTOMERS)
    except ForbiddenError:
        return []
    return faces_beside.enrolled(transaction, customer.id)
