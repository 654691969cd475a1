"""A consent for one venue counts there alone: in the index, and where Postgres looks again."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import select

from vestibule.domain.ids import new_uuid
from vestibule.records import venues
from vestibule.records.tables import Consent, Template, Venue
from vestibule.workflows.index_templates import index_templates
from vestibule.workflows.record_consent import withdraw_consent


@pytest.fixture
def ada(stage):
    return stage.guest("Ada", stage.axis(0))


def another_venue(stage) -> UUID:
    venue = Venue(
        id=new_uuid(),
        name="The other club",
        timezone="Europe/Paris",
        closes_at_hour=8,
        created_at=datetime.now(UTC),  # the test's own clock is earlier than the home venue
    )
    with stage.runtime.database.begin() as transaction:
        transaction.add(venue)
        transaction.flush()
        return venue.id


def limit_consent(stage, customer_id: UUID, venue_id: UUID) -> None:
    with stage.runtime.database.begin() as transaction:
        query = select(Consent).where(Consent.customer_id == customer_id)
        for consent in transaction.scalars(query):
            consent.venue_id = venue_id


def index_again(stage, customer_id: UUID) -> None:
    with stage.runtime.database.begin() as transaction:
        query = select(Template.id).where(Template.customer_id == customer_id)
        template_ids = list(transaction.scalars(query))
    index_templates(stage.runtime, template_ids)


def candidates(stage, *, venue_id: UUID) -> set[UUID]:
    probe = stage.axis(0)[None]
    runtime = stage.runtime
    [row] = runtime.index.search(runtime.generation, probe, limit=5, venue_id=venue_id)
    return {neighbour.customer_id for neighbour in row}


def home(stage) -> UUID:
    with stage.runtime.database.begin() as transaction:
        return venues.home(transaction).id


@pytest.mark.duty("GDPR 6", "GDPR 9")
def test_art_6_guest_whose_consent_holds_elsewhere_is_no_candidate_here(stage, ada):
    assert stage.who(stage.photo(stage.axis(0))) == [ada.id]
    other = another_venue(stage)
    limit_consent(stage, ada.id, other)
    index_again(stage, ada.id)

    assert candidates(stage, venue_id=home(stage)) == set()
    assert candidates(stage, venue_id=other) == {ada.id}
    assert stage.who(stage.photo(stage.axis(0))) == [None]


@pytest.mark.duty("GDPR 6")
def test_index_that_does_not_know_yet_shows_nobody(stage, ada):
    limit_consent(stage, ada.id, another_venue(stage))

    assert candidates(stage, venue_id=home(stage)) == {ada.id}
    assert stage.who(stage.photo(stage.axis(0))) == [None]


def test_guest_with_a_consent_for_this_venue_is_recognised(stage, ada):
    limit_consent(stage, ada.id, home(stage))
    index_again(stage, ada.id)

    assert stage.who(stage.photo(stage.axis(0))) == [ada.id]


@pytest.mark.duty("GDPR 7(3)")
def test_art_7_withdrawing_the_wider_consent_leaves_the_narrower_one(stage, ada):
    runtime = stage.runtime
    other = another_venue(stage)
    with runtime.database.begin() as transaction:
        wide = transaction.scalars(select(Consent).where(Consent.customer_id == ada.id)).one()
        transaction.add(
            Consent(
                customer_id=ada.id,
                venue_id=other,
                purpose="recognition",
                basis="explicit-consent",
                notice_version=wide.notice_version,
                given_by="test",
                recorded_by="test",
                given_at=runtime.clock.now(),
            )
        )
    withdraw_consent(runtime, ada.id, wide.id, actor="test")

    assert candidates(stage, venue_id=other) == {ada.id}
    assert candidates(stage, venue_id=home(stage)) == set()
