"""An appeal that waits too long reminds whoever may decide it; histories tell those who may see."""

from datetime import timedelta

import pytest

from tests.integration.watchlist_desk import Desk
from vestibule.domain.permissions import Role
from vestibule.records import timeline, watchlist_entries
from vestibule.workflows.appeal_entry import Outcome, decide_appeal, record_appeal
from vestibule.workflows.remind_of_appeals import appeals_overdue_for


@pytest.fixture
def desk(stage) -> Desk:
    return Desk(stage)


@pytest.fixture
def appealed(desk):
    """Who approved it, and the appeal; its day is near and the entry holds long enough."""
    approvers = [desk.manager(), desk.manager()]
    guest_id = desk.guest()
    incident_id = desk.incident(guest_id, by=desk.doors[0])
    made = desk.by_hand(guest_id, desk.manager(), incident_id, days=90)
    for by in approvers:
        desk.decide(made.id, by)
    (appeal,) = record_appeal(
        desk.runtime, guest_id, statement="Not me.", caller=desk.staff(Role.HOST)
    )
    return guest_id, approvers[0], appeal


def _reminds(desk, caller) -> int:
    with desk.runtime.database.look() as transaction:
        return appeals_overdue_for(desk.runtime, transaction, caller)


def _overdue(desk) -> int:
    with desk.runtime.database.look() as transaction:
        now = desk.runtime.clock.now()
        return len(watchlist_entries.with_overdue_appeal(transaction, now=now))


def test_only_who_may_decide_is_reminded_and_only_from_its_day_on(desk, appealed):
    _guest_id, approver, appeal = appealed
    free, elsewhere = desk.manager(), desk.manager(desk.other_venue())
    before = _reminds(desk, free), _overdue(desk)
    desk.runtime.clock.moment = appeal.due_at - timedelta(seconds=1)
    assert (_reminds(desk, free), _overdue(desk)) == before

    desk.runtime.clock.moment = appeal.due_at
    assert (_reminds(desk, free), _overdue(desk)) == (before[0] + 1, before[1] + 1)
    assert _reminds(desk, approver) == before[0]
    for nobody in (elsewhere, desk.staff(Role.DPO), desk.staff(Role.HOST), desk.key()):
        assert _reminds(desk, nobody) == 0

    decide_appeal(desk.runtime, appeal.id, Outcome("upheld", "The video."), caller=free)
    assert (_reminds(desk, free), _overdue(desk)) == before


def test_appeals_and_rejections_stand_in_the_history_at_their_venues(desk, appealed):
    guest_id, _approver, appeal = appealed
    decide_appeal(
        desk.runtime, appeal.id, Outcome("lifted", "Two accounts."), caller=desk.manager()
    )
    again = desk.by_hand(
        guest_id, desk.manager(), desk.incident(guest_id, by=desk.doors[1]), days=7
    )
    desk.decide(again.id, desk.manager(), "reject")

    def told(venues):
        with desk.runtime.database.look() as transaction:
            now = desk.runtime.clock.now()
            events = timeline.timeline(
                transaction, guest_id, allowed={"decision": venues}, limit=50, now=now
            )
        return [event.facts.get("step") or "entry" for event in events]

    assert sorted(told(None)) == ["decided", "entry", "recorded", "rejected"]
    assert sorted(told({desk.home})) == sorted(told(None))
    assert told({desk.other_venue()}) == []


def test_pages_of_a_long_history_skip_and_repeat_nothing(desk, appealed):
    guest_id, _approver, appeal = appealed
    desk.passes(hours=1)
    decide_appeal(desk.runtime, appeal.id, Outcome("upheld", "x"), caller=desk.manager())
    seen, before = [], None
    while True:
        with desk.runtime.database.look() as transaction:
            now = desk.runtime.clock.now()
            page = timeline.timeline(
                transaction, guest_id, allowed={"decision": None}, limit=1, before=before, now=now
            )
        seen += [(one.id, one.facts.get("step")) for one in page[:1]]
        if len(page) < 2:
            break
        before = (page[0].at, page[0].id)
    assert len(seen) == len(set(seen)) == 3
