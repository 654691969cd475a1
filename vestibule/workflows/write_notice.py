"""The notice: drafted, and published once every language says everything."""

from collections.abc import Mapping

from vestibule.domain.errors import InvalidInputError, NotFoundError, PersonNeededError
from vestibule.domain.notice import LONGEST_DAYS, NoticeText, missing_parts
from vestibule.records import audit, notices, venues
from vestibule.records.consent_tables import PrivacyNotice
from vestibule.records.database import Transaction
from vestibule.workflows.check_age import today_at
from vestibule.workflows.runtime import Runtime
from vestibule.workflows.sign_in import Principal


def keep_draft(
    runtime: Runtime, texts: Mapping[str, NoticeText], *, validity_days: int, by: Principal
) -> PrivacyNotice:
    """The one draft there is, made where there is none. Guests are shown nothing of it."""
    if not 1 <= validity_days <= LONGEST_DAYS:
        raise InvalidInputError(
            f"A consent lasts from one day to {LONGEST_DAYS}.", fields=["validity_days"]
        )
    now = runtime.clock.now()
    with runtime.database.begin() as transaction:
        notices.one_at_a_time(transaction)
        row = notices.draft(transaction)
        if row is None:
            row = PrivacyNotice(version=f"draft-{now.timestamp():.0f}", state="DRAFT")
            transaction.add(row)
        row.texts = {language: text.as_json() for language, text in texts.items()}
        row.validity_days = validity_days
        row.changed_by, row.changed_at = by.actor, now
        transaction.flush()
        _audit(runtime, transaction, "notice.draft", row, by)
    return row


def publish_draft(runtime: Runtime, *, by: Principal) -> PrivacyNotice:
    """From the commit on, guests are shown this text; what others agreed to stays as it was.

    Raises NotFoundError without a draft, InvalidInputError naming what it lacks, PersonNeededError
    for an API key.
    """
    if by.account_id is None:
        raise PersonNeededError()
    with runtime.database.begin() as transaction:
        notices.one_at_a_time(transaction)
        row = notices.draft(transaction)
        if row is None:
            raise NotFoundError()
        missing = missing_parts(notices.as_notice(row).texts)
        if missing:
            raise InvalidInputError(f"Still to be written: {', '.join(missing)}.", fields=missing)
        now = runtime.clock.now()
        today = today_at(runtime, venues.home(transaction))
        row.version, row.state = notices.free_version(transaction, today), "PUBLISHED"
        row.published_by, row.published_by_id, row.published_at = by.actor, by.account_id, now
        transaction.flush()
        _audit(runtime, transaction, "notice.publish", row, by)
    return row


def drop_draft(runtime: Runtime, *, by: Principal) -> None:
    """Raises NotFoundError without one."""
    with runtime.database.begin() as transaction:
        notices.one_at_a_time(transaction)
        row = notices.draft(transaction)
        if row is None:
            raise NotFoundError()
        notices.drop_draft(transaction)
        _audit(runtime, transaction, "notice.drop", row, by)


def _audit(
    runtime: Runtime, transaction: Transaction, action: str, row: PrivacyNotice, by: Principal
) -> None:
    audit.append(
        transaction,
        at=runtime.clock.now(),
        actor=by.actor,
        action=action,
        subject=f"notice:{row.version}",
        validity_days=row.validity_days,
    )
