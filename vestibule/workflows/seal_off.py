"""An erasure under a legal hold: what no claim needs goes at once, the rest is sealed off.

GDPR 17(3)(e): what somebody needs for a claim is not erased, and no more than that is kept. The
guest is found by nobody and shown to nobody but on the list of holds, to those who place them.
"""

from datetime import datetime, timedelta
from uuid import UUID

from vestibule.domain.erasure_receipt import Kept
from vestibule.records import audit, customers, erasures, held_people, legal_holds
from vestibule.records.database import Transaction
from vestibule.records.tables import Customer
from vestibule.workflows.erasure_subjects import Subjects, note_hold
from vestibule.workflows.keep_consent_proof import keep_readable
from vestibule.workflows.runtime import Runtime

HELD_BY_LAW = erasures.HELD_BY_LAW
LAW = "GDPR 17(3)(e)"
LOOK_AGAIN = timedelta(minutes=10)
"""So soon it is noticed that a hold is over, where lifting it did not say so already."""


def held_until(runtime: Runtime, subjects: Subjects) -> datetime | None:
    """Until when law keeps something of the person; None where nothing does."""
    with runtime.database.look() as reader:
        return legal_holds.ends_of(reader, subjects.customers, now=runtime.clock.now())


def seal_off(runtime: Runtime, subjects: Subjects, until: datetime) -> None:
    """Safe to run twice. From here on the erasure waits for the end of the hold."""
    with runtime.database.begin() as transaction:
        now = runtime.clock.now()
        record = erasures.find_for_change(transaction, subjects.erasure_id)
        if record is None or record.state == "DONE":
            return
        is_new = record.trouble != HELD_BY_LAW
        for customer_id in subjects.customers:
            _strip(transaction, customer_id, now=now)
            keep_readable(runtime, transaction, customer_id)
        note_hold(record, until)
        record.trouble = HELD_BY_LAW
        record.held_until = min(until, now + LOOK_AGAIN)
        if is_new:
            audit.append(
                transaction,
                at=now,
                actor=record.requested_by,
                action="erasure.seal_off",
                subject=f"erasure:{record.id}",
                until=until.isoformat(),
            )


def what_law_keeps(runtime: Runtime, subjects: Subjects) -> tuple[Kept, ...]:
    """For a receipt: how many rows, and that there was a hold once it is over; in the words of how
    many incidents their name may stand, which only those who place holds can read."""
    if subjects.held_until is None:
        return ()
    with runtime.database.look() as reader:
        rows = erasures.rows_by_table(reader, subjects.customers)
        incidents = held_people.incidents_of(reader, subjects.customers)
    kept = Kept("legal_hold", sum(rows.values()), subjects.held_until, law=LAW)
    if not incidents:
        return (kept,)
    return kept, Kept("names_in_words_of_incidents", incidents, subjects.held_until, law=LAW)


def _strip(transaction: Transaction, customer_id: UUID, *, now: datetime) -> None:
    customer = transaction.get(Customer, customer_id)
    if customer is None:
        return
    for consent in customers.consents_of(transaction, customer_id):
        consent.withdrawn_at = consent.withdrawn_at or now
    erasures.remove_enrolment_jobs(transaction, [customer_id])
    held_people.remove_what_no_claim_needs(transaction, customer_id)
    customer.email = customer.phone = customer.phone_key = customer.language = None
    customer.reference, customer.notes, customer.tags = None, "", []
