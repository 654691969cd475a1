"""Erasures: how far each is, its receipt, and looking for the person again."""

import base64
import binascii
from collections.abc import Iterable
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from services.api import cursors
from services.api import erasure_schemas as schemas
from services.api.backup_place_schemas import PlaceRemark as BackupPlaceRemark
from services.api.dependencies import Caller, Product, needs, only, principal
from services.api.schemas import Erasure
from vestibule.domain.backup_places import PlaceRemark
from vestibule.domain.erasure_receipt import STORES
from vestibule.domain.errors import NotFoundError
from vestibule.domain.keyring_file import KeyringCopy
from vestibule.domain.permissions import Permission
from vestibule.records import erasures, suppressions
from vestibule.records.erasure_tables import ErasureRecord, ErasureStep
from vestibule.workflows.check_erasure import Verified, verify_erasure, verify_receipt
from vestibule.workflows.erase_customer import resume_erasure
from vestibule.workflows.erasure_subjects import Subjects
from vestibule.workflows.keys_beside_backups import place_remarks
from vestibule.workflows.record_look import record_look
from vestibule.workflows.runtime import Runtime

router = APIRouter(prefix="/erasures", tags=["erasures"], dependencies=[Depends(principal)])
_ERASES = only(Permission.ERASE_CUSTOMERS)
_TEXT: dict[int | str, dict[str, Any]] = {
    200: {"description": "The exact text that is signed.", "content": {"application/json": {}}}
}
_BYTES: dict[int | str, dict[str, Any]] = {
    200: {"description": "64 bytes.", "content": {"application/octet-stream": {}}}
}


@router.get("", dependencies=_ERASES)
def list_erasures(
    product: Product,
    caller: Caller,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> schemas.ErasureList:
    """Those that are not done come first, then the latest. Follow ``next_cursor`` until it is null.

    One that completes meanwhile may come twice; none is left out.
    """
    after = cursors.read_standing(cursor) if cursor else None
    copies = product.keyrings.copies()
    with product.database.look() as reader:
        rows = erasures.latest(reader, limit=limit, after=after)
        steps = erasures.steps_of(reader, [row.id for row in rows])
        found = schemas.ErasureList(
            items=[_progress(row, steps.get(row.id, []), copies) for row in rows],
            running=erasures.count(reader, state="RUNNING"),
            done=erasures.count(reader, state="DONE"),
            suppressed=suppressions.count(reader, now=product.clock.now()),
            next_cursor=_cursor_after(rows[-1]) if len(rows) == limit else None,
        )
    record_look(product, actor=caller.actor, action="erasure.view", subject="erasures")
    return found


@router.get(
    "/figures",
    dependencies=[Depends(needs(Permission.VIEW_SYSTEM, Permission.ERASE_CUSTOMERS))],
)
def count_erasures(product: Product) -> schemas.ErasureFigures:
    """How many are not done: for whoever looks after the system, without a word of whose."""
    with product.database.look() as reader:
        return schemas.ErasureFigures(
            running=erasures.count(reader, state="RUNNING"),
            troubled=erasures.count_troubled(reader),
            held=erasures.count_waiting(reader, erasures.HELD_BY_LAW),
            keyring_away=erasures.count_waiting(reader, erasures.KEYRING_AWAY),
        )


@router.get("/key", dependencies=_ERASES)
def get_receipt_key(product: Product) -> schemas.ReceiptKey:
    """The public key that receipts are signed for. Give it to whoever is to check one."""
    return schemas.ReceiptKey(
        public_key=product.receipts.public_pem, key_id=product.receipts.key_id
    )


@router.post("/verification", dependencies=_ERASES)
def verify_a_receipt(
    body: schemas.ReceiptToVerify, product: Product, caller: Caller
) -> schemas.ErasureVerification:
    """A receipt as somebody holds it: its signature, and every store looked through again."""
    verified = verify_receipt(product, body.text, _decoded(body.signature), actor=caller.actor)
    return _verification(verified)


@router.get("/{erasure_id}", dependencies=_ERASES)
def get_erasure(erasure_id: UUID, product: Product, caller: Caller) -> schemas.ErasureProgress:
    record = _find(product, erasure_id)
    with product.database.look() as reader:
        steps = erasures.steps_of(reader, [erasure_id]).get(erasure_id, [])
    record_look(product, actor=caller.actor, action="erasure.view", subject=f"erasure:{erasure_id}")
    return _progress(record, steps, product.keyrings.copies())


@router.post("/{erasure_id}/resumption", dependencies=_ERASES)
def go_on_with_erasure(erasure_id: UUID, product: Product) -> Erasure:
    """Now, instead of after its pause; answers when nothing finds the person any more."""
    _find(product, erasure_id)
    return Erasure.model_validate(resume_erasure(product, erasure_id), from_attributes=True)


@router.post("/{erasure_id}/verification", dependencies=_ERASES)
def verify_an_erasure(
    erasure_id: UUID, product: Product, caller: Caller
) -> schemas.ErasureVerification:
    """Look through every store again, and check the signature of the receipt that is kept."""
    return _verification(verify_erasure(product, erasure_id, actor=caller.actor))


@router.get("/{erasure_id}/receipt", dependencies=_ERASES)
def get_receipt(erasure_id: UUID, product: Product, caller: Caller) -> schemas.ErasureReceipt:
    record = _with_receipt(product, erasure_id, actor=caller.actor)
    return schemas.ErasureReceipt(
        text=record.receipt or "",
        signature=base64.b64encode(record.signature or b"").decode(),
        key_id=product.receipts.key_id,
        public_key=product.receipts.public_pem,
    )


@router.get(
    "/{erasure_id}/receipt.json",
    response_class=Response,
    responses=_TEXT,
    dependencies=_ERASES,
)
def download_receipt(erasure_id: UUID, product: Product, caller: Caller) -> Response:
    """To the byte as it was signed."""
    record = _with_receipt(product, erasure_id, actor=caller.actor)
    return _file((record.receipt or "").encode(), f"erasure-{erasure_id}.json", "application/json")


@router.get(
    "/{erasure_id}/receipt.sig",
    response_class=Response,
    responses=_BYTES,
    dependencies=_ERASES,
)
def download_signature(erasure_id: UUID, product: Product, caller: Caller) -> Response:
    """As `openssl pkeyutl -sigfile` takes it."""
    record = _with_receipt(product, erasure_id, actor=caller.actor)
    return _file(
        record.signature or b"", f"erasure-{erasure_id}.json.sig", "application/octet-stream"
    )


def _file(content: bytes, name: str, media_type: str) -> Response:
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "private, no-store",
    }
    return Response(content, media_type=media_type, headers=headers)


