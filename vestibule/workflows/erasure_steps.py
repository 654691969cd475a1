"""The stores that an erasure empties, one after the other. Each step is safe to run twice."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from vestibule.domain.errors import TransientError
from vestibule.domain.ids import CustomerId, TemplateId
from vestibule.records import audit, consents, customers, enrolments, erasures, photos
from vestibule.records.database import Transaction
from vestibule.records.forgotten_people import forget_in_incidents
from vestibule.records.tables import Customer, Face
from vestibule.workflows.erasure_subjects import Subjects, note_objects
from vestibule.workflows.forget_in_imports import count_in_imports, forget_in_imports
from vestibule.workflows.hide_faces import hide_faces
from vestibule.workflows.index_templates import (
    indexed_anywhere,
    live_generations,
    unindex_templates,
)
from vestibule.workflows.runtime import Runtime


class StillFindableError(TransientError):
    """Something of the person was still there after erasing; it is tried again."""

    code = "still_findable"


@dataclass(frozen=True, slots=True)
class Step:
    """``count`` says what there is, ``empty`` takes it away."""

    name: str
    count: Callable[[Runtime, Subjects], Mapping[str, int]]
    empty: Callable[[Runtime, Subjects], None]


# ── volatile memory ─────────────────────────────────────────────────────────────────────────
def _nothing_to_count(_runtime: Runtime, _subjects: Subjects) -> Mapping[str, int]:
    """Nobody can list what is remembered for a night."""
    return {}


def _empty_memory(runtime: Runtime, subjects: Subjects) -> None:
    for customer_id in subjects.customers:
        runtime.rejected.forget_customer(CustomerId(customer_id))


# ── the vector index ────────────────────────────────────────────────────────────────────────
def _count_vectors(runtime: Runtime, subjects: Subjects) -> Mapping[str, int]:
    return {
        "vectors": len(indexed_anywhere(runtime, _templates(runtime, subjects))),
        "generations": len(live_generations(runtime)),
    }


def _empty_index(runtime: Runtime, subjects: Subjects) -> None:
    """Out of every generation, and then none of its files may hold what they held."""
    wanted = _templates(runtime, subjects)
    prints = [
        one
        for generation in live_generations(runtime)
        for one in runtime.index.prints(generation, wanted)
    ]
    unindex_templates(runtime, wanted)
    prints += [str(one).encode() for one in subjects.customers]
    if not _traces(runtime, prints):
        return
    for generation in live_generations(runtime):
        runtime.index.scrub(generation, prints)
    left = _traces(runtime, prints)
    if left:
        raise StillFindableError(store="index_files", left=left)


def _traces(runtime: Runtime, prints: list[bytes]) -> int:
    """0 also where the files cannot be read from here."""
    found = runtime.index.look_for(prints)
    return found.traces if found else 0


def _templates(runtime: Runtime, subjects: Subjects) -> list[TemplateId]:
    """Those that the erasure began with, and any that was on its way then."""
    with runtime.database.look() as reader:
        now = erasures.template_ids_of(reader, subjects.customers)
    return sorted({*subjects.templates, *map(TemplateId, now)})


# ── photos of nights ────────────────────────────────────────────────────────────────────────
def _count_pictures(runtime: Runtime, subjects: Subjects) -> Mapping[str, int]:
    faces = _faces(runtime, subjects)
    with runtime.database.look() as reader:
        stored = photos.with_image(reader, {face.photo_id for face in faces})
    return {"photos": stored, "crops": sum(face.crop_key is not None for face in faces)}


def _empty_pictures(runtime: Runtime, subjects: Subjects) -> None:
    """Crops are noted first: after the commit that lets go of one nothing else would name it."""
    faces = _faces(runtime, subjects)
    with runtime.database.begin() as transaction:
        crops = [face.crop_key for face in faces if face.crop_key]
        noted = note_objects(transaction, subjects.erasure_id, crops)
    hide_faces(runtime, faces)
    for key in noted:
        runtime.blobs.delete(key)


def _faces(runtime: Runtime, subjects: Subjects) -> list[Face]:
    with runtime.database.look() as reader:
        return [face for one in subjects.customers for face in photos.faces_showing(reader, one)]


# ── objects of the person ───────────────────────────────────────────────────────────────────
def _count_objects(runtime: Runtime, subjects: Subjects) -> Mapping[str, int]:
    return {"objects": len(objects_of(runtime, subjects.customers))}


def objects_of(runtime: Runtime, customer_ids: tuple[UUID, ...]) -> list[str]:
    return [key for one in customer_ids for key in runtime.blobs.keys(f"customers/{one}/")]


def _empty_objects(runtime: Runtime, subjects: Subjects) -> None:
    for customer_id in subjects.customers:
        with runtime.database.begin() as transaction:
            asked = photos.enrolments_of(transaction, customer_id)
            held = enrolments.hold_keys(transaction, [enrolment.id for enrolment in asked])
        uploads = [enrolment.upload_key for enrolment in asked if enrolment.upload_key]
        for key in [*objects_of(runtime, (customer_id,)), *held, *uploads]:
            runtime.blobs.delete(key)
        with runtime.database.begin() as transaction:
            enrolments.take_holds(transaction, [enrolment.id for enrolment in asked])


# ── rows ────────────────────────────────────────────────────────────────────────────────────
def _count_rows(runtime: Runtime, subjects: Subjects) -> Mapping[str, int]:
    with runtime.database.look() as reader:
        return erasures.rows_by_table(reader, subjects.customers)


def _empty_rows(runtime: Runtime, subjects: Subjects) -> None:
    """Rows in one transaction a file. Keys of attachments are noted in it: they are deleted after
    the commit, by the next run if this one is cut short."""
    for customer_id in subjects.customers:
        with runtime.database.begin() as transaction:
            _remove_file(runtime, transaction, subjects.erasure_id, customer_id)
    with runtime.database.look() as reader:
        record = erasures.find(reader, subjects.erasure_id)
        noted = Subjects.of(record).objects if record else ()
    for key in noted:
        runtime.blobs.delete(key)


def _remove_file(
    runtime: Runtime, transaction: Transaction, erasure_id: UUID, customer_id: UUID
) -> None:
    record = erasures.find_for_change(transaction, erasure_id)
    customer = transaction.get(Customer, customer_id)
    if record is None or customer is None:
        return
    attached = forget_in_incidents(transaction, customer)
    attached += consents.proof_keys(transaction, customer_id)
    before = Subjects.of(record)
    note_objects(transaction, erasure_id, attached)
    for face in photos.faces_showing(transaction, customer_id):
        face.customer_id, face.decision, face.score = None, "UNKNOWN", None
    transaction.flush()
    erasures.remove_enrolment_jobs(transaction, [customer_id])
    found = erasures.found_so_far(transaction, erasure_id)
    customers.remove(transaction, customer)
    audit.append(
        transaction,
        at=runtime.clock.now(),
        actor=record.requested_by,
        action="customer.erase",
        subject=f"customer:{customer_id}",
        erasure=str(erasure_id),
        templates=len(before.templates),
        vectors=found.get("index", {}).get("vectors", 0),
        visits=found.get("rows", {}).get("visit", 0),
    )


# ── the person's key ────────────────────────────────────────────────────────────────────────
def _count_keys(runtime: Runtime, subjects: Subjects) -> Mapping[str, int]:
    return {"keys": sum(runtime.customer_keys.exists(one) for one in subjects.customers)}


def _destroy_keys(runtime: Runtime, subjects: Subjects) -> None:
    """What backups hold of the person is unreadable from here on."""
    for customer_id in subjects.customers:
        runtime.customer_keys.destroy(customer_id)
    runtime.keyrings.rewrite()


STEPS = (
    Step("memory", _nothing_to_count, _empty_memory),
    Step("index", _count_vectors, _empty_index),
    Step("pictures", _count_pictures, _empty_pictures),
    Step("objects", _count_objects, _empty_objects),
    Step("imports", count_in_imports, forget_in_imports),
    Step("rows", _count_rows, _empty_rows),
    Step("key", _count_keys, _destroy_keys),
)
