"""Versions of the notice: one draft at most, and what was published, for good."""

from datetime import date

from sqlalchemy import delete, select, text

from vestibule.domain.built_in_notices import BUILT_IN, IN_FORCE_AT_FIRST
from vestibule.domain.notice import Notice, read_text
from vestibule.records.consent_tables import PrivacyNotice
from vestibule.records.database import Transaction

_LOCK = 0x6E6F7469  # one advisory lock: two people who publish at once do it one after the other


def one_at_a_time(transaction: Transaction) -> None:
    transaction.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


def published(transaction: Transaction) -> list[PrivacyNotice]:
    """The latest first: it is in force."""
    query = select(PrivacyNotice).where(PrivacyNotice.state == "PUBLISHED")
    return list(transaction.scalars(query.order_by(PrivacyNotice.published_at.desc())))


def in_force(transaction: Transaction) -> Notice:
    query = select(PrivacyNotice).where(PrivacyNotice.state == "PUBLISHED")
    row = transaction.scalar(query.order_by(PrivacyNotice.published_at.desc()).limit(1))
    return IN_FORCE_AT_FIRST if row is None else as_notice(row)


def find(transaction: Transaction, version: str) -> Notice | None:
    """A version that guests may have agreed to, whoever wrote it."""
    if version in BUILT_IN:
        return BUILT_IN[version]
    query = select(PrivacyNotice).where(
        PrivacyNotice.version == version, PrivacyNotice.state == "PUBLISHED"
    )
    row = transaction.scalar(query)
    return None if row is None else as_notice(row)


def draft(transaction: Transaction) -> PrivacyNotice | None:
    return transaction.scalar(select(PrivacyNotice).where(PrivacyNotice.state == "DRAFT"))


def drop_draft(transaction: Transaction) -> bool:
    dropped = delete(PrivacyNotice).where(PrivacyNotice.state == "DRAFT")
    return bool(transaction.scalars(dropped.returning(PrivacyNotice.id)).all())


def free_version(transaction: Transaction, today: date) -> str:
    """The day, and a number behind it where that day has one already."""
    taken = set(transaction.scalars(select(PrivacyNotice.version))) | set(BUILT_IN)
    day, number = today.isoformat(), 1
    version = day
    while version in taken:
        number += 1
        version = f"{day}.{number}"
    return version


def as_notice(row: PrivacyNotice) -> Notice:
    texts = {language: read_text(said) for language, said in row.texts.items()}
    return Notice(row.version, texts, row.validity_days)
