"""Whose face may be shown to whom: at the venues where the customer agreed to be known.

A profile is the chain's; a face is not. Where nobody may recognise the customer, nobody there is
shown their picture either, unless it is the customer's own venue.
"""

from uuid import UUID

from vestibule.domain.errors import ForbiddenError
from vestibule.domain.permissions import Permission
from vestibule.records import gallery
from vestibule.records.database import Transaction
from vestibule.records.tables import Customer
from vestibule.workflows.principal import Principal


def require_face_shown(
    transaction: Transaction, customer: Customer, by: Principal, *permissions: Permission
) -> None:
    """Raises ForbiddenError unless they hold one of these at a venue of the customer.

    Those are where a consent holds, and their home venue.
    """
    ground = gallery.bases(transaction, [customer.id]).get(customer.id)
    agreed = frozenset[UUID]() if ground is None else ground.venue_ids
    if agreed is None:
        return
    places = agreed | {customer.venue_id}
    held = [by.venues(permission) for permission in permissions]
    if not any(venues is None or venues & places for venues in held):
        raise ForbiddenError(permission=permissions[0].value, venue=str(customer.venue_id))
