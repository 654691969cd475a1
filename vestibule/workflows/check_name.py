"""Somebody at the door has no face on file: is a manager to be called for that name?"""

from uuid import UUID

from vestibule.domain.errors import ForbiddenError
from vestibule.domain.permissions import Permission
from vestibule.records import audit, watchlist_entries
from vestibule.workflows.runtime import Runtime
from vestibule.workflows.sign_in import Principal


def check_name(runtime: Runtime, name: str, *, venue_id: UUID, caller: Principal) -> bool:
    """The whole name must agree, but for case and accents: a part of one would call up strangers.

    Two people may bear one name, so this says *call a manager*, who compares the papers.
    """
    if not caller.may(Permission.IDENTIFY, venue_id):
        raise ForbiddenError()
    now = runtime.clock.now()
    with runtime.database.begin() as transaction:
        found = watchlist_entries.kept_out_by_name(transaction, name, venue_id=venue_id, now=now)
        audit.append(
            transaction,
            at=now,
            actor=caller.actor,
            action="watchlist.check_name",
            subject=f"venue:{venue_id}",
            customers=[str(one) for one in found],
        )
    return bool(found)
