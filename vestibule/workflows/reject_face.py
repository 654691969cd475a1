"""A person said "not them" of a face: it is remembered, and a job does the rest."""

from datetime import datetime

from vestibule.records import customers, jobs, not_them
from vestibule.records.database import Transaction
from vestibule.records.tables import Face, Job, Photo
from vestibule.workflows.runtime import Runtime


def reject_face(
    runtime: Runtime,
    transaction: Transaction,
    face: Face,
    photo: Photo,
    *,
    actor: str,
    at_least: datetime | None = None,
) -> Job:
    """Remember the answer, unless the customer was erased meanwhile; the job to be sent.

    The very same photo is remembered as long as the installation says, and ``at_least`` until then.
    """
    now = runtime.clock.now()
    if face.customer_id and customers.find_for_change(transaction, face.customer_id):
        until = max(now + runtime.limits.not_them_memory, at_least or now)
        not_them.add(transaction, face, photo, actor=actor, now=now, expires_at=until)
    return jobs.add(transaction, kind="REMEMBER", subject_id=face.id, queue="identify", now=now)
