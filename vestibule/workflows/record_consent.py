"""Consent for recognition: given, and withdrawn as easily."""

from dataclasses import dataclass
from uuid import UUID

from vestibule.domain.errors import NotFoundError
from vestibule.domain.ids import CustomerId
from vestibule.records import audit, customers, gallery
from vestibule.records.database import Transaction
from vestibule.records.tables import Consent
from vestibule.workflows.check_age import require_of_age
from vestibule.workflows.index_templates import index_templates, unindex_templates
from vestibule.workflows.runtime import Runtime

NOTICE_VERSION = "2026-11"
"""Of the notice text that the pages show; change it with the text."""


@dataclass(frozen=True, slots=True)
class ConsentGiven:
    """The notice was shown; ``given_by`` says by whom consent was given, in words."""

    basis: str
    given_by: str


def record_consent(
    runtime: Runtime, customer_id: UUID, given: ConsentGiven, *, actor: str
) -> Consent:
    """The customer's templates are searchable when this returns. Raises NotFoundError,
    UnderAgeError."""
    with runtime.database.begin() as transaction:
        customer = customers.lock_present(transaction, customer_id)
        if customer is None:
            raise NotFoundError()
        customer_id = customer.id
        require_of_age(runtime, transaction, customer)
        consent = add_consent(runtime, transaction, customer_id, given, actor=actor)
        audit.append(
            transaction,
            at=consent.given_at,
            actor=actor,
            action="consent.give",
            subject=f"customer:{customer_id}",
            consent=str(consent.id),
        )
        template_ids = [t.id for t in gallery.templates_of(transaction, customer_id)]
    index_templates(runtime, template_ids)
    return consent


def add_consent(
    runtime: Runtime,
    transaction: Transaction,
    customer_id: UUID,
    given: ConsentGiven,
    *,
    actor: str,
) -> Consent:
    consent = Consent(
        customer_id=customer_id,
        purpose="recognition",
        basis=given.basis,
        notice_version=NOTICE_VERSION,
        given_by=given.given_by,
        recorded_by=actor,
        given_at=runtime.clock.now(),
    )
    transaction.add(consent)
    transaction.flush()
    return consent


def withdraw_consent(
    runtime: Runtime, customer_id: UUID, consent_id: UUID, *, actor: str
) -> Consent:
    """No search finds the customer from the commit on. Safe to run twice."""
    with runtime.database.begin() as transaction:
        consent = customers.find_consent(transaction, consent_id)
        customer_id = customers.standing_for(transaction, customer_id)
        if consent is None or consent.customer_id != customer_id:
            raise NotFoundError()
        if consent.withdrawn_at is None:
            consent.withdrawn_at = runtime.clock.now()
            audit.append(
                transaction,
                at=consent.withdrawn_at,
                actor=actor,
                action="consent.withdraw",
                subject=f"customer:{customer_id}",
                consent=str(consent_id),
            )
        transaction.flush()
        remaining = customers.active_consent(transaction, customer_id)
        template_ids = [t.id for t in gallery.templates_of(transaction, customer_id)]
    if remaining is None:
        unindex_templates(runtime, template_ids)
        runtime.rejected.forget_customer(CustomerId(customer_id))
    else:  # what is left may hold for fewer venues
        index_templates(runtime, template_ids)
    return consent
