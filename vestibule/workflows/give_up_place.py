"""A place of backups that is no more: somebody says so, and erasures stop waiting for it.

Nothing is claimed about what lies there. Receipts say that it was not rewritten, and why.
"""

from vestibule.domain.backup_places import Fate, GivenUp, PlaceReachedError
from vestibule.domain.errors import InvalidInputError, NotFoundError
from vestibule.domain.keyring_file import KeyringCopy
from vestibule.records import audit, erasures, keyring
from vestibule.workflows.runtime import Runtime


def give_up_place(
    runtime: Runtime, place: str, *, fate: Fate, reason: str, confirmation: str, actor: str
) -> KeyringCopy:
    """Erasures that wait for it go on with the next round. Safe to run twice.

    It is taken up again as soon as it is reached. ``confirmation`` is its name once more. Raises
    NotFoundError, InvalidInputError, and PlaceReachedError where there is nothing to give up.
    """
    if confirmation != place:
        raise InvalidInputError("The place is not confirmed by its name.", fields=["confirmation"])
    if runtime.keyrings.reaches(place):
        runtime.keyrings.rewrite()  # at once, for whoever waits for it
        raise PlaceReachedError()
    with runtime.database.begin() as transaction:
        keyring.one_at_a_time(transaction)
        now = runtime.clock.now()
        if not keyring.give_up(transaction, GivenUp(place, fate, reason, now), by=actor):
            raise NotFoundError()
        erasures.free_waiting(transaction, erasures.KEYRING_AWAY)
        audit.append(
            transaction,
            at=now,
            actor=actor,
            action="backup_place.give_up",
            subject="backup_places",
            place=place,
            fate=fate.value,
            reason=reason,
        )
    return next(copy for copy in runtime.keyrings.copies() if copy.place == place)
