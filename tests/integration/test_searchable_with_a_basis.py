"""At no time is a template without a basis searchable: random histories against a model of them.

What the product says is asked in every way there is: what a result may show, what is searched, what
the index is told. The model knows only when a basis begins and ends.
"""

import dataclasses
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select, update

from tests.integration.watchlisted import keep_out as put_on_watchlist
from tests.integration.watchlisted import manager
from vestibule.domain.errors import ConflictError, OwnReportError
from vestibule.domain.ids import JobId, new_uuid
from vestibule.domain.permissions import EVERYTHING
from vestibule.domain.retention import NOTICE, Kept
from vestibule.records import gallery, idle_faces, venues
from vestibule.records.consent_tables import LegalProvision
from vestibule.records.people_tables import Account
from vestibule.records.retention_tables import LegalHold
from vestibule.records.tables import Consent, Customer, Template, Venue
from vestibule.records.watchlist_tables import WatchlistEntry
from vestibule.workflows.approve_provision import (
    NewProvision,
    approve_provision,
    end_provision,
    propose_provision,
)
from vestibule.workflows.keep_no_longer import remove_some
from vestibule.workflows.principal import Principal
from vestibule.workflows.record_consent import (
    ConsentGiven,
    lapse_consents,
    record_consents,
    withdraw_purposes,
)
from vestibule.workflows.run_job import run_job

WORDS = "The very words of the law that lets it, and why they apply here tonight."
STEPS = st.sampled_from(
    [
        "agree_here",
        "agree_there",
        "agree_to_offers",
        "share",
        "stop_sharing",
        "withdraw",
        "expire",
        "lapse",
        "keep_out",
        "lift",
        "provide",
        "provide_there",
        "end_provision",
        "let_provision_end",
        "restrict",
        "unrestrict",
        "retire",
        "restore",
        "hold",
        "lift_hold",
        "come_no_more",
    ]
)


@dataclass
class Model:
    """What holds, in the plainest words. ``listed`` is at every venue."""

    recognition: set[str] = field(default_factory=set)
    shares: bool = False
    listed: bool = False
    provisions: set[str] = field(default_factory=set)
    restricted: bool = False
    retired: bool = False
    held: bool = False
    """It keeps what there is, and lets nobody be found for that."""
    gone: bool = False

    def may_be_found(self, place: str) -> bool:
        by_consent = place in self.recognition or (bool(self.recognition) and self.shares)
        by_law = self.listed and bool(self.provisions & {place, "everywhere"})
        there = not self.restricted and not self.retired and not self.gone
        return there and (by_consent or by_law)


