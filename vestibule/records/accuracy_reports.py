"""Accuracy reports that this installation keeps."""

from uuid import UUID

from sqlalchemy import func, select

from vestibule.records.accuracy_tables import AccuracyReport
from vestibule.records.database import Transaction


def newest_first(transaction: Transaction) -> list[AccuracyReport]:
    query = select(AccuracyReport).order_by(AccuracyReport.created_at.desc(), AccuracyReport.id)
    return list(transaction.scalars(query))


def find(transaction: Transaction, report_id: UUID) -> AccuracyReport | None:
    return transaction.get(AccuracyReport, report_id)


def count(transaction: Transaction) -> int:
    return transaction.scalar(select(func.count()).select_from(AccuracyReport)) or 0
