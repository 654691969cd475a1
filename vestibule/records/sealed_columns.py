"""Every column that is sealed under the installation's key, with what each value is bound to."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import InstrumentedAttribute

from vestibule.domain.keyring_file import wrapping_context
from vestibule.records.alert_tables import AlertRejection
from vestibule.records.consent_tables import ConsentProof
from vestibule.records.database import Transaction
from vestibule.records.incident_tables import IncidentAttachment
from vestibule.records.key_tables import CustomerKey
from vestibule.records.people_tables import Account
from vestibule.records.tables import EnrolmentHold, FaceHold

PAGE = 500


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """``key`` finds the row, ``bound_to`` is what ``context`` is made of."""

    name: str
    key: InstrumentedAttribute[Any]
    value: InstrumentedAttribute[Any]
    bound_to: InstrumentedAttribute[Any]
    context: Callable[[Any], str]


def _itself(name: str) -> str:
    return name


SEALED_COLUMNS = (
    SealedColumn(
        "keys of guests",
        CustomerKey.customer_id,
        CustomerKey.wrapped,
        CustomerKey.customer_id,
        wrapping_context,
    ),
    SealedColumn(
        "second factors",
        Account.id,
        Account.totp_secret,
        Account.id,
        lambda account_id: f"account/{account_id}/totp",
    ),
    SealedColumn(
        "lasting rejections",
        AlertRejection.alert_id,
        AlertRejection.sealing_key,
        AlertRejection.alert_id,
        lambda alert_id: f"alert_rejection/{alert_id}",
    ),
    SealedColumn(
        "attachments of incidents",
        IncidentAttachment.id,
        IncidentAttachment.sealing_key,
        IncidentAttachment.object_key,
        _itself,
    ),
    SealedColumn(
        "signed consents",
        ConsentProof.id,
        ConsentProof.sealing_key,
        ConsentProof.object_key,
        _itself,
    ),
    SealedColumn(
        "held faces", FaceHold.face_id, FaceHold.sealing_key, FaceHold.region_key, _itself
    ),
    SealedColumn(
        "held uploads",
        EnrolmentHold.enrolment_id,
        EnrolmentHold.sealing_key,
        EnrolmentHold.region_key,
        _itself,
    ),
)


def page_after(
    transaction: Transaction, column: SealedColumn, after: object | None
) -> list[tuple[Any, bytes, str]]:
    """The next rows by key: the key, the sealed value and its context."""
    query = select(column.key, column.value, column.bound_to).where(column.value.is_not(None))
    if after is not None:
        query = query.where(column.key > after)
    rows: Iterator[Any] = iter(transaction.execute(query.order_by(column.key).limit(PAGE)))
    return [(key, value, column.context(bound_to)) for key, value, bound_to in rows]


def replace(
    transaction: Transaction, column: SealedColumn, key: object, *, old: bytes, new: bytes
) -> None:
    """Unless it was changed or removed since it was read."""
    change = update(column.value.class_).where(column.key == key, column.value == old)
    transaction.execute(change.values({column.value.key: new}))
