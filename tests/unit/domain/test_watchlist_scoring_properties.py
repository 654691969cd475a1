"""What must be true of the points whatever happened, in whatever order, under whatever policy."""

import dataclasses
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vestibule.domain.incidents import COUNTING, IncidentKind, IncidentState, Part, PastIncident
from vestibule.domain.night import night_of
from vestibule.domain.watchlist_policy import (
    AS_SHIPPED,
    BOUNDS,
    MOST_POINTS,
    WatchlistPolicy,
    content_of,
    policy_of,
)
from vestibule.domain.watchlist_scoring import THOUSANDTHS, Before, findings, score

TODAY = date(2026, 11, 21)
VENUES = [UUID(int=n) for n in (1, 2)]
REPORTERS = [UUID(int=n) for n in (11, 12, 13)]
NEVER_ASKED = Before(heard={})

rows = st.lists(st.integers(0, 120), min_size=5, max_size=5).map(sorted)


@st.composite
def policies(draw: st.DrawFn) -> WatchlistPolicy:
    """Any policy that validation lets through, the odd ones too."""
    cap = draw(st.integers(1, 150))
    threshold = cap + draw(st.integers(1, 60))
    half_life = draw(st.integers(*BOUNDS["half_life_days"]))
    content = {
        **{name: draw(st.integers(*bounds)) for name, bounds in BOUNDS.items()},
        "points": {kind.value: draw(rows) for kind in IncidentKind},
        "ladder_days": sorted(draw(st.sets(st.integers(1, 400), min_size=1, max_size=6))),
        "half_life_days": half_life,
        "forgotten_after_days": max(14, half_life + draw(st.integers(0, 600))),
        "reporter_cap": cap,
        "night_cap": draw(st.integers(1, 150)),
        "venue_threshold": threshold,
        "chain_threshold": threshold + draw(st.integers(0, 160)),
        "approvals_short": draw(st.integers(1, 2)),
    }
    return policy_of(content)


@st.composite
def incidents(draw: st.DrawFn, *, least: int = 0) -> list[PastIncident]:
    nights = draw(st.lists(st.integers(-1, 700), min_size=least, max_size=8))
    return [
        PastIncident(
            incident_id=UUID(int=1000 + n),
            kind=draw(st.sampled_from(IncidentKind)),
            severity=draw(st.integers(1, 5)),
            occurred_at=datetime(2026, 11, 21, 23, tzinfo=UTC) - timedelta(days=age),
            venue_id=draw(st.sampled_from(VENUES)),
            night=TODAY - timedelta(days=age),
            reporter_id=draw(st.sampled_from(REPORTERS)),
            state=draw(st.sampled_from(IncidentState)),
            part=draw(st.sampled_from(Part)),
        )
        for n, age in enumerate(nights)
    ]


either = policies() | st.just(AS_SHIPPED)


@given(either, incidents(), st.randoms())
def test_order_of_events_does_not_matter(policy, past, random) -> None:
    shuffled = random.sample(past, len(past))
    assert score(policy, shuffled, as_of=TODAY) == score(policy, past, as_of=TODAY)
    assert findings(policy, shuffled, as_of=TODAY, before=NEVER_ASKED) == findings(
        policy, past, as_of=TODAY, before=NEVER_ASKED
    )


@given(either, incidents())
def test_only_verified_deeds_of_the_customer_count(policy, past) -> None:
    deeds = [one for one in past if one.state in COUNTING and one.part is Part.ACTOR]
    assert score(policy, past, as_of=TODAY) == score(policy, deeds, as_of=TODAY)


@given(either, incidents(), st.sampled_from([Part.VICTIM, Part.WITNESS]))
def test_victims_and_witnesses_gain_nothing(policy, past, part) -> None:
    others = [dataclasses.replace(one, part=part) for one in past]
    assert score(policy, others, as_of=TODAY).points == 0


@pytest.mark.duty("GDPR 22")
@given(either, incidents())
def test_one_reporter_alone_reaches_no_threshold(policy, past) -> None:
    alone = [
        dataclasses.replace(
            one, reporter_id=REPORTERS[0], state=IncidentState.VERIFIED, part=Part.ACTOR
        )
        for one in past
    ]
    assert findings(policy, alone, as_of=TODAY, before=NEVER_ASKED) == []


@given(either, incidents(least=1), st.data())
def test_more_severe_never_scores_less(policy, past, data) -> None:
    place = data.draw(st.integers(0, len(past) - 1))
    worse = data.draw(st.integers(past[place].severity, 5))
    worsened = [*past]
    worsened[place] = dataclasses.replace(past[place], severity=worse)
    before, after = score(policy, past, as_of=TODAY), score(policy, worsened, as_of=TODAY)
    assert after.points >= before.points


