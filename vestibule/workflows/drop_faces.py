"""Everything of a customer's face goes; the file stays."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from vestibule.domain.ids import CustomerId
from vestibule.records import customers, enrolments, gallery, photos
from vestibule.records.database import Transaction
from vestibule.records.tables import Customer, Face
from vestibule.workflows.hide_faces import hide_faces
from vestibule.workflows.index_templates import unindex_templates
from vestibule.workflows.runtime import Runtime


@dataclass(frozen=True, slots=True)
class TakenFaces:
    """What no row names any more, or will be hidden: vectors, pictures, faces in photos."""

    customer_id: UUID
    templates: Sequence[UUID]
    objects: Sequence[str]
    faces: Sequence[Face]


def take_faces(runtime: Runtime, transaction: Transaction, customer: Customer) -> TakenFaces:
    """Withdraw the consents and delete the rows: from the commit on no search finds the person."""
    for consent in customers.consents_of(transaction, customer.id):
        consent.withdrawn_at = consent.withdrawn_at or runtime.clock.now()
    templates = gallery.templates_of(transaction, customer.id)
    asked = photos.enrolments_of(transaction, customer.id)
    held = enrolments.take_holds(transaction, [enrolment.id for enrolment in asked])
    faces = photos.faces_showing(transaction, customer.id)
    taken = TakenFaces(
        customer_id=customer.id,
        templates=[row.id for row in templates],
        objects=[*{row.crop_key for row in templates}, *held],
        faces=[face for face in faces if face.crop_key is not None],
    )
    for row in templates:
        transaction.delete(row)
    for face in faces:
        face.customer_id, face.decision, face.score = None, "UNKNOWN", None
    transaction.flush()
    return taken


def drop_faces(runtime: Runtime, taken: TakenFaces) -> None:
    """The rest, after the commit. Safe to run twice."""
    unindex_templates(runtime, list(taken.templates))
    runtime.rejected.forget_customer(CustomerId(taken.customer_id))
    hide_faces(runtime, taken.faces)
    for key in {*taken.objects, *runtime.blobs.keys(f"customers/{taken.customer_id}/")}:
        runtime.blobs.delete(key)
