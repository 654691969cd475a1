"""Requests, consents and what shows them, offers, jobs and sessions go when their time is up."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from tests.integration.retention_home import DAYS, Home, guest
from vestibule.domain.retention import Kept
from vestibule.records.consent_tables import ConsentProof
from vestibule.records.offer_tables import Offer
from vestibule.records.rights_tables import DataRequest, PersonalLink
from vestibule.records.tables import AccessToken, Consent, Enrolment, Job
from vestibule.workflows.keep_no_longer import remove_everything_due
from vestibule.workflows.show_retention import retention_overdue_s, show_retention

OF_GUESTS = (
    Kept.CONSENT,
    Kept.CONSENT_PROOF,
    Kept.OFFER,
    Kept.DATA_REQUEST,
    Kept.LINK,
    Kept.ENROLMENT,
)


@pytest.fixture
def home(stage) -> Home:
    made = Home(stage)
    yield made
    made.strike()


class Cupboard:
    """Puts a row of each kind there whose clock began so many days ago."""

    def __init__(self, home: Home, guest_id: UUID) -> None:
        self.home, self.guest_id = home, guest_id
        self.now = home.clock.now()

    def put(self, kind: Kept, *, days_ago: float):
        row = getattr(self, kind.value)(self.now - timedelta(days=days_ago))
        with self.home.runtime.database.begin() as transaction:
            transaction.add(row)
        return row

    def consent(self, ended, *, proof_id: UUID | None = None, stands: bool = False) -> Consent:
        return Consent(
            id=uuid4(),
            customer_id=self.guest_id,
            purpose="offers",
            basis="explicit-consent",
            notice_version="fr-1",
            given_by="them",
            recorded_by="host",
            given_at=ended - timedelta(days=100),
            expires_at=None if stands else ended + timedelta(days=50),
            withdrawn_at=None if stands else ended,
            proof_id=proof_id,
        )

    def consent_proof(self, ended) -> ConsentProof:
        key = f"consents/{uuid4()}"
        self.home.runtime.blobs.put(key, b"sealed")
        return ConsentProof(
            id=uuid4(),
            customer_id=self.guest_id,
            kind="withdrawn",
            method="tablet",
            language="fr",
            object_key=key,
            sealing_key=b"sealed",
            recorded_by="host",
            recorded_at=ended,
        )

    def offer(self, ended) -> Offer:
        return Offer(
            id=uuid4(),
            customer_id=self.guest_id,
            kind="drink",
            words_en="A drink",
            words_fr="Un verre",
            starts_at=ended - timedelta(days=1),
            ends_at=ended + timedelta(days=10),
            made_by="host",
            made_at=ended - timedelta(days=1),
            redeemed_at=ended,
        )

    def data_request(self, closed) -> DataRequest:
        return DataRequest(
            id=uuid4(),
            customer_id=self.guest_id,
            right="access",
            channel="letter",
            state="ANSWERED",
            received_on=closed.date(),
            due_on=closed.date(),
            created_at=closed,
            closed_at=closed,
        )

    def link(self, ended) -> PersonalLink:
        return PersonalLink(
            id=uuid4(),
            token_sha256=uuid4().hex,
            customer_id=self.guest_id,
            identity="document_seen",
            made_by="host",
            created_at=ended - timedelta(days=7),
            expires_at=ended,
        )

    def job(self, ended) -> Job:
        return Job(
            id=uuid4(),
            kind="NOTIFY",
            subject_id=uuid4(),
            queue="bulk",
            state="DONE",
            created_at=ended,
            sent_at=ended,
            finished_at=ended,
        )

    def enrolment(self, ended) -> Enrolment:
        job = self.job(ended)
        job.kind = "ENROL"
        with self.home.runtime.database.begin() as transaction:
            transaction.add(job)
        return Enrolment(
            id=uuid4(),
            customer_id=self.guest_id,
            job_id=job.id,
            source_sha256="0" * 64,
            outcome="rejected",
            requested_by="host",
            created_at=ended,
        )

    def session(self, ended) -> AccessToken:
        return AccessToken(
            token_sha256=uuid4().hex,
            kind="session",
            actor="Camille",
            created_at=ended - timedelta(hours=12),
            expires_at=ended,
        )


def is_there(home: Home, row) -> bool:
    key = type(row).__mapper__.primary_key[0]
    return home.count(type(row), key == getattr(row, key.name)) == 1


@pytest.mark.duty("GDPR 5(1)(e)")
def test_art_5_1_e_rights_and_traces_go_by_their_clocks_and_stay_under_a_hold(home):
    free, held = Cupboard(home, guest(home, 1).id), Cupboard(home, guest(home, 2).id)
    home.hold(customer_id=held.guest_id, days=30)
    kinds = (*OF_GUESTS, Kept.JOB, Kept.SESSION)
    due = {kind: free.put(kind, days_ago=DAYS[kind]) for kind in kinds}
    early = {kind: free.put(kind, days_ago=DAYS[kind] - 0.001) for kind in kinds}
    kept = {kind: held.put(kind, days_ago=DAYS[kind]) for kind in OF_GUESTS}
    late = retention_overdue_s(home.runtime)
    assert all(late[kind.value] == pytest.approx(0, abs=5) for kind in kinds)
    outlook = show_retention(home.runtime, venue_id=home.house.venue_id).outlooks
    assert all(outlook[kind.value].held == 1 for kind in OF_GUESTS)

    remove_everything_due(home.runtime)
    assert not [kind for kind, row in due.items() if is_there(home, row)]
    assert [kind for kind, row in early.items() if is_there(home, row)] == list(kinds)
    assert [kind for kind, row in kept.items() if is_there(home, row)] == list(OF_GUESTS)
    key = due[Kept.CONSENT_PROOF].object_key
    assert home.runtime.blobs.keys(key) == [], "the signature went with its row"

    home.pass_days(30)
    remove_everything_due(home.runtime)
    assert not [kind for kind, row in kept.items() if is_there(home, row)]


def test_what_shows_a_consent_stays_as_long_as_one_of_them_stands(home):
    shelf = Cupboard(home, guest(home).id)
    old = home.clock.now() - timedelta(days=DAYS[Kept.CONSENT_PROOF])
    proof = shelf.put(Kept.CONSENT_PROOF, days_ago=DAYS[Kept.CONSENT_PROOF])
    ended, stands = shelf.consent(old, proof_id=proof.id), shelf.consent(old, stands=True)
    stands.proof_id = proof.id
    with home.runtime.database.begin() as transaction:
        transaction.add_all([ended, stands])
    remove_everything_due(home.runtime)
    assert is_there(home, proof) and is_there(home, stands) and not is_there(home, ended)


def test_what_is_open_or_works_has_no_clock_that_runs(home):
    shelf = Cupboard(home, guest(home).id)
    request, job = (shelf.data_request(shelf.now), shelf.job(shelf.now))
    request.state, request.closed_at = "OPEN", None
    job.state, job.finished_at = "RUNNING", None
    key = shelf.session(shelf.now)
    key.kind = "api_key"
    with home.runtime.database.begin() as transaction:
        transaction.add_all([request, job, key])
    home.pass_days(5_000)
    remove_everything_due(home.runtime)
    assert all(is_there(home, row) for row in (request, job, key))
    with home.runtime.database.begin() as transaction:
        for row in (request, job, key):
            transaction.delete(transaction.merge(row))
