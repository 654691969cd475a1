"""Keep what an evaluation found with the installation, and throw it away again."""

import json
from uuid import UUID

from vestibule.domain.errors import ConflictError, NotFoundError
from vestibule.domain.ids import new_uuid
from vestibule.evaluation.report_files import format_json, parse_report
from vestibule.records import accuracy_reports, audit
from vestibule.records.accuracy_tables import AccuracyReport
from vestibule.workflows.runtime import Runtime

MOST_REPORTS = 100


def keep_accuracy_report(runtime: Runtime, content: bytes, *, actor: str) -> AccuracyReport:
    """Check and store a report; what is no figure of one is dropped.

    Raises InvalidInputError, and ConflictError when a hundred are kept already.
    """
    report = parse_report(content)
    row = AccuracyReport(
        id=new_uuid(),
        dataset=report.dataset,
        label=report.label,
        space_id=report.space_id,
        content=json.loads(format_json(report)),
        created_at=runtime.clock.now(),
        created_by=actor,
    )
    with runtime.database.begin() as transaction:
        if accuracy_reports.count(transaction) >= MOST_REPORTS:
            raise ConflictError("A hundred reports are kept already.", most=MOST_REPORTS)
        transaction.add(row)
        transaction.flush()
        audit.append(
            transaction,
            at=row.created_at,
            actor=actor,
            action="accuracy_report.keep",
            subject=f"accuracy_report:{row.id}",
            space_id=row.space_id,
        )
    return row


def remove_accuracy_report(runtime: Runtime, report_id: UUID, *, actor: str) -> None:
    """Raises NotFoundError."""
    with runtime.database.begin() as transaction:
        row = accuracy_reports.find(transaction, report_id)
        if row is None:
            raise NotFoundError()
        transaction.delete(row)
        audit.append(
            transaction,
            at=runtime.clock.now(),
            actor=actor,
            action="accuracy_report.remove",
            subject=f"accuracy_report:{report_id}",
        )
