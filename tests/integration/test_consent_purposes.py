"""Consents for each purpose apart: where they hold, when they end, what text they were given on."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from tests.people import headers, sign_in_as
from vestibule.domain.built_in_notices import SECOND
from vestibule.domain.errors import InvalidInputError
from vestibule.domain.ids import new_uuid
from vestibule.domain.permissions import Role
from vestibule.records import consents, venues
from vestibule.records.consent_tables import PrivacyNotice
from vestibule.records.tables import Consent, Venue
from vestibule.records.timeline import timeline
from vestibule.workflows.record_consent import (
    ConsentGiven,
    lapse_consents,
    record_consents,
    withdraw_consent,
    withdraw_purposes,
)


@pytest.fixture
def ada(stage):
    return stage.guest("Ada", stage.axis(0))


def let_expire(stage, customer_id) -> None:
    with stage.runtime.database.begin() as transaction:
        now = func.statement_timestamp()
        of_theirs = update(Consent).where(Consent.customer_id == customer_id)
        transaction.execute(of_theirs.values(expires_at=now - timedelta(seconds=1)))


def another_venue(stage):
    with stage.runtime.database.begin() as transaction:
        venue = Venue(
            id=new_uuid(),
            name="The other club",
            timezone="Europe/Paris",
            closes_at_hour=8,
            created_at=datetime.now(UTC),  # the test's own clock is earlier than the home venue
        )
        transaction.add(venue)
        return venue.id


def home(stage):
    with stage.runtime.database.begin() as transaction:
        return venues.home(transaction).id


def agree(stage, customer_id, *purposes, **more):
    given = ConsentGiven("explicit-consent", "in person", purposes=purposes, **more)
    return record_consents(stage.runtime, customer_id, given, actor="host")


def agreed(stage, purpose, customer_id, **more):
    with stage.runtime.database.begin() as transaction:
        return customer_id in consents.agreeing_to(transaction, purpose, [customer_id], **more)


@pytest.mark.duty("GDPR 9")
def test_art_7_expired_consent_is_found_by_no_photo_before_any_job_ran(stage, ada):
    photo = stage.photo(stage.axis(0))
    assert stage.who(photo) == [ada.id]
    let_expire(stage, ada.id)

    assert stage.who(stage.photo(stage.axis(0))) == [None]


def test_lapsed_consent_leaves_the_index_and_an_entry_once(stage, ada):
    let_expire(stage, ada.id)

    assert lapse_consents(stage.runtime) == 1
    assert lapse_consents(stage.runtime) == 0
    [row] = stage.runtime.index.search(stage.runtime.generation, stage.axis(0)[None], limit=5)
    assert row == []
    agree(stage, ada.id, "recognition")
    assert stage.who(stage.photo(stage.axis(0))) == [ada.id]


def test_consent_ends_when_its_notice_says_so(stage, ada):
    [offers] = agree(stage, ada.id, "offers")

    assert offers.expires_at == offers.given_at + timedelta(days=SECOND.validity_days)
    assert offers.notice_version == SECOND.version


@pytest.mark.duty("GDPR 5(1)(b)")
def test_art_5_one_purpose_is_not_another(stage, ada):
    agree(stage, ada.id, "offers")

    assert agreed(stage, "offers", ada.id)
    assert not agreed(stage, "statistics", ada.id)
    withdraw_purposes(stage.runtime, ada.id, ["recognition"], actor="host")
    assert agreed(stage, "offers", ada.id)
    assert stage.who(stage.photo(stage.axis(0))) == [None]


@pytest.mark.duty("GDPR 9")
def test_offers_alone_let_no_photo_find_anybody(stage, ada):
    withdraw_purposes(stage.runtime, ada.id, ["recognition"], actor="host")
    agree(stage, ada.id, "offers", "statistics", "sharing")

    assert stage.who(stage.photo(stage.axis(0))) == [None]


def test_sharing_carries_recognition_to_other_venues_until_it_is_withdrawn(stage, ada):
    withdraw_purposes(stage.runtime, ada.id, ["recognition"], actor="host")
    other = another_venue(stage)
    agree(stage, ada.id, "recognition", venue_id=other)
    assert stage.who(stage.photo(stage.axis(0))) == [None]

    agree(stage, ada.id, "sharing", venue_id=other)
    assert stage.who(stage.photo(stage.axis(0))) == [ada.id]
    withdraw_purposes(stage.runtime, ada.id, ["sharing"], actor="host")
    assert stage.who(stage.photo(stage.axis(0))) == [None]
    assert agreed(stage, "recognition", ada.id, venue_id=other)


@pytest.mark.duty("GDPR 7(3)")
def test_art_7_withdrawal_takes_back_what_was_renewed_too(stage, ada):
    [again] = agree(stage, ada.id, "recognition")

    withdraw_consent(stage.runtime, ada.id, again.id, actor="host")

    assert stage.who(stage.photo(stage.axis(0))) == [None]


@pytest.mark.duty("GDPR 7(1)")
@pytest.mark.parametrize(
    "wrong",
    [
        {"purposes": ("recognition", "recognition")},
        {"purposes": ()},
        {"purposes": ("offers",), "notice_version": "2026-11"},
        {"notice_version": "never"},
        {"basis": "legitimate-interest"},
    ],
)
def test_consent_that_no_notice_asked_for_is_refused(stage, ada, wrong):
    given = ConsentGiven(**{"basis": "explicit-consent", "given_by": "in person", **wrong})
    with pytest.raises(InvalidInputError):
        record_consents(stage.runtime, ada.id, given, actor="host")


def test_consent_is_called_ending_unless_a_later_one_goes_on(stage, ada):
    def ending() -> list[str]:
        with stage.runtime.database.begin() as transaction:
            now = datetime.now(UTC)
            until = now + timedelta(days=60)
            page = consents.ending(transaction, after=now, until=until, offset=0, limit=100)
            return [one.purpose for one in page.items if one.customer.id == ada.id]

    assert ending() == []
    with stage.runtime.database.begin() as transaction:
        of_theirs = update(Consent).where(Consent.customer_id == ada.id)
        transaction.execute(of_theirs.values(expires_at=datetime.now(UTC) + timedelta(days=5)))
    assert ending() == ["recognition"]
    agree(stage, ada.id, "recognition")
    assert ending() == []


def test_history_names_who_took_the_withdrawal_and_not_who_had_taken_the_consent(stage, ada):
    (given,) = agree(stage, ada.id, "offers")
    withdraw_consent(stage.runtime, ada.id, given.id, actor="Anna")
    with stage.runtime.database.look() as transaction:
        found = timeline(
            transaction, ada.id, allowed={"consent": None}, limit=9, now=stage.runtime.clock.now()
        )
    told = {(one.facts["step"], one.facts["purpose"]): one.source for one in found}
    assert told["withdrawn", "offers"] == "Anna"
    assert told["given", "offers"] == "host"


# ── notices ─────────────────────────────────────────────────────────────────────────────────
TEXT = {
    "title": "Our own words",
    "body": "We look.",
    "purposes": dict.fromkeys(("recognition", "offers", "statistics", "sharing"), "Yes."),
}


@pytest.fixture
def dpo(here):
    yield headers(sign_in_as(here.runtime, Role.DPO, name="Camille"))
    with here.runtime.database.begin() as transaction:
        for row in transaction.scalars(select(PrivacyNotice)):
            transaction.delete(row)


@pytest.mark.duty("GDPR 13")
@pytest.mark.anyio
async def test_art_13_published_notice_is_shown_and_the_former_stays_readable(client, dpo):
    draft = {"texts": {"en": TEXT, "fr": {**TEXT, "body": ""}}, "validity_days": 100}
    kept = (await client.post("/v1/privacy-notices/draft", json=draft, headers=dpo)).json()
    assert kept["missing"] == ["fr.body"]
    refused = await client.post("/v1/privacy-notices/publication", headers=dpo)
    assert (refused.status_code, refused.json()["facts"]["fields"]) == (422, ["fr.body"])

    draft["texts"]["fr"] = TEXT
    await client.post("/v1/privacy-notices/draft", json=draft, headers=dpo)
    current = (await client.get("/v1/privacy-notices/current", headers=dpo)).json()
    assert current["version"] == SECOND.version  # nobody is shown a draft
    published = (await client.post("/v1/privacy-notices/publication", headers=dpo)).json()

    current = (await client.get("/v1/privacy-notices/current", headers=dpo)).json()
    assert current == published
    before = await client.get(f"/v1/privacy-notices/{SECOND.version}", headers=dpo)
    assert before.json()["texts"] == SECOND.as_json()
    again = await client.post("/v1/privacy-notices/publication", headers=dpo)
    assert again.status_code == 404


@pytest.mark.anyio
@pytest.mark.usefixtures("dpo")
async def test_version_bears_the_day_that_it_is_at_the_venue(client, here):
    here.runtime.clock.moment = datetime(2031, 7, 1, 22, 30, tzinfo=UTC)  # half past midnight there
    draft = {"texts": {"en": TEXT, "fr": TEXT}, "validity_days": 100}
    officer = headers(sign_in_as(here.runtime, Role.DPO))
    await client.post("/v1/privacy-notices/draft", json=draft, headers=officer)
    published = await client.post("/v1/privacy-notices/publication", headers=officer)
    assert published.json()["version"] == "2031-07-02"


@pytest.mark.anyio
async def test_program_publishes_no_notice(client, here, dpo):
    draft = {"texts": {"en": TEXT, "fr": TEXT}, "validity_days": 100}
    await client.post("/v1/privacy-notices/draft", json=draft, headers=dpo)
    owner = headers(sign_in_as(here.runtime, *Role))
    key = (await client.post("/v1/api-keys", json={"name": "program"}, headers=owner)).json()

    refused = await client.post("/v1/privacy-notices/publication", headers=headers(key["api_key"]))

    assert refused.status_code == 403
