"""Every store is looked through for a person who was erased: at the end, and whenever asked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from vestibule.domain.backup_places import PlaceRemark
from vestibule.domain.erasure_receipt import (
    Found,
    Kept,
    StoreCheck,
    erasure_named_in,
    left_in,
)
from vestibule.domain.errors import NotFoundError
from vestibule.domain.ids import CustomerId
from vestibule.records import audit, erasures, held_people, suppressions
from vestibule.records.erasure_tables import ErasureRecord
from vestibule.workflows.erasure_steps import objects_of
from vestibule.workflows.erasure_subjects import Subjects
from vestibule.workflows.forget_in_imports import count_in_imports
from vestibule.workflows.index_templates import indexed_anywhere
from vestibule.workflows.keys_beside_backups import place_remarks
from vestibule.workflows.runtime import Runtime
from vestibule.workflows.seal_off import HELD_BY_LAW, what_law_keeps


@dataclass(frozen=True, slots=True)
class Verified:
    """``is_signed``: the receipt is of this installation's key and was not changed. None: there is
    none yet."""

    erasure_id: UUID
    checks: tuple[StoreCheck, ...]
    is_signed: bool | None
    held_until: datetime | None = None
    """A legal hold keeps what its claim needs until then; ``checks`` are about the rest."""
    places: tuple[PlaceRemark, ...] = ()
    """Backups whose copy of the key is away or was given up: ``checks`` say nothing of them."""

    @property
    def left(self) -> int:
        return left_in(self.checks)

    @property
    def is_true(self) -> bool:
        return self.is_signed is True and self.left == 0


def check_stores(runtime: Runtime, subjects: Subjects) -> tuple[StoreCheck, ...]:
    """What is left of the person in each store, as it is now."""
    with runtime.database.look() as reader:
        rows = erasures.rows_naming(reader, subjects.customers)
    return _checks(runtime, subjects, rows)


def check_sealed_off(runtime: Runtime, subjects: Subjects) -> tuple[StoreCheck, ...]:
    """As above, of what a legal hold does not keep."""
    with runtime.database.look() as reader:
        rows = held_people.rows_beyond(reader, subjects.customers)
    return _checks(runtime, subjects, rows)


def _checks(runtime: Runtime, subjects: Subjects, rows: int) -> tuple[StoreCheck, ...]:
    with runtime.database.look() as reader:
        rows += erasures.templates_left(reader, subjects.templates)
    for customer_id in subjects.customers:
        runtime.rejected.forget_customer(CustomerId(customer_id))
    imports = count_in_imports(runtime, subjects)
    keys = sum(runtime.customer_keys.exists(one) for one in subjects.customers)
    return (
        StoreCheck("rows", rows),
        StoreCheck("index", len(indexed_anywhere(runtime, subjects.templates))),
        _index_files(runtime, subjects),
        StoreCheck("objects", _objects(runtime, subjects)),
        StoreCheck("imports", sum(imports.values())),
        StoreCheck("memory", 0, is_proven=False),
        StoreCheck("key", keys),
    )


def _index_files(runtime: Runtime, subjects: Subjects) -> StoreCheck:
    ids = [*subjects.templates, *subjects.customers]
    prints = [*(one.bytes for one in ids), *(str(one).encode() for one in ids)]
    found = runtime.index.look_for(prints)
    if found is None:
        return StoreCheck("index_files", 0, is_proven=False)
    return StoreCheck("index_files", found.traces)


def _objects(runtime: Runtime, subjects: Subjects) -> int:
    named = [key for one in subjects.objects for key in runtime.blobs.keys(one)]
    return len(objects_of(runtime, subjects.customers)) + len(named)


def what_is_kept(
    runtime: Runtime, subjects: Subjects, found: Mapping[str, Found]
) -> tuple[Kept, ...]:
    """Digests against coming back; the log of deeds, by id; incidents of others, without them."""
    with runtime.database.look() as reader:
        digests = suppressions.of_erasure(reader, subjects.erasure_id)
        entries = audit.count_naming(reader, subjects.customers)
    until = max((row.ends_at for row in digests), default=None)
    incidents = found.get("rows", {}).get("incident_person", 0)
    return (
        Kept("suppression", len(digests), until),
        Kept("audit", entries, None),
        Kept("incidents_without_the_person", incidents, None),
        *what_law_keeps(runtime, subjects),
    )


def verify_erasure(runtime: Runtime, erasure_id: UUID, *, actor: str) -> Verified:
    """Look through every store again and check the receipt that is kept. Raises NotFoundError."""
    record = _find(runtime, erasure_id)
    is_signed = None
    if record.receipt is not None and record.signature is not None:
        is_signed = runtime.receipts.is_signed(record.receipt.encode(), record.signature)
    return _verified(runtime, record, is_signed, actor=actor)


def verify_receipt(runtime: Runtime, text: str, signature: bytes, *, actor: str) -> Verified:
    """The same for a receipt that somebody holds. Raises NotFoundError for one of nobody here."""
    erasure_id = erasure_named_in(text)
    if erasure_id is None:
        raise NotFoundError()
    is_signed = runtime.receipts.is_signed(text.encode(), signature)
    return _verified(runtime, _find(runtime, erasure_id), is_signed, actor=actor)


def _find(runtime: Runtime, erasure_id: UUID) -> ErasureRecord:
    with runtime.database.look() as reader:
        record = erasures.find(reader, erasure_id)
    if record is None:
        raise NotFoundError()
    return record


def _verified(
    runtime: Runtime, record: ErasureRecord, is_signed: bool | None, *, actor: str
) -> Verified:
    subjects, waits = Subjects.of(record), record.trouble == HELD_BY_LAW
    verified = Verified(
        record.id,
        check_sealed_off(runtime, subjects) if waits else check_stores(runtime, subjects),
        is_signed,
        subjects.held_until if waits else None,
        tuple(place_remarks(record, runtime.keyrings.copies())),
    )
    with runtime.database.begin() as transaction:
        audit.append(
            transaction,
            at=runtime.clock.now(),
            actor=actor,
            action="erasure.verify",
            subject=f"erasure:{record.id}",
            left=verified.left,
            is_signed=is_signed,
            not_rewritten=sum(place.state != "rewritten" for place in verified.places),
        )
    return verified
