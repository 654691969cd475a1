"""Writes into the audit log that the terms of a model pack were accepted."""

from datetime import datetime

from vestibule.records import audit
from vestibule.records.database import Transaction

ACTION = "models.accept_terms"


def audit_acceptance(
    transaction: Transaction, *, pack: str, by: str, at: datetime, terms_sha256: str
) -> None:
    """One entry for one pack and these very words, whoever asks. Safe to run twice."""
    if not audit.has_entry(transaction, action=ACTION, subject=pack, terms_sha256=terms_sha256):
        audit.append(
            transaction, at=at, actor=by, action=ACTION, subject=pack, terms_sha256=terms_sha256
        )
