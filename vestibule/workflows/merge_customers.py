"""Two files that are one person become one, and two again if that was the mistake."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from vestibule.domain.errors import ConflictError, InvalidInputError, NotFoundError
from vestibule.domain.merging import restored, taken_over
from vestibule.records import audit, customers, duplicates, gallery, merges, template_moves
from vestibule.records.customer_references import move, move_back
from vestibule.records.database import Transaction
from vestibule.records.merge_tables import CustomerMerge
from vestibule.records.tables import Customer, Json
from vestibule.workflows.carry_over import carry_to_other_spaces
from vestibule.workflows.check_age import is_under_age
from vestibule.workflows.choose_templates import choose_templates
from vestibule.workflows.index_templates import reindex_templates
from vestibule.workflows.move_template import keep_the_cap
from vestibule.workflows.propose_watchlist import propose_for
from vestibule.workflows.runtime import Runtime


def merge_customers(
    runtime: Runtime, *, kept_id: UUID, merged_id: UUID, actor: str
) -> CustomerMerge:
    """The next search, photo or look finds one file. Said twice it is done once.

    Both files are locked while it happens: a visit, an enrolment, an erasure or another merge
    comes before or after, not in between. Raises NotFoundError, InvalidInputError, ConflictError.
    """
    if kept_id == merged_id:
        raise InvalidInputError("That is the same file.", fields=["merged_id"])
    with runtime.database.begin() as transaction:
        rows = _lock(transaction, kept_id, merged_id)
        known = merges.standing(transaction, kept=kept_id, merged=merged_id)
        if known is not None:
            return known
        if any(row is None or row.status != "ACTIVE" for row in rows):
            raise NotFoundError()
        merge = _merge(runtime, transaction, kept_id, merged_id, actor=actor)
        _audit_both(runtime, transaction, merge, "customer.merge", actor=actor)
        affected = _templates_of(transaction, kept_id, merged_id)
    _settle(runtime, affected, (kept_id,), reason="customer.merge")
    return merge


def undo_merge(runtime: Runtime, merge_id: UUID, *, actor: str) -> CustomerMerge:
    """Two files again: rows go back to where they were, and fields that nobody changed since.

    What came to the kept file since stays there. Said twice it is done once. Raises NotFoundError,
    and ConflictError while the kept file is itself a part of another.
    """
    with runtime.database.begin() as transaction:
        seen = merges.find(transaction, merge_id)
        if seen is None:
            raise NotFoundError()
        kept, merged = _lock(transaction, seen.kept_id, seen.merged_id)
        merge = merges.find_for_change(transaction, merge_id)
        if merge is None or kept is None or merged is None:
            raise NotFoundError()
        if merge.undone_at is not None:
            return merge
        if kept.status == "MERGED":
            raise ConflictError("Undo the later merge first.", reason="merged_on")
        if kept.status != "ACTIVE" or merged.status != "MERGED":
            raise NotFoundError()
        _undo(runtime, transaction, merge, actor=actor)
        _audit_both(runtime, transaction, merge, "customer.unmerge", actor=actor)
        affected = _templates_of(transaction, merge.kept_id, merge.merged_id)
    _settle(runtime, affected, (merge.kept_id, merge.merged_id), reason="customer.unmerge")
    return merge


def _settle(runtime: Runtime, templates: list[UUID], files: Iterable[UUID], *, reason: str) -> None:
    """What follows from the record: the index, other spaces, what the incidents now ask for."""
    reindex_templates(runtime, templates)
    carry_to_other_spaces(runtime, templates)
    for customer_id in files:
        propose_for(runtime, customer_id, reason=reason)


def _lock(
    transaction: Transaction, first: UUID, second: UUID
) -> tuple[Customer | None, Customer | None]:
    """Always in the same order, so that two merges never wait for each other."""
    locked = {
        customer_id: customers.find_in_any_state(transaction, customer_id)
        for customer_id in sorted((first, second))
    }
    return locked[first], locked[second]


def _merge(
    runtime: Runtime, transaction: Transaction, kept_id: UUID, merged_id: UUID, *, actor: str
) -> CustomerMerge:
    now = runtime.clock.now()
    kept = transaction.get_one(Customer, kept_id)
    merged = transaction.get_one(Customer, merged_id)
    before = merges.fields_of(kept)
    taken = taken_over(before, merges.fields_of(merged))
    snapshot: Json = {
        "templates": template_moves.snapshot(transaction, (kept_id, merged_id)),
        "consents": _let_the_last_word_count(transaction, kept_id, merged_id, now=now),
        "moved": move(transaction, merged=merged_id, kept=kept_id),
        "before": merges.as_json({name: before[name] for name in taken}),
        "after": merges.as_json(taken),
    }
    if "reference" in taken:  # unique: it is free before it is taken
        merged.reference = None
    merged.status, merged.merged_into_id = "MERGED", kept_id
    merged.updated_at = now
    transaction.flush()
    _write(kept, taken, now=now)
    _take_over_objections(kept, merged)
    transaction.flush()
    _require_no_face_of_a_minor(runtime, transaction, kept)
    choose_templates(runtime, transaction, kept_id)
    duplicates.forget(transaction, merged_id)
    duplicates.look_for(transaction, kept, now=now)
    merge = CustomerMerge(
        kept_id=kept_id, merged_id=merged_id, snapshot=snapshot, merged_by=actor, merged_at=now
    )
    transaction.add(merge)
    transaction.flush()
    return merge


def _take_over_objections(kept: Customer, merged: Customer) -> None:
    """What one of the files was said not to be used for holds for both, also after an undo."""
    for name in ("restricted_at", "objects_to_statistics_at", "objects_to_offers_at"):
        said = [at for at in (getattr(kept, name), getattr(merged, name)) if at is not None]
        setattr(kept, name, min(said, default=None))


def _undo(runtime: Runtime, transaction: Transaction, merge: CustomerMerge, *, actor: str) -> None:
    now, snapshot = runtime.clock.now(), merge.snapshot
    kept_id, merged_id = merge.kept_id, merge.merged_id
    move_back(transaction, snapshot["moved"], kept=kept_id, merged=merged_id)
    kept = transaction.get_one(Customer, kept_id)
    merged = transaction.get_one(Customer, merged_id)
    before, after = merges.from_json(snapshot["before"]), merges.from_json(snapshot["after"])
    back = restored(merges.fields_of(kept), before=before, after=after)
    _write(kept, back, now=now)
    transaction.flush()
    if "reference" in back:
        merged.reference = after["reference"]
    merged.status, merged.merged_into_id = "ACTIVE", None
    merged.updated_at = now
    _give_consents_back(transaction, snapshot["consents"])
    template_moves.restore(transaction, snapshot["templates"], (kept_id, merged_id))
    transaction.flush()
    keep_the_cap(runtime, transaction, (kept_id, merged_id))
    for row in (kept, merged):
        _require_no_face_of_a_minor(runtime, transaction, row)
        duplicates.look_for(transaction, row, now=now)
    merge.undone_at, merge.undone_by = now, actor
    transaction.flush()


def _write(customer: Customer, fields: Json, *, now: datetime) -> None:
    for name, value in fields.items():
        setattr(customer, name, value)
    customer.updated_at = now


def _let_the_last_word_count(
    transaction: Transaction, kept_id: UUID, merged_id: UUID, *, now: datetime
) -> dict[str, str]:
    """A withdrawal on one file outweighs an older consent on the other. Which ones it ended."""
    ended = {}
    rows = merges.consents_of_both(transaction, (kept_id, merged_id))
    for row in [row for row in rows if row.withdrawn_at is None]:
        of_other = [
            other
            for other in rows
            if other.customer_id != row.customer_id and other.purpose == row.purpose
        ]
        withdrawn = [other.withdrawn_at for other in of_other if other.withdrawn_at]
        if withdrawn and len(withdrawn) == len(of_other) and max(withdrawn) > row.given_at:
            ended[str(row.id)] = now.isoformat()
    for row in rows:
        if str(row.id) in ended:
            row.withdrawn_at = now
    transaction.flush()
    return ended


def _give_consents_back(transaction: Transaction, ended: dict[str, str]) -> None:
    for consent_id, moment in ended.items():
        consent = customers.find_consent(transaction, UUID(consent_id))
        if consent is not None and consent.withdrawn_at == datetime.fromisoformat(moment):
            consent.withdrawn_at = None


def _require_no_face_of_a_minor(
    runtime: Runtime, transaction: Transaction, customer: Customer
) -> None:
    """A birth date of one file must not make the faces of the other those of a minor unseen."""
    if not is_under_age(runtime, transaction, customer):
        return
    if gallery.templates_of(transaction, customer.id):
        raise ConflictError(
            "By the birth date this is a minor, whose faces may not be kept. Correct one of the "
            "two files first.",
            reason="minor_with_face",
        )


def _templates_of(transaction: Transaction, *owners: UUID) -> list[UUID]:
    transaction.flush()
    return [row.id for owner in owners for row in gallery.templates_of(transaction, owner)]


def _audit_both(
    runtime: Runtime, transaction: Transaction, merge: CustomerMerge, action: str, *, actor: str
) -> None:
    moved: Iterable[tuple[str, list[str]]] = merge.snapshot["moved"].items()
    counts = {name: len(rows) for name, rows in moved}
    for customer_id in (merge.kept_id, merge.merged_id):
        audit.append(
            transaction,
            at=runtime.clock.now(),
            actor=actor,
            action=action,
            subject=f"customer:{customer_id}",
            merge=str(merge.id),
            kept=str(merge.kept_id),
            merged=str(merge.merged_id),
            moved=counts,
        )
