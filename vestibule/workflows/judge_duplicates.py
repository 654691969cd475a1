"""A person says that two files that look like one person are two."""

from uuid import UUID

from vestibule.domain.errors import InvalidInputError, NotFoundError
from vestibule.records import audit, customers, duplicates
from vestibule.workflows.runtime import Runtime


def judge_two_people(runtime: Runtime, customer_id: UUID, other_id: UUID, *, actor: str) -> None:
    """The pair is not suggested again, whatever else the files share. Safe to say twice.

    Raises NotFoundError, InvalidInputError.
    """
    if customer_id == other_id:
        raise InvalidInputError("That is the same file.", fields=["other_customer_id"])
    with runtime.database.begin() as transaction:
        for one in sorted((customer_id, other_id)):
            if customers.find_for_change(transaction, one) is None:
                raise NotFoundError()
        now = runtime.clock.now()
        if not duplicates.judge(transaction, customer_id, other_id, actor=actor, now=now):
            return
        audit.append(
            transaction,
            at=now,
            actor=actor,
            action="gallery.judge",
            subject=f"customer:{customer_id}",
            kind="DUPLICATE",
            other_customer=str(other_id),
        )
