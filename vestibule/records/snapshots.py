"""What a backup asks of the record: one moment of all of it, and what belongs to that."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, text

from vestibule.records import audit
from vestibule.records.audit_tables import AuditEntry
from vestibule.records.database import Transaction
from vestibule.records.incident_tables import IncidentAttachment
from vestibule.records.tables import (
    AccessToken,
    Customer,
    EnrolmentHold,
    Job,
    Photo,
    SignInLink,
    Template,
)
from vestibule.records.unsealed_faces import IS_PLAIN


@dataclass(frozen=True, slots=True)
class Snapshot:
    """``id`` lets another connection see exactly this, while the transaction is open."""

    id: str
    taken_at: datetime
    schema: str
    spaces: tuple[str, ...]
    customers: int
    templates: int
    sealed_templates: int
    audit_entries: int
    audit_head: str


@dataclass(frozen=True, slots=True)
class Settled:
    """What of a restored record pointed to things that no backup holds, and was removed."""

    photos: int
    holds: int
    sessions: int


def freeze(transaction: Transaction) -> Snapshot:
    """From here on the transaction sees this one moment. Call it first in a new transaction."""
    transaction.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    transaction.execute(text("SET TRANSACTION READ ONLY"))
    head = select(AuditEntry.entry_sha256).order_by(AuditEntry.number.desc()).limit(1)
    return Snapshot(
        id=str(transaction.scalar(text("SELECT pg_export_snapshot()"))),
        taken_at=transaction.scalar(select(func.now())),  # type: ignore[arg-type]  # never NULL
        schema=str(transaction.scalar(text("SELECT version_num FROM alembic_version"))),
        spaces=tuple(
            transaction.scalars(select(Template.space_id).distinct().order_by("space_id"))
        ),
        customers=transaction.scalar(select(func.count(Customer.id))) or 0,
        templates=transaction.scalar(select(func.count(Template.id))) or 0,
        sealed_templates=transaction.scalar(select(func.count(Template.id)).where(~IS_PLAIN)) or 0,
        audit_entries=transaction.scalar(select(func.count(AuditEntry.number))) or 0,
        audit_head=transaction.scalar(head) or audit.GENESIS,
    )


def object_keys(transaction: Transaction) -> set[str]:
    """Of every object that a row needs for longer than a few days."""
    queries = (select(Template.crop_key), select(IncidentAttachment.object_key))
    return {key for query in queries for key in transaction.scalars(query)}


def is_empty(transaction: Transaction) -> bool:
    """Whether there is no table at all."""
    found = text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
    return not transaction.scalar(found)


def settle(transaction: Transaction) -> Settled:
    """Remove what passed with the old installation: photos, held faces, sessions and links.

    Jobs on enrolments stay: those whose photo was not yet looked at end as ``blob_missing``.
    """
    jobs = list(transaction.scalars(select(Photo.job_id)))
    photos = transaction.execute(delete(Photo))
    transaction.execute(delete(Job).where(Job.id.in_(jobs)))
    holds = transaction.execute(delete(EnrolmentHold))
    sessions = transaction.execute(delete(AccessToken).where(AccessToken.kind == "session"))
    transaction.execute(delete(SignInLink))
    return Settled(
        photos=_count(photos),
        holds=_count(holds),
        sessions=_count(sessions),
    )


def _count(result: object) -> int:
    return int(getattr(result, "rowcount", 0))
