"""What has had its time goes, what is held back stays, and nobody is found for being held."""

import random
from datetime import timedelta
from uuid import UUID

import pytest

from tests.integration.incident_house import at_once
from tests.integration.retention_home import DAYS, Home, guest
from tests.integration.watchlisted import keep_out, manager
from vestibule.domain.retention import Kept
from vestibule.records.visit_tables import Visit
from vestibule.records.watchlist_tables import (
    WatchlistAppeal,
    WatchlistEntry,
    WatchlistEvidence,
    WatchlistProposal,
)
from vestibule.workflows import keep_no_longer
from vestibule.workflows.keep_no_longer import (
    RetentionRounds,
    remove_everything_due,
    remove_some,
)
from vestibule.workflows.show_retention import retention_overdue_s, show_retention


@pytest.fixture
def home(stage) -> Home:
    made = Home(stage)
    yield made
    made.strike()


# ── rows ────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.duty("GDPR 5(1)(e)")
def test_art_5_1_e_visits_and_purchases_go_when_their_time_is_up_and_not_a_second_earlier(home):
    due, not_yet = guest(home, 1).id, guest(home, 2).id
    for one, days in ((due, DAYS[Kept.VISIT]), (not_yet, DAYS[Kept.VISIT] - 0.0001)):
        home.visit(one, days_ago=days)
        home.purchase(one, days_ago=days)
    gone = remove_everything_due(home.runtime)
    assert gone[Kept.VISIT] == gone[Kept.PURCHASE] == 1
    assert (home.visits_of(due), home.visits_of(not_yet)) == (0, 1)
    entry = home.entries_of("retention.expire")[-1]
    assert entry.actor == "system" and entry.details["count"] == 1
    assert not any(remove_everything_due(home.runtime).values())


def test_incident_goes_with_its_file_but_not_while_somebody_is_kept_out_for_it(home):
    one = guest(home).id
    old = home.clock.now() - timedelta(days=DAYS[Kept.INCIDENT])
    free, needed = (home.incident(one, occurred_at=old) for _ in range(2))
    dismissed = home.incident(
        one,
        state="DISMISSED",
        decided_at=home.clock.now() - timedelta(days=DAYS[Kept.DISMISSED_INCIDENT]),
    )
    entry_id = keep_out(home.runtime, one)
    rest_on(home, entry_id, needed)
    remove_everything_due(home.runtime)
    assert home.house.row(free) is None and home.house.row(dismissed) is None
    assert home.house.row(needed) is not None
    home.pass_days(11)
    remove_everything_due(home.runtime)
    assert home.house.row(needed) is None


def rest_on(home: Home, entry_id: UUID, incident_id: UUID) -> None:
    with home.runtime.database.begin() as transaction:
        entry = transaction.get_one(WatchlistEntry, entry_id)
        transaction.add(
            WatchlistEvidence(
                proposal_id=entry.proposal_id,
                incident_id=incident_id,
                reporter_id=manager(home.runtime),
            )
        )


def test_entry_goes_with_its_proposal_but_not_while_an_appeal_waits(home):
    one = guest(home).id
    entry_id = keep_out(home.runtime, one, days=10)
    account, now = manager(home.runtime), home.clock.now()
    appeal = WatchlistAppeal(
        entry_id=entry_id,
        statement="It was not me.",
        recorded_by="host",
        recorded_by_id=account,
        recorded_at=now,
        due_at=now,
    )
    with home.runtime.database.begin() as transaction:
        transaction.add(appeal)
    home.pass_days(10 + DAYS[Kept.ENTRY] + 30)
    assert remove_everything_due(home.runtime)[Kept.ENTRY] == 0
    decided = home.clock.now()
    with home.runtime.database.begin() as transaction:
        row = transaction.get_one(WatchlistAppeal, appeal.id)
        row.outcome, row.decided_by, row.decided_by_id = "upheld", "manager", account
        row.decided_at = decided
    assert remove_everything_due(home.runtime)[Kept.ENTRY] == 0, "an appeal was just decided"
    home.pass_days(DAYS[Kept.ENTRY])
    assert remove_everything_due(home.runtime)[Kept.ENTRY] == 1
    assert home.count(WatchlistProposal, WatchlistProposal.customer_id == one) == 0


def test_large_backlog_goes_in_pieces_over_rounds(home, monkeypatch):
    monkeypatch.setattr(keep_no_longer, "ROWS", 3)
    one = guest(home).id
    for day in range(20):
        home.visit(one, days_ago=1_000 + day)
    rounds = RetentionRounds()
    rounds.round(home.runtime)
    assert home.visits_of(one) == 20 - 3 * keep_no_longer.PIECES_A_ROUND
    rounds.round(home.runtime)
    assert home.visits_of(one) == 0
    counts = [e.details["count"] for e in home.entries_of("retention.expire")][-7:]
    assert counts == [3, 3, 3, 3, 3, 3, 2]


