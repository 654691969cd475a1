"""A face that is on the wrong file goes to the right one, and back if that was the mistake."""

from collections.abc import Iterable
from contextlib import suppress
from uuid import UUID

from vestibule.domain.errors import (
    BlobMissingError,
    ConflictError,
    ConsentMissingError,
    InvalidInputError,
    NotFoundError,
)
from vestibule.records import audit, customers, gallery, template_moves
from vestibule.records.database import Transaction
from vestibule.records.gallery_tables import TemplateMove
from vestibule.records.tables import Template
from vestibule.workflows.choose_templates import choose_templates
from vestibule.workflows.index_templates import reindex_templates
from vestibule.workflows.runtime import Runtime
from vestibule.workflows.sealed_faces import hand_over_embedding, load_crop, store_crop


def move_template(
    runtime: Runtime,
    template_id: UUID,
    *,
    from_customer: UUID,
    to_customer: UUID,
    reason: str,
    actor: str,
) -> TemplateMove:
    """The next search finds the other customer by this face.

    Both customers are locked while it happens, so an erasure or another move comes before or
    after, not in between. Raises NotFoundError, InvalidInputError, ConsentMissingError (the other
    customer must hold one), and ConflictError when the face is elsewhere by now or there already.
    """
    if from_customer == to_customer:
        raise InvalidInputError("This face is on that file.", fields=["to_customer_id"])
    with runtime.database.begin() as transaction:
        _lock(transaction, from_customer, to_customer)
        template = _owned(transaction, template_id, from_customer)
        before = template_moves.snapshot(transaction, (from_customer, to_customer))
        old_key = _hand_over(runtime, transaction, template, to_customer)
        for row in (template, *gallery.counterparts(transaction, template)):
            row.status, row.decided_by = "ACTIVE", None
            row.retired_at, row.retired_for = None, None
        move = TemplateMove(
            template_id=template_id,
            from_customer_id=from_customer,
            to_customer_id=to_customer,
            reason=reason,
            before=before,
            moved_by=actor,
            moved_at=runtime.clock.now(),
        )
        transaction.add(move)
        transaction.flush()
        for customer_id in (from_customer, to_customer):
            choose_templates(runtime, transaction, customer_id, newest=template_id)
        _audit_both(runtime, transaction, move, "template.move", actor=actor)
        affected = _ids_of(transaction, (from_customer, to_customer))
    runtime.blobs.delete(old_key)
    reindex_templates(runtime, affected)
    return move


def undo_move(runtime: Runtime, move_id: UUID, *, actor: str) -> TemplateMove:
    """Everything as it was before the move; what was enrolled since stays.

    Raises NotFoundError, ConsentMissingError (the first customer withdrew since), ConflictError
    when it was undone before or the face was moved on.
    """
    with runtime.database.begin() as transaction:
        seen = template_moves.find(transaction, move_id)
        if seen is None:
            raise NotFoundError()
        came_from, went_to = seen.from_customer_id, seen.to_customer_id
        _lock(transaction, came_from, went_to)
        move = template_moves.find_for_change(transaction, move_id)
        if move is None:
            raise NotFoundError()
        template = _owned(transaction, move.template_id, went_to)
        standing = template_moves.latest_standing(transaction, move.template_id)
        if standing is None or standing.id != move_id:
            raise ConflictError("This move was undone, or the face was moved on.")
        old_key = _hand_over(runtime, transaction, template, came_from)
        template_moves.restore(transaction, move.before, (came_from, went_to))
        transaction.flush()
        keep_the_cap(runtime, transaction, (came_from, went_to))
        move.undone_at, move.undone_by = runtime.clock.now(), actor
        _audit_both(runtime, transaction, move, "template.move_back", actor=actor)
        affected = _ids_of(transaction, (came_from, went_to))
    runtime.blobs.delete(old_key)
    reindex_templates(runtime, affected)
    return move


def remove_stale_crops(runtime: Runtime) -> int:
    """For a start, when no face is being moved; see ``stale_crops``."""
    stale = stale_crops(runtime)
    for key in stale:
        runtime.blobs.delete(key)
    return len(stale)


def stale_crops(runtime: Runtime) -> list[str]:
    """Crops left on the file that a face was moved from, by a crash before they were deleted."""
    keys = runtime.blobs.keys("customers/")
    with runtime.database.begin() as transaction:
        crops = gallery.crop_keys(transaction)
    named = {_face_in(key) for key in crops}
    return [key for key in keys if key not in crops and _face_in(key) in named]


def _face_in(key: str) -> str:
    """A crop keeps this part of its name for life, whoever's file it is on."""
    return key.rsplit("/", 1)[-1]


def _lock(transaction: Transaction, *customer_ids: UUID) -> None:
    """Always in the same order, so that two moves never wait for each other."""
    for customer_id in sorted(customer_ids):
        if customers.find_for_change(transaction, customer_id) is None:
            raise NotFoundError()


def _owned(transaction: Transaction, template_id: UUID, owner: UUID) -> Template:
    template = gallery.find_template_for_change(transaction, template_id)
    if template is None:
        raise NotFoundError()
    if template.customer_id != owner:
        raise ConflictError("This face was moved in the meantime.")
    return template


def _hand_over(runtime: Runtime, transaction: Transaction, template: Template, to: UUID) -> str:
    """Change the owner, in every space, and copy the crop to their file; the old crop's key, to be
    deleted last.

    The copy is made under the lock: an erasure that comes next removes it with the rest.
    """
    if customers.active_consent(transaction, to) is None:
        raise ConsentMissingError()
    if gallery.has_source(transaction, customer_id=to, source_sha256=template.source_sha256):
        raise ConflictError("This very face is on that file already.", reason="already_there")
    old_key = template.crop_key
    new_key = f"customers/{to}/{_face_in(old_key)}"
    for row in (template, *gallery.counterparts(transaction, template)):
        row.customer_id, row.crop_key = to, new_key
        hand_over_embedding(runtime, row, to)
    transaction.flush()
    with suppress(BlobMissingError):  # a picture that was lost before does not hold the face
        store_crop(runtime, new_key, load_crop(runtime, old_key), customer_id=to)
    return old_key


def keep_the_cap(runtime: Runtime, transaction: Transaction, customer_ids: Iterable[UUID]) -> None:
    """Choose anew for those who have more faces in use than are searched."""
    for customer_id in customer_ids:
        rows = gallery.templates_of(transaction, customer_id)
        in_use = [row for row in rows if row.status == "ACTIVE"]
        if len(in_use) > runtime.limits.templates_per_customer:
            choose_templates(runtime, transaction, customer_id)


def _ids_of(transaction: Transaction, customer_ids: Iterable[UUID]) -> list[UUID]:
    transaction.flush()
    return [row.id for owner in customer_ids for row in gallery.templates_of(transaction, owner)]


def _audit_both(
    runtime: Runtime, transaction: Transaction, move: TemplateMove, action: str, *, actor: str
) -> None:
    """One row on each file. The reason stays in the move: it is free text and can be erased."""
    for customer_id in (move.from_customer_id, move.to_customer_id):
        audit.append(
            transaction,
            at=runtime.clock.now(),
            actor=actor,
            action=action,
            subject=f"customer:{customer_id}",
            template=str(move.template_id),
            move=str(move.id),
            from_customer=str(move.from_customer_id),
            to_customer=str(move.to_customer_id),
        )