@given(either, incidents(), incidents())
def test_one_incident_more_never_scores_less(policy, past, further) -> None:
    more = [
        dataclasses.replace(one, incident_id=UUID(int=one.incident_id.int + 100)) for one in further
    ]
    alone = score(policy, past, as_of=TODAY).points
    assert score(policy, [*past, *more], as_of=TODAY).points >= alone


@given(either, incidents(), st.integers(0, 900), st.integers(0, 900))
def test_points_only_fall_with_time_and_reach_zero(policy, past, sooner, later) -> None:
    first, second = sorted([sooner, later])
    start = TODAY + timedelta(days=1)  # no night of the draw lies after it
    then = score(policy, past, as_of=start + timedelta(days=first)).points
    assert score(policy, past, as_of=start + timedelta(days=second)).points <= then
    end = start + timedelta(days=policy.forgotten_after_days)
    assert score(policy, past, as_of=end).points == 0


@given(either, incidents())
def test_every_point_is_explained(policy, past) -> None:
    found = score(policy, past, as_of=TODAY)
    for groups, cap in ((found.nights, policy.night_cap), (found.reporters, policy.reporter_cap)):
        assert sum(group.points for group in groups) == sum(line.points for line in found.lines)
        assert all(group.counted == min(group.points, cap * THOUSANDTHS) for group in groups)
    sums = [sum(group.counted for group in of) for of in (found.nights, found.reporters)]
    assert found.points == min(sums)
    for line in found.lines:
        exact = (
            line.base
            * line.repetition_percent
            / 100
            * 0.5 ** (line.age_days // policy.half_life_days)
        )
        exact *= 1 - (line.age_days % policy.half_life_days) / (2 * policy.half_life_days)
        assert abs(line.points / THOUSANDTHS - exact) <= 0.001 + exact * 1e-9


@given(either, incidents())
def test_who_was_asked_is_not_asked_again_on_the_same_evidence(policy, past) -> None:
    asked = findings(policy, past, as_of=TODAY, before=NEVER_ASKED)
    heard = {one.venue_id: one.score.incident_ids for one in asked}
    assert findings(policy, past, as_of=TODAY, before=Before(heard, len(asked))) == []


@given(either, incidents(), st.integers(0, 3))
def test_earlier_entries_never_shorten_what_is_proposed(policy, past, entries) -> None:
    first = findings(policy, past, as_of=TODAY, before=NEVER_ASKED)
    again = findings(policy, past, as_of=TODAY, before=Before({}, entries))
    assert [one.venue_id for one in first] == [one.venue_id for one in again]
    assert all(b.days >= a.days for a, b in zip(first, again, strict=True))


@given(either, incidents(), st.sampled_from(["UTC", "Asia/Tokyo", "America/New_York"]))
def test_the_zone_in_which_a_moment_is_written_changes_nothing(policy, past, zone) -> None:
    moved = [
        dataclasses.replace(one, occurred_at=one.occurred_at.astimezone(ZoneInfo(zone)))
        for one in past
    ]
    assert score(policy, moved, as_of=TODAY).points == score(policy, past, as_of=TODAY).points


@given(
    either,
    st.datetimes(datetime(2026, 10, 20), datetime(2026, 11, 5)),
    st.sampled_from(["Europe/Paris", "America/New_York", "Australia/Lord_Howe", "UTC"]),
)
def test_a_change_of_the_clocks_moves_no_point(policy, moment, zone) -> None:
    """Whatever the hour, an incident is as old as its night."""
    at = moment.replace(tzinfo=UTC)
    night = night_of(at, timezone=zone, closes_at_hour=8)
    made = PastIncident(
        UUID(int=1),
        IncidentKind.VIOLENCE,
        4,
        at,
        VENUES[0],
        night,
        REPORTERS[0],
        IncidentState.VERIFIED,
        Part.ACTOR,
    )
    (line,) = score(policy, [made], as_of=night + timedelta(days=20)).lines or (None,)
    assert line is None or line.age_days == 20


@given(either, incidents())
def test_a_merged_customer_answers_for_each_incident_once(policy, past) -> None:
    """Two files of one person may both be in an incident; joined, it is still one."""
    assert score(policy, [*past, *past], as_of=TODAY) == score(policy, past, as_of=TODAY)


@given(policies())
def test_a_policy_is_kept_and_read_back(policy) -> None:
    assert policy_of(content_of(policy)) == policy
    assert all(value <= MOST_POINTS for row in policy.points.values() for value in row)