def _cursor_after(record: ErasureRecord) -> str:
    is_done, at, erasure_id = erasures.place_of(record)
    return cursors.write(int(is_done), at.isoformat(), erasure_id)


def _find(product: Runtime, erasure_id: UUID) -> ErasureRecord:
    with product.database.look() as reader:
        record = erasures.find(reader, erasure_id)
    if record is None:
        raise NotFoundError()
    return record


def _with_receipt(product: Runtime, erasure_id: UUID, *, actor: str) -> ErasureRecord:
    record = _find(product, erasure_id)
    if record.receipt is None:
        raise NotFoundError()
    record_look(product, actor=actor, action="erasure.receipt", subject=f"erasure:{erasure_id}")
    return record


def _progress(
    record: ErasureRecord, steps: list[ErasureStep], copies: Iterable[KeyringCopy]
) -> schemas.ErasureProgress:
    begun = {step.name: step for step in steps}
    return schemas.ErasureProgress(
        id=record.id,
        customer_id=record.customer_id,
        state=record.state.lower(),
        cause=record.cause.lower(),
        requested_by=record.requested_by,
        requested_at=record.requested_at,
        finished_at=record.finished_at,
        steps=[_step(store, begun.get(store)) for store in STORES],
        trouble=record.trouble,
        attempts=record.attempts,
        tried_again_at=record.held_until if record.trouble else None,
        held_until=(
            Subjects.of(record).held_until if record.trouble == erasures.HELD_BY_LAW else None
        ),
        backup_places=_remarks(place_remarks(record, copies)),
        has_receipt=record.receipt is not None,
    )


def _remarks(places: Iterable[PlaceRemark]) -> list[BackupPlaceRemark]:
    return [BackupPlaceRemark.model_validate(one, from_attributes=True) for one in places]


def _step(store: str, step: ErasureStep | None) -> schemas.ErasureStep:
    return schemas.ErasureStep(
        store=store,
        is_done=step is not None and step.done_at is not None,
        found=step.found if step else {},
    )


def _verification(verified: Verified) -> schemas.ErasureVerification:
    return schemas.ErasureVerification(
        erasure_id=verified.erasure_id,
        is_true=verified.is_true,
        is_signed=verified.is_signed,
        left=verified.left,
        held_until=verified.held_until,
        checks=[
            schemas.StoreCheck.model_validate(check, from_attributes=True)
            for check in verified.checks
        ],
        backup_places=_remarks(verified.places),
    )


def _decoded(signature: str) -> bytes:
    try:
        return base64.b64decode(signature.strip(), validate=True)
    except (binascii.Error, ValueError):
        return b""
