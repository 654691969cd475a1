"""What the till said is mended or taken back. What it was before is kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from vestibule.domain.errors import ConflictError, NotFoundError
from vestibule.domain.permissions import Permission
from vestibule.records import audit, purchases
from vestibule.records.database import Transaction
from vestibule.records.purchase_tables import Purchase
from vestibule.records.tables import Json
from vestibule.workflows.runtime import Runtime
from vestibule.workflows.sign_in import Principal


@dataclass(frozen=True, slots=True)
class PurchaseCorrection:
    """None leaves a field as it is."""

    amount_minor: int | None = None
    currency: str | None = None
    category: str | None = None
    alcohol_hundredths: int | None = None


def correct_purchase(
    runtime: Runtime,
    purchase_id: UUID,
    correction: PurchaseCorrection,
    *,
    reason: str,
    by: Principal,
) -> Purchase:
    """Safe to run twice. Raises NotFoundError, ForbiddenError, ConflictError for a voided one."""
    with runtime.database.begin() as transaction:
        purchase = _find(transaction, purchase_id, by)
        if purchase.state == "VOIDED":
            raise ConflictError("It is voided: there is nothing to correct.")
        changes: Json = {}
        for name in ("amount_minor", "currency", "category", "alcohol_hundredths"):
            value = getattr(correction, name)
            if value is not None and value != getattr(purchase, name):
                changes[name] = {"was": getattr(purchase, name), "is": value}
                setattr(purchase, name, value)
        if changes:
            _record(runtime, transaction, [purchase], changes, reason, by, "purchase.correct")
    return purchase


def void_purchase(runtime: Runtime, purchase_id: UUID, *, reason: str, by: Principal) -> Purchase:
    """It counts nothing from now on. Safe to run twice. Raises NotFoundError, ForbiddenError."""
    with runtime.database.begin() as transaction:
        purchase = _find(transaction, purchase_id, by)
        _void(runtime, transaction, [purchase], reason, by)
    return purchase


def void_receipt(
    runtime: Runtime,
    *,
    venue_id: UUID | None,
    till: str,
    receipt: str,
    line: int | None,
    reason: str,
    by: Principal,
) -> int:
    """A whole receipt, or one line of it; how many lines that were. Safe to run twice.

    A till knows no ids of ours, and nothing is here of receipts of people who are no customers.
    """
    where = venue_id or by.venue_id
    by.require(Permission.RECORD_PURCHASES, where)
    with runtime.database.begin() as transaction:
        found = purchases.on_receipt(transaction, where, till, receipt, line=line)
        return _void(runtime, transaction, found, reason, by)


def _find(transaction: Transaction, purchase_id: UUID, by: Principal) -> Purchase:
    purchase = purchases.find_for_change(transaction, purchase_id)
    if purchase is None:
        raise NotFoundError()
    by.require(Permission.RECORD_PURCHASES, purchase.venue_id)
    return purchase


def _void(
    runtime: Runtime,
    transaction: Transaction,
    found: Sequence[Purchase],
    reason: str,
    by: Principal,
) -> int:
    valid = [one for one in found if one.state == "VALID"]
    for one in valid:
        one.state = "VOIDED"
    if valid:
        changes: Json = {"state": {"was": "VALID", "is": "VOIDED"}}
        _record(runtime, transaction, valid, changes, reason, by, "purchase.void")
    return len(valid)


def _record(
    runtime: Runtime,
    transaction: Transaction,
    changed: Sequence[Purchase],
    changes: Json,
    reason: str,
    by: Principal,
    action: str,
) -> None:
    now = runtime.clock.now()
    for one in changed:
        purchases.add_change(transaction, one, by=by.actor, at=now, reason=reason, changes=changes)
    transaction.flush()
    audit.append(
        transaction,
        at=now,
        actor=by.actor,
        action=action,
        subject=f"purchase:{changed[0].id}",
        purchases=[str(one.id) for one in changed],
        customers=sorted({str(one.customer_id) for one in changed}),
        fields=sorted(changes),
    )
