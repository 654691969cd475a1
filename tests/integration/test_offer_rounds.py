"""Segments count those who agreed; an offer to one reaches each of its guests once."""

from uuid import uuid4

import pytest

from tests.integration.incident_house import at_once
from tests.integration.offering_bar import Bar
from vestibule.domain.errors import (
    ConflictError,
    InvalidInputError,
)
from vestibule.domain.night import night_of
from vestibule.domain.segmentation import POLICY, Segment
from vestibule.records import segments
from vestibule.workflows import make_offer_round as rounds
from vestibule.workflows.make_offer_round import preview_round
from vestibule.workflows.redeem_offer import redeem_offer
from vestibule.workflows.show_offers import count_segments, list_rounds


@pytest.fixture
def bar(stage) -> Bar:
    return Bar(stage)


# ── segments ────────────────────────────────────────────────────────────────────────────────
def test_segments_count_those_who_agreed_as_the_domain_does_and_by_venue(bar):
    elsewhere = bar.house.other_venue()
    nights = {
        Segment.NEVER: [()],
        Segment.NEW: [(0,), (119,)],
        Segment.RETURNING: [(0, 300), (1, 2, 3)],
        Segment.REGULAR: [(0, 1, 2, 89)],
        Segment.LAPSED: [(120, 121, 122, 123, 124)],
    }
    made = {segment: {bar.guest(*n).id for n in sets} for segment, sets in nights.items()}
    bar.guest(0, agrees=False)
    far = bar.guest(0, venue_id=elsewhere)

    sizes = count_segments(bar.runtime, venue_id=bar.here, by=bar.manager)

    never = made[Segment.NEVER] | {far.id}
    assert sizes == {s: len(ids) for s, ids in {**made, Segment.NEVER: never}.items()}
    tonight = night_of(bar.now, timezone="Europe/Paris", closes_at_hour=8)
    with bar.runtime.database.begin() as transaction:
        where = {"venue_id": bar.here, "tonight": tonight, "now": bar.now}
        for segment, ids in {**made, Segment.NEVER: never}.items():
            assert set(segments.members(transaction, segment, POLICY, **where)) == ids


def test_segment_of_a_guest_is_told_to_who_plans_and_to_nobody_else(bar):
    guest, silent = bar.guest(0, 1), bar.guest(0, agrees=False)

    assert bar.listed(guest, by=bar.manager).segment is Segment.RETURNING
    assert bar.listed(guest, by=bar.host).segment is None
    assert bar.listed(silent, by=bar.manager).segment is None


def test_round_reaches_its_segment_once_however_often_it_is_sent(bar, monkeypatch):
    monkeypatch.setattr(rounds, "CHUNK", 2)
    reached, key = [bar.guest(0) for _ in range(5)], uuid4()
    bar.guest(0, 1)
    told = preview_round(bar.runtime, Segment.NEW, bar.terms(), venue_id=bar.here, by=bar.manager)
    assert told == 5

    at_once([lambda: bar.round(key=key, seen=5)] * 3)

    assert [len(bar.at_the_door(guest)) for guest in reached] == [1] * 5
    redeem_offer(bar.runtime, bar.at_the_door(reached[0])[0], by=bar.door)
    ((row, share),) = [
        one for one in list_rounds(bar.runtime, by=bar.manager).items if one[0].id == key
    ]
    assert (row.segment, share.made, share.redeemed, share.open) == ("new", 5, 1, 4)


def test_round_that_was_cut_off_goes_on(bar, monkeypatch):
    monkeypatch.setattr(rounds, "CHUNK", 2)
    for _ in range(5):
        bar.guest(0)
    key, add = uuid4(), rounds._add
    calls = []

    def cut_off(*args):
        calls.append(args)
        if len(calls) == 2:
            raise ConnectionError
        return add(*args)

    monkeypatch.setattr(rounds, "_add", cut_off)
    with pytest.raises(ConnectionError):
        bar.round(key=key, seen=5)
    monkeypatch.setattr(rounds, "_add", add)

    made = bar.round(key=key, seen=5)
    assert (made.guests, made.added) == (5, 3)


def test_round_does_not_reach_more_guests_than_were_told(bar):
    for _ in range(2):
        bar.guest(0)
    before = len(list_rounds(bar.runtime, by=bar.manager).items)
    with pytest.raises(ConflictError) as refused:
        bar.round(seen=1)
    assert refused.value.facts["guests"] == 2
    assert len(list_rounds(bar.runtime, by=bar.manager).items) == before


def test_round_is_bounded(bar, monkeypatch):
    monkeypatch.setattr(rounds, "MOST_IN_A_ROUND", 1)
    for _ in range(2):
        bar.guest(0)
    with pytest.raises(InvalidInputError):
        bar.round(seen=2)
