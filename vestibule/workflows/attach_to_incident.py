"""Pictures and documents of an incident, sealed at rest as held faces are."""

import hashlib
import secrets
from dataclasses import dataclass
from uuid import UUID

from vestibule.domain.errors import (
    BlobMissingError,
    ForbiddenError,
    NotFoundError,
    TooManyAttachmentsError,
)
from vestibule.domain.ids import new_uuid
from vestibule.records import incidents
from vestibule.records.incident_tables import Incident, IncidentAttachment
from vestibule.workflows.accept_document import accept_document
from vestibule.workflows.runtime import Runtime
from vestibule.workflows.see_incidents import may_edit, record, require_person, require_seen
from vestibule.workflows.sign_in import Principal

AT_MOST = 10
"""Files of one incident."""


@dataclass(frozen=True, slots=True)
class OpenedAttachment:
    name: str
    media_type: str
    content: bytes


def attach_to_incident(
    runtime: Runtime, incident_id: UUID, content: bytes, *, name: str, by: Principal
) -> IncidentAttachment:
    """Check by content, store sealed, then write the row. Pictures lose their metadata.

    Raises NotFoundError, ForbiddenError, EmptyUploadError, PhotoTooLargeError, TooManyPixelsError,
    DamagedImageError, AttachmentRefusedError, TooManyAttachmentsError or StorageFullError; nothing
    is kept then.
    """
    adder_id, now = require_person(by), runtime.clock.now()
    with runtime.database.begin() as transaction:
        _require_open(incidents.find(transaction, incident_id), by)
    accepted = accept_document(runtime, content)
    attachment_id = new_uuid()
    object_key, key = f"incidents/{attachment_id}", secrets.token_bytes(32)
    sealed = runtime.sealer.under(key).seal(accepted.content, context=object_key)
    runtime.blobs.put(object_key, sealed)
    row = IncidentAttachment(
        id=attachment_id,
        incident_id=incident_id,
        name=name,
        media_type=accepted.media_type,
        size_bytes=len(accepted.content),
        sha256=hashlib.sha256(accepted.content).hexdigest(),
        object_key=object_key,
        sealing_key=runtime.sealer.seal(key, context=object_key),
        added_by_id=adder_id,
        created_at=now,
    )
    try:
        _write_row(runtime, row, by)
    except (NotFoundError, ForbiddenError, TooManyAttachmentsError):
        # Refused before anything was written. After any other error the row may be there, and
        # its file must be too; one without a row is tidied up.
        runtime.blobs.delete(object_key)
        raise
    return row


def open_attachment(
    runtime: Runtime, incident_id: UUID, attachment_id: UUID, *, by: Principal
) -> OpenedAttachment:
    """For whoever sees the incident; the look is recorded. Raises NotFoundError."""
    with runtime.database.begin() as transaction:
        incident = require_seen(incidents.find(transaction, incident_id), by)
        found = incidents.find_attachment(transaction, incident_id, attachment_id)
        if found is None:
            raise NotFoundError()
        details = {"attachment": str(attachment_id)}
        record(runtime, transaction, incident, "view_attachment", by, **details)
    key = runtime.sealer.unseal(found.sealing_key, context=found.object_key)
    try:
        sealed = runtime.blobs.get(found.object_key)
    except BlobMissingError as error:
        raise NotFoundError() from error
    content = runtime.sealer.under(key).unseal(sealed, context=found.object_key)
    return OpenedAttachment(found.name, found.media_type, content)


def remove_attachment(
    runtime: Runtime, incident_id: UUID, attachment_id: UUID, *, reason: str, by: Principal
) -> None:
    """For good. Raises NotFoundError, ForbiddenError, IncidentChangedError."""
    remover_id, now = require_person(by), runtime.clock.now()
    with runtime.database.begin() as transaction:
        incident = _require_open(incidents.find_for_change(transaction, incident_id), by)
        found = incidents.find_attachment(transaction, incident_id, attachment_id)
        if found is None:
            raise NotFoundError()
        incidents.remove_attachment(transaction, found)
        incident.version += 1
        incidents.add_revision(
            transaction,
            incident,
            action="DETACHED",
            by_id=remover_id,
            at=now,
            reason=reason,
            changes={"attachment": {"was": found.name, "is": None}},
        )
        details = {"attachment": str(attachment_id)}
        record(runtime, transaction, incident, "detach", by, **details)
    runtime.blobs.delete(found.object_key)


def _require_open(incident: Incident | None, by: Principal) -> Incident:
    seen = require_seen(incident, by)
    if not may_edit(seen, by):
        raise ForbiddenError(permission="incidents.verify")
    return seen


def _write_row(runtime: Runtime, row: IncidentAttachment, by: Principal) -> None:
    """Asked again under the lock: the incident may be closed by now, or full."""
    with runtime.database.begin() as transaction:
        incident = _require_open(incidents.find_for_change(transaction, row.incident_id), by)
        if len(incidents.attachments_of(transaction, incident.id)) >= AT_MOST:
            raise TooManyAttachmentsError(most=AT_MOST)
        incidents.add_attachment(transaction, row)
        incident.version += 1
        incidents.add_revision(
            transaction,
            incident,
            action="ATTACHED",
            by_id=row.added_by_id,
            at=row.created_at,
            changes={"attachment": {"was": None, "is": row.name}},
        )
        record(runtime, transaction, incident, "attach", by, attachment=str(row.id))