def test_two_at_once_remove_each_thing_once(home):
    one = guest(home).id
    for day in range(30):
        home.visit(one, days_ago=1_000 + day)
    removed = list[int]()
    at_once([lambda: removed.append(remove_some(home.runtime, Kept.VISIT)[0])] * 4)
    assert sum(removed) == 30


def test_clock_that_jumped_is_not_believed_at_once(home):
    one = guest(home).id
    home.visit(one)
    rounds = RetentionRounds()
    rounds.round(home.runtime)
    home.pass_days(4_000)
    rounds.round(home.runtime)
    home.clock.moment += timedelta(seconds=2)
    rounds.round(home.runtime)
    assert home.visits_of(one) == 1
    home.pass_days(-4_000)
    rounds.round(home.runtime)
    assert home.visits_of(one) == 1


# ── legal holds ─────────────────────────────────────────────────────────────────────────────
def test_hold_on_a_guest_keeps_all_that_is_theirs_until_it_ends(home):
    held, other = guest(home, 1).id, guest(home, 2).id
    old = home.clock.now() - timedelta(days=2_000)
    for one in (held, other):
        home.visit(one, days_ago=2_000)
        home.purchase(one, days_ago=2_000)
    incident_id = home.incident(held, other, occurred_at=old)
    home.hold(customer_id=held, days=20)
    remove_everything_due(home.runtime)
    assert (home.visits_of(held), home.visits_of(other)) == (1, 0)
    assert home.house.row(incident_id) is not None
    assert retention_overdue_s(home.runtime)["visit"] == 0, "what is held back is not late"
    assert show_retention(home.runtime, venue_id=home.house.venue_id).outlooks["visit"].held == 1
    home.pass_days(20)
    remove_everything_due(home.runtime)
    assert home.visits_of(held) == 0 and home.house.row(incident_id) is None


def test_hold_covers_files_that_were_merged_into_one(home):
    from vestibule.workflows.merge_customers import merge_customers

    kept, merged = guest(home, 1).id, guest(home, 2).id
    for one in (kept, merged):
        home.visit(one, days_ago=2_000)  # of one night: the merged file keeps its own
    merge_customers(home.runtime, kept_id=kept, merged_id=merged, actor="test")
    home.hold(customer_id=kept)
    remove_everything_due(home.runtime)
    assert home.count(Visit, Visit.customer_id.in_([kept, merged])) == 2


def test_random_histories_of_holds_policies_and_clocks(home):
    """Against a plain model: nothing held goes, nothing due stays, whatever happened before."""
    for seed in range(3):
        _one_history(home, random.Random(seed))


def _one_history(home: Home, chance: random.Random) -> None:
    people = [guest(home, axis).id for axis in (1, 2, 3)]
    model: dict[UUID, set] = {one: set() for one in people}
    holds: dict[UUID, object] = {}
    kept_days = DAYS[Kept.VISIT]
    for _ in range(20):
        deed, one = (
            chance.choice(("visit", "visit", "pass", "hold", "policy")),
            chance.choice(people),
        )
        if deed == "visit":
            home.visit(one)
            if home.clock.now().date() not in {moment.date() for moment in model[one]}:
                model[one].add(home.clock.now())
        elif deed == "pass":
            home.pass_days(chance.choice((0.5, 20, 200, 700)))
        elif deed == "hold":
            days = chance.choice((1, 100, 900))
            home.hold(customer_id=one, days=days)
            ends = home.clock.now() + timedelta(days=days)
            holds[one] = max(ends, holds.get(one, ends))
        else:
            kept_days = chance.choice((30, 365, 1095))
            home.adopt(visit=kept_days)
        if chance.random() < 0.5:
            remove_everything_due(home.runtime)
            now = home.clock.now()
            for each, moments in model.items():
                if each not in holds or holds[each] <= now:
                    model[each] = {m for m in moments if m > now - timedelta(days=kept_days)}
        for each, moments in model.items():
            assert home.visits_of(each) == len(moments)
    home.stage.strike()
    home.strike()


# ── what goes when ──────────────────────────────────────────────────────────────────────────
def test_page_tells_what_goes_on_which_day_and_what_is_late(home):
    one = guest(home).id
    for days in (DAYS[Kept.VISIT] + 2, DAYS[Kept.VISIT] - 3, DAYS[Kept.VISIT] - 60):
        home.visit(one, days_ago=days)
    seen = show_retention(home.runtime, venue_id=home.house.venue_id).outlooks["visit"]
    night = (home.clock.now() + timedelta(days=3, hours=1)).date()  # in Paris it is the next day
    assert seen.days == {night: 1}
    assert seen.overdue == 1
    assert retention_overdue_s(home.runtime)["visit"] == pytest.approx(2 * 86_400, abs=5)
