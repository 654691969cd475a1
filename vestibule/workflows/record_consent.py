"""Consent: given for each purpose apart, withdrawn as easily, and over when its time is."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from vestibule.domain.errors import InvalidInputError, NotFoundError
from vestibule.domain.ids import CustomerId
from vestibule.domain.jurisdiction import FRANCE, Basis, Purpose
from vestibule.domain.notice import Notice
from vestibule.records import audit, consents, customers, gallery, notices
from vestibule.records.database import Transaction
from vestibule.records.tables import Consent
from vestibule.workflows.check_age import require_of_age
from vestibule.workflows.index_templates import index_templates, unindex_templates
from vestibule.workflows.runtime import Runtime

LAPSED_A_ROUND = 200


@dataclass(frozen=True, slots=True)
class ConsentGiven:
    """The notice was shown; ``given_by`` says by whom consent was given, in words.

    ``venue_id`` is where it holds, None everywhere; agreeing to ``sharing`` carries it further.
    ``notice_version`` is the text that was shown, by default the one in force.
    """

    basis: str
    given_by: str
    purposes: tuple[str, ...] = ("recognition",)
    venue_id: UUID | None = None
    method: str = "spoken"
    language: str | None = None
    notice_version: str | None = None
    proof_id: UUID | None = None


def record_consent(
    runtime: Runtime, customer_id: UUID, given: ConsentGiven, *, actor: str
) -> Consent:
    """As ``record_consents``; the first of them."""
    return record_consents(runtime, customer_id, given, actor=actor)[0]


def record_consents(
    runtime: Runtime, customer_id: UUID, given: ConsentGiven, *, actor: str
) -> list[Consent]:
    """One for each purpose. The customer's templates are searchable when this returns.

    Raises NotFoundError, UnderAgeError, and InvalidInputError for a notice that nobody published,
    or that does not ask for one of the purposes.
    """
    with runtime.database.begin() as transaction:
        customer = customers.lock_present(transaction, customer_id)
        if customer is None:
            raise NotFoundError()
        customer_id = customer.id
        require_of_age(runtime, transaction, customer)
        rows = add_consents(runtime, transaction, customer_id, given, actor=actor)
        audit_given(runtime, transaction, rows, actor=actor)
        template_ids = [t.id for t in gallery.templates_of(transaction, customer_id)]
    index_templates(runtime, template_ids)
    return rows


def add_consent(
    runtime: Runtime,
    transaction: Transaction,
    customer_id: UUID,
    given: ConsentGiven,
    *,
    actor: str,
) -> Consent:
    """As ``add_consents``; the first of them."""
    return add_consents(runtime, transaction, customer_id, given, actor=actor)[0]


def add_consents(
    runtime: Runtime,
    transaction: Transaction,
    customer_id: UUID,
    given: ConsentGiven,
    *,
    actor: str,
) -> list[Consent]:
    """The rows alone. Each ends when the notice says so, and never later than the law lets it."""
    notice = _notice_shown(transaction, given)
    now = runtime.clock.now()
    lasts = min(timedelta(days=notice.validity_days), FRANCE.consent_validity.length)
    rows = [
        Consent(
            customer_id=customer_id,
            venue_id=given.venue_id,
            purpose=purpose,
            basis=given.basis,
            notice_version=notice.version,
            given_by=given.given_by,
            recorded_by=actor,
            given_at=now,
            method=given.method,
            language=given.language,
            expires_at=now + lasts,
            proof_id=given.proof_id,
        )
        for purpose in given.purposes
    ]
    transaction.add_all(rows)
    transaction.flush()
    return rows


def audit_given(
    runtime: Runtime, transaction: Transaction, rows: Sequence[Consent], *, actor: str
) -> None:
    audit.append(
        transaction,
        at=runtime.clock.now(),
        actor=actor,
        action="consent.give",
        subject=f"customer:{rows[0].customer_id}",
        consent=str(rows[0].id),
        purposes=[row.purpose for row in rows],
        notice=rows[0].notice_version,
        method=rows[0].method,
    )


def _notice_shown(transaction: Transaction, given: ConsentGiven) -> Notice:
    purposes = [Purpose(purpose) for purpose in given.purposes]
    if not purposes or len(set(purposes)) != len(purposes):
        raise InvalidInputError("Name each purpose once.", fields=["purposes"])
    if not all(FRANCE.allows(purpose, Basis(given.basis)) for purpose in purposes):
        raise InvalidInputError("That is no basis for this purpose here.", fields=["basis"])
    notice = (
        notices.in_force(transaction)
        if given.notice_version is None
        else notices.find(transaction, given.notice_version)
    )
    if notice is None:
        raise InvalidInputError("Nobody published such a notice.", fields=["notice_version"])
    texts = list(notice.texts.values())
    if not all(text.purposes.get(purpose) for text in texts for purpose in purposes):
        raise InvalidInputError("That notice does not ask for this.", fields=["purposes"])
    return notice


def withdraw_consent(
    runtime: Runtime, customer_id: UUID, consent_id: UUID, *, actor: str
) -> Consent:
    """With every other to the same purpose at the same place: what was renewed is taken back too.

    No search finds the customer from the commit on. Safe to run twice.
    """
    with runtime.database.begin() as transaction:
        consent = customers.find_consent(transaction, consent_id)
        customer_id = customers.standing_for(transaction, customer_id)
        if consent is None or consent.customer_id != customer_id:
            raise NotFoundError()
        if consent.withdrawn_at is None:
            rows = [
                row
                for row in customers.consents_of(transaction, customer_id)
                if row.withdrawn_at is None
                and (row.purpose, row.venue_id) == (consent.purpose, consent.venue_id)
            ]
            _end(runtime, transaction, rows, actor=actor)
        left = _left_to_search(transaction, customer_id)
    settle_templates(runtime, customer_id, left)
    return consent


def withdraw_purposes(
    runtime: Runtime,
    customer_id: UUID,
    purposes: Iterable[str],
    *,
    actor: str,
    proof_id: UUID | None = None,
) -> list[Consent]:
    """Every consent to one of these that still stands. Safe to run twice. Raises NotFoundError."""
    asked = {Purpose(purpose) for purpose in purposes}
    with runtime.database.begin() as transaction:
        customer = customers.lock_present(transaction, customer_id)
        if customer is None:
            raise NotFoundError()
        rows = [
            row
            for row in customers.consents_of(transaction, customer.id)
            if row.purpose in asked and row.withdrawn_at is None
        ]
        if rows:
            _end(runtime, transaction, rows, actor=actor, proof_id=proof_id)
        left = _left_to_search(transaction, customer.id)
    settle_templates(runtime, customer.id, left)
    return rows


def _end(
    runtime: Runtime,
    transaction: Transaction,
    rows: Sequence[Consent],
    *,
    actor: str,
    proof_id: UUID | None = None,
) -> None:
    now = runtime.clock.now()
    for row in rows:
        row.withdrawn_at, row.withdrawn_by, row.withdrawal_proof_id = now, actor, proof_id
    transaction.flush()
    audit.append(
        transaction,
        at=now,
        actor=actor,
        action="consent.withdraw",
        subject=f"customer:{rows[0].customer_id}",
        consent=str(rows[0].id),
        purposes=[row.purpose for row in rows],
    )


@dataclass(frozen=True, slots=True)
class _Left:
    template_ids: Sequence[UUID]
    may_be_searched: bool


def _left_to_search(transaction: Transaction, customer_id: UUID) -> _Left:
    template_ids = [t.id for t in gallery.templates_of(transaction, customer_id)]
    ground = consents.grounds(transaction, [customer_id]).get(customer_id)
    return _Left(template_ids, ground is not None)


def settle_templates(runtime: Runtime, customer_id: UUID, left: _Left) -> None:
    """After the commit: out of the index, or in it for fewer venues than before."""
    if left.may_be_searched:
        index_templates(runtime, left.template_ids)
        return
    unindex_templates(runtime, left.template_ids)
    runtime.rejected.forget_customer(CustomerId(customer_id))


def lapse_consents(runtime: Runtime) -> int:
    """Take note of consents whose time is over, and take their faces out of the index.

    Searches leave them out from the very moment on; this keeps the index small and the log honest.
    Safe to run at any time, twice, and from several processes. Returns how many lapsed.
    """
    now = runtime.clock.now()
    with runtime.database.begin() as transaction:
        rows = consents.take_lapsed(transaction, now=now, limit=LAPSED_A_ROUND)
        whose = sorted({row.customer_id for row in rows})
        left = {one: _left_to_search(transaction, one) for one in whose}
        for row in rows:
            audit.append(
                transaction,
                at=now,
                actor="system",
                action="consent.expire",
                subject=f"customer:{row.customer_id}",
                consent=str(row.id),
                purposes=[row.purpose],
            )
    for customer_id in whose:
        settle_templates(runtime, customer_id, left[customer_id])
    return len(rows)
