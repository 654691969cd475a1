"""A person is removed from rows, vectors and images, and cannot be found when this returns."""

from dataclasses import dataclass
from uuid import UUID

from vestibule.domain.errors import NotFoundError, TransientError
from vestibule.domain.ids import CustomerId, TemplateId
from vestibule.records import audit, customers, enrolments, gallery, merges, photos, visits
from vestibule.records.database import Transaction
from vestibule.records.forgotten_people import forget_in_incidents
from vestibule.records.tables import Customer
from vestibule.workflows.hide_faces import hide_faces
from vestibule.workflows.index_templates import indexed_anywhere, unindex_templates
from vestibule.workflows.runtime import Runtime


@dataclass(frozen=True, slots=True)
class Erasure:
    """How much of a person was removed."""

    customer_id: CustomerId
    templates: int
    vectors: int
    images: int
    visits: int


class StillFindableError(TransientError):
    """Something of the person was still there after erasing; it is tried again."""

    code = "still_findable"


def erase_customer(runtime: Runtime, customer_id: CustomerId, *, actor: str) -> Erasure:
    """Erase, look everywhere again, then return. Safe to run twice and after a crash.

    Files that were merged into one are one person: all of them go, with what was kept for taking
    the merge back. From the first commit on no search finds the person: results are re-checked
    against ACTIVE rows. Raises NotFoundError if there is no such customer.
    """
    parts = [_erase_file(runtime, one, actor) for one in _begin(runtime, customer_id)]
    return Erasure(
        customer_id=parts[-1].customer_id,
        templates=sum(part.templates for part in parts),
        vectors=sum(part.vectors for part in parts),
        images=sum(part.images for part in parts),
        visits=sum(part.visits for part in parts),
    )


def _begin(runtime: Runtime, customer_id: CustomerId) -> list[CustomerId]:
    """Mark every file of the person as being erased; the one that the others point to is last."""
    while True:
        with runtime.database.begin() as transaction:
            files = _files_of(transaction, customer_id)
            rows = [customers.find_in_any_state(transaction, one) for one in sorted(files)]
            if _files_of(transaction, customer_id) != files:
                continue  # a merge was faster
            present = [row for row in rows if row is not None]
            if files[-1] not in {row.id for row in present}:
                raise NotFoundError()
            for row in present:
                row.status = "ERASING"
            return [CustomerId(one) for one in files]


def _files_of(transaction: Transaction, customer_id: UUID) -> list[UUID]:
    kept = customers.standing_for(transaction, customer_id)
    return [*merges.merged_into(transaction, kept), kept]


def _erase_file(runtime: Runtime, customer_id: CustomerId, actor: str) -> Erasure:
    with runtime.database.begin() as transaction:
        templates = gallery.templates_of(transaction, customer_id)
        visit_count = visits.count_of(transaction, customer_id)
        faces = photos.faces_showing(transaction, customer_id)
    runtime.rejected.forget_customer(customer_id)
    template_ids = [TemplateId(template.id) for template in templates]
    vectors = _remove_vectors(runtime, template_ids)
    images = hide_faces(runtime, faces) + _remove_images(runtime, customer_id)
    erasure = Erasure(customer_id, len(templates), vectors, images, visit_count)
    _remove_rows(runtime, erasure, actor)
    runtime.customer_keys.destroy(customer_id)
    _require_gone(runtime, customer_id, template_ids)
    return erasure


def resume_erasures(runtime: Runtime) -> int:
    """Finish what a crash interrupted."""
    with runtime.database.begin() as transaction:
        begun = customers.being_erased(transaction)
    for customer_id in begun:
        erase_customer(runtime, CustomerId(customer_id), actor="system")
    return len(begun)


def _remove_vectors(runtime: Runtime, template_ids: list[TemplateId]) -> int:
    present = indexed_anywhere(runtime, template_ids)
    unindex_templates(runtime, template_ids)
    return len(present)


def _remove_images(runtime: Runtime, customer_id: CustomerId) -> int:
    keys = runtime.blobs.keys(f"customers/{customer_id}/")
    with runtime.database.begin() as transaction:
        asked = photos.enrolments_of(transaction, customer_id)
        held = enrolments.take_holds(transaction, [enrolment.id for enrolment in asked])
    for key in [*keys, *held, *(e.upload_key for e in asked if e.upload_key)]:
        runtime.blobs.delete(key)
    return len(keys)


def _remove_rows(runtime: Runtime, erasure: Erasure, actor: str) -> None:
    with runtime.database.begin() as transaction:
        customer = transaction.get(Customer, erasure.customer_id)
        if customer is None:
            return
        attached = forget_in_incidents(transaction, customer)
        for face in photos.faces_showing(transaction, erasure.customer_id):
            face.customer_id, face.decision, face.score = None, "UNKNOWN", None
        customers.remove(transaction, customer)
        audit.append(
            transaction,
            at=runtime.clock.now(),
            actor=actor,
            action="customer.erase",
            subject=f"customer:{erasure.customer_id}",
            templates=erasure.templates,
            vectors=erasure.vectors,
            images=erasure.images,
            visits=erasure.visits,
        )
    for key in attached:  # unreadable from the commit on, and tidied away if this is cut short
        runtime.blobs.delete(key)


def _require_gone(
    runtime: Runtime, customer_id: CustomerId, template_ids: list[TemplateId]
) -> None:
    in_index = indexed_anywhere(runtime, template_ids)
    in_blobs = runtime.blobs.keys(f"customers/{customer_id}/")
    with runtime.database.begin() as transaction:
        in_rows = customers.find_in_any_state(transaction, customer_id)
    has_key = runtime.customer_keys.exists(customer_id)
    if in_index or in_blobs or in_rows is not None or has_key:
        raise StillFindableError()