class History:
    def __init__(self, stage, there: UUID) -> None:
        self.stage, self.runtime = stage, stage.runtime
        with self.runtime.database.begin() as transaction:
            self.here, self.there = venues.home(transaction).id, there
        self.guest = stage.guest("Ada", stage.axis(0), consent=False).id
        self.officer, self.proposer = self._person(), self._person(proposes=True)
        self.model = Model()

    def _person(self, *, proposes: bool = False) -> Principal:
        account = manager(self.runtime) if proposes else None
        return Principal("somebody", None, account or OFFICER, EVERYTHING, self.here)

    def _change(self, statement) -> None:
        with self.runtime.database.begin() as transaction:
            transaction.execute(statement)

    def _agree(self, *purposes: str, venue_id: UUID) -> None:
        agreed = ConsentGiven("explicit-consent", "test", purposes=purposes, venue_id=venue_id)
        record_consents(self.runtime, self.guest, agreed, actor="test")

    def agree_here(self) -> None:
        self._agree("recognition", venue_id=self.here)
        self.model.recognition.add("here")

    def agree_there(self) -> None:
        self._agree("recognition", venue_id=self.there)
        self.model.recognition.add("there")

    def agree_to_offers(self) -> None:
        self._agree("offers", "statistics", venue_id=self.here)

    def share(self) -> None:
        self._agree("sharing", venue_id=self.here)
        self.model.shares = True

    def stop_sharing(self) -> None:
        withdraw_purposes(self.runtime, self.guest, ["sharing"], actor="test")
        self.model.shares = False

    def withdraw(self) -> None:
        withdraw_purposes(self.runtime, self.guest, ["recognition"], actor="test")
        self.model.recognition = set()

    def expire(self) -> None:
        """Time passes for every consent; no job has seen it yet."""
        past = func.statement_timestamp() - timedelta(seconds=1)
        of_theirs = update(Consent).where(Consent.customer_id == self.guest)
        self._change(of_theirs.values(expires_at=past))
        self.model.recognition, self.model.shares = set(), False

    def lapse(self) -> None:
        lapse_consents(self.runtime)

    def keep_out(self) -> None:
        if not self.model.listed:
            put_on_watchlist(self.runtime, self.guest)
            self.model.listed = True

    def lift(self) -> None:
        entries = update(WatchlistEntry).where(WatchlistEntry.customer_id == self.guest)
        self._change(entries.values(lifted_at=func.statement_timestamp()))
        self.model.listed = False

    def provide(self) -> None:
        self._provide(None, "everywhere")

    def provide_there(self) -> None:
        self._provide(self.there, "there")

    def _provide(self, venue_id: UUID | None, place: str) -> None:
        ends_at = self.runtime.clock.now() + timedelta(days=30)
        new = NewProvision("A law", "Code, art. 1", WORDS, venue_id, ends_at)
        proposed = propose_provision(self.runtime, new, by=self.proposer)
        self.check()  # what is named and not approved lets nobody be found
        approve_provision(self.runtime, proposed.id, by=self.officer)
        self.model.provisions.add(place)

    def end_provision(self) -> None:
        for provision_id in self._provisions():
            end_provision(self.runtime, provision_id, by=self.officer)
        self.model.provisions = set()

    def let_provision_end(self) -> None:
        past = func.statement_timestamp() - timedelta(seconds=1)
        self._change(update(LegalProvision).values(ends_at=past))
        self.model.provisions = set()

    def _provisions(self) -> list[UUID]:
        with self.runtime.database.begin() as transaction:
            return list(transaction.scalars(select(LegalProvision.id)))

    def restrict(self) -> None:
        who = update(Customer).where(Customer.id == self.guest)
        self._change(who.values(restricted_at=func.statement_timestamp()))
        self.model.restricted = True

    def unrestrict(self) -> None:
        self._change(update(Customer).where(Customer.id == self.guest).values(restricted_at=None))
        self.model.restricted = False

    def retire(self) -> None:
        self._status("RETIRED")
        self.model.retired = True

    def restore(self) -> None:
        self._status("ACTIVE")
        self.model.retired = False

    def _status(self, status: str) -> None:
        theirs = update(Template).where(Template.customer_id == self.guest)
        self._change(theirs.values(status=status))

    def hold(self) -> None:
        now = self.runtime.clock.now()
        hold = LegalHold(
            customer_id=self.guest,
            reason="A claim.",
            placed_by="dpo",
            placed_by_id=OFFICER,
            placed_at=now,
            ends_at=now + timedelta(days=90),
        )
        with self.runtime.database.begin() as transaction:
            transaction.add(hold)
        self.model.held = True

    def lift_hold(self) -> None:
        over = {"lifted_at": func.statement_timestamp(), "lifted_reason": "Settled."}
        self._change(update(LegalHold).values(**over))
        self.model.held = False

    def come_no_more(self) -> None:
        """Their face's time is up: it goes, or stays under a hold and out of every search."""
        past = func.statement_timestamp() - timedelta(days=400)
        self._change(update(Customer).where(Customer.id == self.guest).values(created_at=past))
        for table, column in ((Template, "created_at"), (Consent, "given_at")):
            theirs = update(table).where(table.customer_id == self.guest)
            self._change(theirs.values({column: past}))
        told = datetime.now(UTC) - NOTICE - timedelta(days=1)
        with self.runtime.database.begin() as transaction:
            idle_faces.END.announce(transaction, [self.guest], now=told)
        remove_some(self.runtime, Kept.TEMPLATE)
        self.model.retired = True
        self.model.gone = self.model.gone or not self.model.held

    def check(self) -> None:
        space_id = self.runtime.engine.space.id
        with self.runtime.database.begin() as transaction:
            theirs = [t.id for t in gallery.templates_of(transaction, self.guest)]
            for place, venue_id in (("here", self.here), ("there", self.there)):
                found = gallery.still_searchable(transaction, theirs, venue_id=venue_id)
                assert bool(found) == self.model.may_be_found(place), place
            anywhere = self.model.may_be_found("here") or self.model.may_be_found("there")
            searched = gallery.searchable_template_ids(transaction, space_id)
            assert bool(searched & set(theirs)) == anywhere
            assert bool(gallery.lock_searchable(transaction, theirs)) == anywhere
            ground = gallery.bases(transaction, [self.guest]).get(self.guest)
            assert ground is not None or not anywhere

    def strike(self) -> None:
        self._change(delete(LegalProvision))
        self._change(delete(LegalHold))
        self.stage.strike()


OFFICER = new_uuid()


@pytest.fixture
def there(stage):
    with stage.runtime.database.begin() as transaction:
        now = datetime.now(UTC)  # the test's own clock is earlier than the home venue
        if transaction.get(Account, OFFICER) is None:
            transaction.add(Account(id=OFFICER, name="Camille", status="ACTIVE", created_at=now))
        venue = Venue(
            id=new_uuid(),
            name="The other club",
            timezone="Europe/Paris",
            closes_at_hour=8,
            created_at=now,
        )
        transaction.add(venue)
        return venue.id


@pytest.fixture
def present(stage):
    """The product's clock and Postgres' say the same, as they do where it runs."""

    class Now:
        moment = datetime.now(UTC)

        def now(self) -> datetime:
            return datetime.now(UTC)

    stage.runtime = dataclasses.replace(stage.runtime, clock=Now())
    return stage


@pytest.mark.duty("GDPR 9")
@settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=st.lists(STEPS, min_size=3, max_size=12))
def test_art_9_no_history_leaves_a_template_without_a_basis_searchable(present, there, steps):
    history = History(present, there)
    try:
        history.check()
        for step in steps:
            getattr(history, step)()
            history.check()
    finally:
        history.strike()


@pytest.mark.duty("GDPR 9")
def test_nobody_approves_the_law_that_they_named(present, there):
    history = History(present, there)
    ends_at = datetime.now(UTC) + timedelta(days=30)
    new = NewProvision("A law", "Code, art. 1", WORDS, None, ends_at)
    proposed = propose_provision(history.runtime, new, by=history.officer)
    with pytest.raises(OwnReportError):
        approve_provision(history.runtime, proposed.id, by=history.officer)
    approve_provision(history.runtime, proposed.id, by=history.proposer)
    with pytest.raises(ConflictError):
        approve_provision(history.runtime, proposed.id, by=history.proposer)
    history.strike()


@pytest.mark.duty("GDPR 9")
def test_by_law_alone_a_face_is_found_for_the_watchlist_and_no_more(present, there):
    history = History(present, there)
    assert present.who(present.photo(present.axis(0))) == [None]
    history.keep_out()
    assert present.who(present.photo(present.axis(0))) == [None]
    history.provide()
    assert present.who(present.photo(present.axis(0))) == [history.guest]
    history.end_provision()
    assert present.who(present.photo(present.axis(0))) == [None]
    history.strike()


# ── withdrawal while a photo is looked at ───────────────────────────────────────────────────
class WithdrawingIndex:
    """Answers as the real one, and then the guest withdraws: the search is over, the result not."""

    def __init__(self, index, withdraw) -> None:
        self._index, self._withdraw = index, withdraw

    def __getattr__(self, name: str):
        return getattr(self._index, name)

    def search(self, *asked, **more):
        found = self._index.search(*asked, **more)
        self._withdraw()
        return found


class WithdrawingBlobs:
    """The guest withdraws while the result's pictures are stored: after Postgres had looked."""

    def __init__(self, blobs, withdraw) -> None:
        self._blobs, self._withdraw = blobs, withdraw

    def __getattr__(self, name: str):
        return getattr(self._blobs, name)

    def put(self, key: str, content: bytes) -> None:
        self._blobs.put(key, content)
        if key.endswith("/image.jpg"):
            self._withdraw()


@pytest.mark.duty("GDPR 7(3)")
@pytest.mark.parametrize("moment", ["searched", "stored"])
def test_art_7_withdrawal_during_a_running_identification_shows_nothing(stage, moment):
    ada = stage.guest("Ada", stage.axis(0))
    runtime = stage.runtime

    def withdraw() -> None:
        withdraw_purposes(runtime, ada.id, ["recognition"], actor="test")

    if moment == "searched":
        index = WithdrawingIndex(runtime.index, withdraw)
        stage.runtime = dataclasses.replace(runtime, index=index)
    else:
        stage.runtime = dataclasses.replace(
            runtime, blobs=WithdrawingBlobs(runtime.blobs, withdraw)
        )
    photo = stage.identified(stage.photo(stage.axis(0)))
    stage.runtime = runtime
    runtime.clock.moment += timedelta(minutes=5)
    run_job(runtime, JobId(photo.job_id))  # as the schedule does where it must be done again
    [face] = stage.faces(photo)

    assert (face.decision, face.customer_id, face.template_id) == ("UNKNOWN", None, None)
    assert face.crop_key is None
    assert not [key for key in runtime.blobs.keys(f"photos/{photo.id}/") if "faces" in key]
